//! The words and the language of the page, together, since most components need both.

import { useTranslation } from "react-i18next";
import { currentLanguage, type Language } from "../i18n";
import type { BaseWords } from "../i18n/en";

/** Every path to a text; of the forms of a plural only the common part is asked for. */
export type Key<T> = {
  [K in keyof T & string]: T[K] extends string
    ? K extends `${infer Plural}_${"one" | "other"}`
      ? Plural
      : K
    : `${K}.${Key<T[K]>}`;
}[keyof T & string];

export type WordKey = Key<BaseWords>;

/** The text of a key, with its blanks filled. */
export type Words = (key: WordKey, blanks?: Readonly<Record<string, string | number>>) => string;

export function useWords(): { readonly t: Words; readonly language: Language } {
  const { t } = useTranslation("base");
  return { t: t as unknown as Words, language: currentLanguage() };
}
