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

test("what a buyer takes is counted in 張", () => {
  const counted = texts(base).filter(text => /\{\{(?:count|free|got|asked)\}\} 席/.test(text));
  expect(counted).toEqual([]);
});
