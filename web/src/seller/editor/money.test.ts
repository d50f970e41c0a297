import { expect, test } from "vitest";
import { decimals } from "../../lib/currency";
import { parsePrice, typedPrice } from "./money";

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
