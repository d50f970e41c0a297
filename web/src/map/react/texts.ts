//! The map's texts in the language of the page.

import { mapTexts, useLanguage } from "../../i18n";
import type { MapTexts } from "../../words/en";

export function useMapTexts(): MapTexts {
  return mapTexts(useLanguage());
}

/** The language of the page, for numbers, money and times. */
export function useMapLocale(): string {
  return useLanguage();
}
