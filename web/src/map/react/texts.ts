//! The map's texts in the language of the page.

import i18next from "i18next";
import { useSyncExternalStore } from "react";
import { en, type MapTexts } from "../locales/en";
import { zhTW } from "../locales/zh-TW";

export function useMapTexts(): MapTexts {
  return useMapLocale().startsWith("zh") ? zhTW : en;
}

/** The language of the page, for numbers, money and times. */
export function useMapLocale(): string {
  return useSyncExternalStore(onLanguage, () => i18next.language ?? "en");
}

function onLanguage(listener: () => void): () => void {
  i18next.on("languageChanged", listener);
  return () => i18next.off("languageChanged", listener);
}
