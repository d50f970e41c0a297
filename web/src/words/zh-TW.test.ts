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

test("a named section is a 區, set off from its name", () => {
  const all = [base, map, seller].flatMap(texts);
  expect(all.filter(text => /\}區/.test(text))).toEqual([]);
  const named = all.filter(text => /\{\{(?:section|old)\}\}/.test(text));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(text => !/\{\{(?:section|old)\}\} 區/.test(text))).toEqual([]);
});

test("what ticket sellers in Taiwan say", () => {
  expect([base.event.venue, seller.sales.house]).toEqual(["全場座位現況", "全場座位現況"]);
  expect(base.connection.lost).toBe("連線中斷，重新連線中");
  expect(map.reconnecting("19:05")).toContain(base.connection.lost);
  expect([base.event.best, base.pick.suggest]).toEqual(["電腦配位", "電腦配位"]);
  expect(base.booking.states.failed).toMatchObject({ name: "配位失敗", title: "配位失敗" });
});
