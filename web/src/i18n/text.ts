//! Words of one language as functions of a key: blanks and plural forms.
//!
//! A blank is `{{name}}`. A text with a number has a key for each plural form of its language,
//! `seats_one` and `seats_other`; `seats` is asked for, with `count` among the blanks.

/** Words, in groups. */
export interface Texts {
  readonly [key: string]: string | Texts;
}

/**
 * The same keys with other texts, in the plural forms of another language. `T` has those of
 * English.
 */
export type Translated<T, Form extends Intl.LDMLPluralRule> = {
  readonly [K in keyof T as K extends `${string}_one`
    ? never
    : K extends `${infer Stem}_other`
      ? `${Stem}_${Form}`
      : K]: T[K] extends string ? string : Translated<T[K], Form>;
};

/** Every path to a text; of the forms of a plural only the common part. */
export type Key<T> = {
  [K in keyof T & string]: T[K] extends string
    ? K extends `${infer Stem}_${"one" | "other"}`
      ? Stem
      : K
    : `${K}.${Key<T[K]>}`;
}[keyof T & string];

export type Blanks = Readonly<Record<string, string | number>>;

export interface Translate<K extends string> {
  /** The text of a key, with its blanks filled. */
  (key: K, blanks?: Blanks): string;
  /** Whether there is a text for a key that came from the server. */
  has(key: string): key is K;
}

/** `language` is a BCP 47 tag: its rules choose the plural form. */
export function translateIn<K extends string>(language: string, texts: Texts): Translate<K> {
  const rules = new Intl.PluralRules(language);
  const translate = (key: K, blanks: Blanks = {}) => {
    const { count } = blanks;
    const plural = typeof count === "number" ? find(texts, `${key}_${rules.select(count)}`) : undefined;
    const text = plural ?? find(texts, key) ?? key;
    return text.replaceAll(/\{\{(\w+)\}\}/g, (blank, name) => String(blanks[name] ?? blank));
  };
  const has = (key: string): key is K => find(texts, key) !== undefined;
  return Object.assign(translate, { has });
}

function find(texts: Texts, key: string): string | undefined {
  let found: string | Texts | undefined = texts;
  for (const step of key.split(".")) {
    if (typeof found !== "object" || !Object.hasOwn(found, step)) return undefined;
    found = found[step];
  }
  return typeof found === "string" ? found : undefined;
}
