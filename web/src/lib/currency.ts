//! How many decimals the amounts of a currency have.
//!
//! Promises: one answer for reading and for showing, in every browser: the minor unit of ISO 4217,
//! as the program has it (`currencies.json` is held by its test). Amounts from the API say their
//! own.
//! Never: the browser's locale data, in which it differs (HUF has 2 decimals in one, 0 in another).

import type { Language } from "../i18n";
import type { Money } from "../map/types";
import table from "./currencies.json";

const DECIMALS: ReadonlyMap<string, number> = new Map(Object.entries(table));

/** Every currency that prices can be set in. */
export const CURRENCIES: readonly string[] = Object.keys(table);

/** Two for a code that is none. */
export function decimals(currency: string): number {
  return DECIMALS.get(currency) ?? 2;
}

/** The names of currencies in a language; the code itself where it has none. */
export function currencyNames(language: Language): (currency: string) => string {
  const names = new Intl.DisplayNames(language, { type: "currency" });
  return currency => names.of(currency) ?? currency;
}

/** An amount that the API has not named. */
export function moneyOf(amount_minor: number, currency: string): Money {
  return { amount_minor, currency, decimals: decimals(currency) };
}
