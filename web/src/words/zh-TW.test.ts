//! The terms of 繁體中文, as ticket sellers in Taiwan use them.

import { expect, test } from "vitest";
import { base, map } from "./zh-TW";
import { seller } from "./zh-TW.seller";

/** Every text; those of the map with their blanks empty. */
function texts(of: unknown): string[] {
  if (typeof of === "string") return [of];
  if (typeof of === "function") return [String(of)];
  return typeof of === "object" && of !== null ? Object.values(of).flatMap(texts) : [];
}

test.each([
  ["分區", "票區"],
  ["賣家", "主辦單位"],
  ["買家", "購票人"],
  ["訂位", "購票"],
  ["活動", "演出"],
])("no text says %s, but %s", (old, term) => {
  const all = [base, map, seller].flatMap(texts);
  expect(all.filter(text => text.includes(old))).toEqual([]);
  expect(all.some(text => text.includes(term))).toBe(true);
});

test("buyers order and buy, and never 訂 a seat", () => {
  const all = [base, map, seller].flatMap(texts);
  expect(all.filter(text => /(?<!自)訂(?![單購])/.test(text))).toEqual([]);
});

test("what a buyer takes or can take is counted in 張", () => {
  const counted = [base, seller].flatMap(texts);
  const wrong = /\{\{(?:count|free|got|asked|taken)\}\}(?! (?:張|筆|場|個|處|分鐘))/;
  expect(counted.filter(text => wrong.test(text))).toEqual([]);
});

test("what one moves between and chooses by are 票區", () => {
  expect(map.keys).toContain("在各票區之間移動");
  expect(map.list.title).toBe("依票區與排選位");
});
