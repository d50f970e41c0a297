//! The words and the language of the page, together, since most components need both.

import { useTranslation } from "react-i18next";
import { currentLanguage, type Language } from "../i18n";

export function useWords() {
  const { t } = useTranslation("base");
  return { t, language: currentLanguage() as Language };
}
