import { expect, test } from "vitest";
import { parsePrice, typedPrice } from "./money";

test.each([
  ["1500", "TWD", 150_000],
  ["1,500.5", "TWD", 150_050],
  [" 0 ", "TWD", 0],
  ["12.", "EUR", 1_200],
  ["12.340", "EUR", 1_234],
  ["12.345", "EUR", undefined],
  ["1500", "JPY", 1_500],
  ["1500.0", "JPY", 1_500],
  ["1.234", "KWD", 1_234],
  ["-1", "TWD", undefined],
  ["1e3", "TWD", undefined],
  ["", "TWD", undefined],
  ["99999999999999999999", "TWD", undefined],
])("%s %s is %s in minor units", (text, currency, minor) => {
  expect(parsePrice(text, currency)).toBe(minor);
});

test.each([
  [150_000, "TWD", "1500"],
  [150_050, "TWD", "1500.50"],
  [5, "EUR", "0.05"],
  [1_500, "JPY", "1500"],
])("%s %s is typed %s, and read back", (minor, currency, text) => {
  expect(typedPrice(minor, currency)).toBe(text);
  expect(parsePrice(text, currency)).toBe(minor);
});
