//! The words and the language of the page, together, since most components need both.

import { type BaseT, baseWords, type Language, useLanguage } from "../i18n";

export type { BaseT };

export function useWords(): { readonly t: BaseT; readonly language: Language } {
  const language = useLanguage();
  return { t: baseWords(language), language };
}
