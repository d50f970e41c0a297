//! The languages of the pages: one row for each, and nothing else knows which ones there are.
//!
//! To add a language: its words in `src/words/<code>.ts` and `src/words/<code>.seller.ts`, and its
//! row here. The compiler asks for each word, the tests of this folder for the plural forms and the
//! blanks.
//!
//! Never: words. They are fetched when a reader needs them.

import type { BaseWords, MapTexts } from "../words/en";
import type { SellerWords } from "../words/en.seller";
import type { Translated } from "./text";

export interface LanguageRow {
  /** The language's own name. */
  readonly label: string;
  /** The same, for a small button. */
  readonly short: string;
  /** Of `<html dir>`. */
  readonly direction: "ltr" | "rtl";
  /** What every page needs. */
  readonly words: () => Promise<{ readonly base: Translated<BaseWords, "other">; readonly map: MapTexts }>;
  /** What the seller's pages need beyond it. */
  readonly seller: () => Promise<{
    readonly seller: Translated<SellerWords, "other">;
    /**
     * The cities of time zones, for a language that writes them otherwise than the zone's own name
     * does: CLDR's exemplar cities, which no browser hands out.
     */
    readonly cities?: Readonly<Record<string, string>>;
  }>;
}

/**
 * By code: a BCP 47 tag, which is `<html lang>` and the locale of numbers, money and dates too.
 * Readers of no language of these get the first.
 */
export const LANGUAGES = {
  en: {
    label: "English",
    short: "EN",
    direction: "ltr",
    words: () => import("../words/en.ts"),
    seller: () => import("../words/en.seller.ts"),
  },
  "zh-TW": {
    label: "繁體中文",
    short: "中文",
    direction: "ltr",
    words: () => import("../words/zh-TW.ts"),
    seller: () => import("../words/zh-TW.seller.ts"),
  },
} as const satisfies Readonly<Record<string, LanguageRow>>;

export type Language = keyof typeof LANGUAGES;

export const CODES = Object.keys(LANGUAGES) as [Language, ...Language[]];
