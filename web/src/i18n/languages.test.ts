//! A language is whole, and it is a row: nothing else asks which language it is.

import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { BaseWords, MapTexts } from "../words/en";
import { base as english, map as englishMap } from "../words/en";
import type { SellerWords } from "../words/en.seller";
import { seller as englishSeller } from "../words/en.seller";
import { CODES, LANGUAGES, type LanguageRow } from "./languages";
import type { Texts, Translated } from "./text";

/** A third language: English in brackets, which has the plural forms of Polish. */
function bracketed<T extends Texts>(texts: T): Translated<T, "one" | "few" | "many" | "other"> {
  const entries = Object.entries(texts).flatMap(([key, text]) => {
    if (typeof text !== "string") return [[key, bracketed(text)]];
    const form = /^(.*)_(?:one|other)$/.exec(key);
    const keys = form ? ["one", "few", "many", "other"].map(name => `${form[1]}_${name}`) : [key];
    return keys.map(each => [each, `[${text}]`]);
  });
  return Object.fromEntries(entries);
}

const third = {
  label: "Brackets",
  short: "[]",
  direction: "rtl",
  words: async () => ({ base: bracketed(english), map: englishMap }),
  seller: async () => ({ seller: bracketed(englishSeller) }),
} satisfies LanguageRow;

/** Every path to a text, plural forms apart. */
type Path<T> = {
  [K in keyof T & string]-?: NonNullable<T[K]> extends string | ((...blanks: never[]) => string)
    ? K
    : `${K}.${Path<NonNullable<T[K]>>}`;
}[keyof T & string];

/** The same words, but for one of them. */
type Without<T, P extends string> = P extends `${infer Group}.${infer Rest}`
  ? { [K in keyof T]: K extends Group ? Without<T[K], Rest> : T[K] }
  : Omit<T, P>;

/** The words that a language could leave out and still compile. */
type Forgettable<T> = { [P in Path<T>]: Without<T, P> extends T ? P : never }[Path<T>];

test("a language compiles only with each of its words", () => {
  const none: [
    Forgettable<Translated<BaseWords, "other">>,
    Forgettable<MapTexts>,
    Forgettable<Translated<SellerWords, "other">>,
  ] extends [never, never, never]
    ? true
    : false = true;
  expect(none).toBe(true);

  const { app, ...rest } = bracketed(english);
  const { name, ...others } = app;
  const lacking = {
    ...third,
    words: async () => ({ base: { ...rest, app: others }, map: englishMap }),
  };
  // @ts-expect-error: a word is missing.
  const refused: LanguageRow = lacking;
  expect(refused.label).not.toBe(name);
});

const rows = [...CODES.map((code): [string, LanguageRow] => [code, LANGUAGES[code]]), ["pl", third] as const];

test.each(rows)("the words of %s have the plural forms and the blanks that they need", async (code, row) => {
  const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
  for (const [words, model] of [
    [(await row.words()).base, english],
    [(await row.seller()).seller, englishSeller],
  ] as const) {
    const own = flat(words);
    const theirs = flat(model);
    const plural = /^(.*)_(?:zero|one|two|few|many|other)$/;
    const expected = [...theirs.keys()].flatMap(key => {
      const stem = /^(.*)_other$/.exec(key)?.[1];
      if (stem !== undefined) return forms.map(form => `${stem}_${form}`);
      return plural.test(key) && theirs.has(key.replace(plural, "$1_other")) ? [] : [key];
    });
    expect([...own.keys()].toSorted()).toEqual(expected.toSorted());
    for (const [key, text] of own) {
      const other = blanks(theirs.get(key.replace(plural, "$1_other")) ?? theirs.get(key) ?? "");
      // A form that only one number has may leave the number out.
      const needed = plural.test(key) ? other.filter(blank => blank !== "{{count}}") : other;
      const found = blanks(text);
      expect([key, needed.filter(blank => !found.includes(blank))]).toEqual([key, []]);
      expect([key, found.filter(blank => !other.includes(blank))]).toEqual([key, []]);
      expect([key, text.trim()]).not.toEqual([key, ""]);
    }
  }
});

function flat(texts: Texts, before = ""): Map<string, string> {
  const found = Object.entries(texts).flatMap(([key, text]) =>
    typeof text === "string" ? [[before + key, text] as const] : [...flat(text, `${before}${key}.`)],
  );
  return new Map(found);
}

function blanks(text: string): string[] {
  return [...new Set(text.match(/\{\{\w+\}\}/g))].toSorted();
}

test("nothing but the table names a language", async () => {
  const root = new URL("../", import.meta.url).pathname;
  const files = await readdir(root, { recursive: true });
  const named = new RegExp(`["'\`](?:${CODES.join("|")}|zh|zh-Hant\\S*)["'\`]`);
  const sources = files.filter(
    file => /\.tsx?$/.test(file) && !/\.test\.ts$/.test(file) && file !== "i18n/languages.ts",
  );
  expect(sources.length).toBeGreaterThan(100);
  for (const file of sources) {
    expect([file, named.exec(await readFile(root + file, "utf8"))?.[0]]).toEqual([file, undefined]);
  }
});
