//! Typed prices: what is read, what is refused with which words, what is shown back.

import { describe, expect, test } from "vitest";
import { CURRENCIES, decimals } from "../../lib/currency";
import { parsePrice, readBack, readPrice, typedPrice } from "./money";

test.each([
  ["1500", "TWD", 150_000],
  ["1,500.5", "TWD", 150_050],
  [" 0 ", "TWD", 0],
  ["12.", "EUR", 1_200],
  ["1500", "JPY", 1_500],
  ["1500.0", "JPY", 1_500],
  ["1500,00", "JPY", 1_500],
  ["1.234", "KWD", 1_234],
  ["1.2340", "KWD", 1_234],
  // A last mark before one to the currency's decimals is the decimal mark, whichever it is.
  ["12,50", "EUR", 1_250],
  ["12,5", "EUR", 1_250],
  [",50", "EUR", 50],
  [".5", "USD", 50],
  ["12.50", "EUR", 1_250],
  ["1.250,00", "EUR", 125_000],
  ["1,250.00", "EUR", 125_000],
  ["1 250,00", "EUR", 125_000],
  ["1\u202f250,00", "EUR", 125_000],
  ["1’250.50", "CHF", 125_050],
  ["1,234.567", "KWD", 1_234_567],
  ["0.500", "EUR", 50],
  ["１，２５０．５０", "TWD", 125_050],
  // Three digits behind a mark are thousands, unless the currency has three decimals.
  ["1.250", "EUR", 125_000],
  ["1,250", "EUR", 125_000],
  ["1,250", "JPY", 1_250],
  ["12.340", "EUR", 1_234_000],
  ["1.234.567", "EUR", 123_456_700],
  ["1,00,000", "INR", 10_000_000],
  // No amount, or an ambiguous one.
  ["12.345,678", "EUR", undefined],
  ["1,500.501", "EUR", undefined],
  ["12.3456", "EUR", undefined],
  ["1.234.56", "EUR", undefined],
  ["1,23,45", "EUR", undefined],
  ["1.250.000,5,5", "EUR", undefined],
  ["12 50", "EUR", undefined],
  ["1500.5", "JPY", undefined],
  ["-1", "TWD", undefined],
  ["1e3", "TWD", undefined],
  ["", "TWD", undefined],
  [".", "TWD", undefined],
  [",", "JPY", undefined],
  [".50", "JPY", undefined],
  ["99999999999999999999", "TWD", undefined],
])("%s %s is %s in minor units", (text, currency, minor) => {
  expect(parsePrice(text, decimals(currency))).toBe(minor);
});

test.each([
  [150_000, "TWD", "1500"],
  [150_050, "TWD", "1500.50"],
  [5, "EUR", "0.05"],
  [1_500, "JPY", "1500"],
  [1_500, "KWD", "1.500"],
])("%s %s is typed %s, and read back", (minor, currency, text) => {
  expect(typedPrice(minor, decimals(currency))).toBe(text);
  expect(parsePrice(text, decimals(currency))).toBe(minor);
});

test.each<[string, string, string]>([
  ["free", "EUR", "no_price"],
  ["€ 12", "EUR", "no_price"],
  ["12 50", "EUR", "no_price"],
  ["1.234.56", "EUR", "no_price"],
  ["99999999999999999999", "TWD", "no_price"],
  ["12,345", "TWD", ""],
  ["12,3456", "TWD", "price_decimals"],
  ["1250.5", "JPY", "price_decimals"],
])("what cannot be read is refused with words: %s %s: %s", (text, currency, fault) => {
  const read = readPrice(text, decimals(currency));
  expect("fault" in read ? read.fault : "").toBe(fault);
});

test.each([
  ["1.250", "EUR", 125_000],
  ["1.250", "KWD", 1_250],
  ["1,250", "JPY", 1_250],
  ["12,50", "EUR", 1_250],
  ["1500.50", "TWD", 150_050],
  // No mark, nothing to read in two ways.
  ["1250", "EUR", undefined],
  [" 1250 ", "KWD", undefined],
  // What is refused has its words instead.
  ["1.2.3", "EUR", undefined],
  ["", "EUR", undefined],
])("of %s %s it is shown how it was read: %s", (text, currency, minor) => {
  expect(readBack(text, decimals(currency))).toBe(minor);
});

describe("an amount as a country writes it, with all its decimals, is read as what it is", () => {
  const COUNTRIES = "en-US en-IN de-DE de-AT de-CH fr-FR fr-CH it-IT es-ES pt-BR pl-PL sv-SE zh-TW ja-JP";
  const AMOUNTS = [0, 5, 100, 1_250, 12_345, 125_000, 1_234_567, 100_000_000];

  test.each(COUNTRIES.split(" "))("%s", country => {
    for (const digits of new Set(CURRENCIES.map(decimals))) {
      const all = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      const written = new Intl.NumberFormat(country, all);
      for (const minor of AMOUNTS) {
        const text = written.format(minor / 10 ** digits);
        expect([text, digits, parsePrice(text, digits)]).toEqual([text, digits, minor]);
      }
    }
  });
});
