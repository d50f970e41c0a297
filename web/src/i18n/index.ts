//! The language of the page and its words.
//!
//! Promises: a language is shown only when all words that the page needs are there.
//! Never: fetches words of a language that nobody chose.

import { useSyncExternalStore } from "react";
import { wantedLanguage } from "../early";
import type { BaseWords, MapTexts } from "../words/en";
import type { SellerWords } from "../words/en.seller";
import { CODES, LANGUAGES, type Language, type LanguageRow } from "./languages";
import { type Key, type Translate, translateIn } from "./text";

export { CODES, LANGUAGES, type Language };

export type BaseT = Translate<Key<BaseWords>>;
export type SellerT = Translate<Key<SellerWords>>;

interface Base {
  readonly t: BaseT;
  readonly map: MapTexts;
}

const base = new Map<Language, Base>();
const seller = new Map<Language, SellerT>();
const listeners = new Set<() => void>();

let shown: Language = CODES[0];
/** The language that was chosen last; its words may still be on their way. */
let wanted: Language = shown;
let wantsSeller = false;

export async function startLanguage(): Promise<void> {
  await setLanguage(wantedLanguage(CODES));
}

/**
 * Shows the page in a language once its words are there. Fails when they cannot be fetched; the
 * language stays.
 */
export async function setLanguage(language: Language): Promise<void> {
  wanted = language;
  try {
    await load(language);
  } catch (error) {
    if (wanted === language) wanted = shown;
    throw error;
  }
  if (wanted === language) show(language);
}

export async function chooseLanguage(language: Language): Promise<void> {
  await setLanguage(language);
  try {
    localStorage.setItem("language", language);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}

/** Await it before a page of the seller is shown. */
export async function loadSellerWords(): Promise<void> {
  wantsSeller = true;
  await load(wanted);
}

async function load(language: Language): Promise<void> {
  const row: LanguageRow = LANGUAGES[language];
  const loadBase = async () => {
    const words = await row.words();
    base.set(language, { t: translateIn(language, words.base), map: words.map });
  };
  const loadSeller = async () => {
    const { seller: words, cities = {} } = await row.seller();
    seller.set(language, translateIn(language, { ...words, cities }));
  };
  await Promise.all([base.has(language) || loadBase(), !wantsSeller || seller.has(language) || loadSeller()]);
}

function show(language: Language): void {
  shown = language;
  const { documentElement: root } = document;
  root.lang = language;
  root.dir = LANGUAGES[language].direction;
  const description = document.querySelector("meta[name=description]");
  description?.setAttribute("content", baseWords(language)("app.description"));
  for (const listener of listeners) listener();
}

export function baseWords(language: Language): BaseT {
  return ofLanguage(base, language).t;
}

export function mapTexts(language: Language): MapTexts {
  return ofLanguage(base, language).map;
}

export function sellerWords(language: Language): SellerT {
  return ofLanguage(seller, language);
}

function ofLanguage<T>(words: ReadonlyMap<Language, T>, language: Language): T {
  const found = words.get(language);
  if (!found) throw new Error(`the words of ${language} are not loaded`);
  return found;
}

/** Renders again when the language changes. */
export function useLanguage(): Language {
  return useSyncExternalStore(listen, () => shown);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
