//! The words of the seller's pages, fetched with the first of them.

import { useTranslation } from "react-i18next";
import { addWords, currentLanguage, type Language } from "../i18n";
import type { Key } from "../lib/useWords";
import { en, type SellerWords } from "./locales/en";

declare module "../i18n/index" {
  interface Resources {
    seller: SellerWords;
  }
}

/** The text of a key, with its blanks filled. */
export type SellerT = (key: Key<SellerWords>, blanks?: Readonly<Record<string, string | number>>) => string;

/** Await it before a page of the seller is shown. */
export function loadSellerWords(): Promise<void> {
  return addWords("seller", async language =>
    language === "en" ? en : (await import("./locales/zh-TW")).zhTW,
  );
}

export function useSellerWords(): { readonly t: SellerT; readonly language: Language } {
  const { t } = useTranslation("seller");
  return { t: t as unknown as SellerT, language: currentLanguage() };
}
