//! The application's words. Only the chosen language is fetched; keys are checked by the compiler in both.
//! A part that is loaded later (the map, the seller's pages) brings its own words with `addWords`.

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { type Language, wantedLanguage } from "../early";
import type { BaseWords } from "./en";

export type { Language };
export const LANGUAGES: readonly Language[] = ["en", "zh-TW"];

/** The same keys with other texts. Chinese has no singular of its own, so `_one` falls away. */
export type Translated<T> = {
  readonly [K in keyof T as K extends `${string}_one` ? never : K]: T[K] extends string
    ? string
    : Translated<T[K]>;
};

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "base";
    returnNull: false;
    resources: Resources;
  }
}

/** Every namespace and its words; parts of the application add theirs by declaration merging. */
export interface Resources {
  base: BaseWords;
}

type Loader = (language: Language) => Promise<object>;

const loaders = new Map<string, Loader>([
  [
    "base",
    async language => (language === "en" ? (await import("./en")).en : (await import("./zh-TW")).zhTW),
  ],
]);

export function currentLanguage(): Language {
  return i18next.language === "zh-TW" ? "zh-TW" : "en";
}

/** The language that is wanted now; its words may still be on their way. */
let wanted: Language = "en";

export async function startLanguage(): Promise<void> {
  wanted = wantedLanguage();
  await i18next.use(initReactI18next).init({
    fallbackLng: false,
    ns: ["base"],
    defaultNS: "base",
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await setLanguage(wanted);
}

export async function setLanguage(language: Language): Promise<void> {
  wanted = language;
  await Promise.all([...loaders.keys()].map(namespace => load(namespace, language)));
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === "zh-TW" ? "zh-Hant-TW" : "en";
}

export async function chooseLanguage(language: Language): Promise<void> {
  await setLanguage(language);
  try {
    localStorage.setItem("language", language);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}

/** Adds the words of a part that is loaded later; await it before the part is shown. */
export async function addWords(namespace: keyof Resources, loader: Loader): Promise<void> {
  loaders.set(namespace, loader);
  await load(namespace, wanted);
}

async function load(namespace: string, language: Language): Promise<void> {
  const loader = loaders.get(namespace);
  if (loader && !i18next.hasResourceBundle(language, namespace)) {
    i18next.addResourceBundle(language, namespace, await loader(language));
  }
}
