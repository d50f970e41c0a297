//! The places of time zones, in words that people search for.

import { expect, test } from "vitest";
import { LANGUAGES, type Language, type LanguageRow } from "../../i18n/languages";
import { translateIn } from "../../i18n/text";
import type { SellerT } from "../words";
import { placeWords, readTime, zoneNames } from "./venueTime";

async function words(zone: string, language: Language): Promise<string> {
  const row: LanguageRow = LANGUAGES[language];
  const { cities = {} } = await row.seller();
  return placeWords(zone, language, translateIn(language, { cities }) as SellerT);
}

test.each([
  ["19:30", "19:30"],
  ["7:05", "07:05"],
  ["1930", "19:30"],
  ["730", "07:30"],
  ["19.30", "19:30"],
  [" １９：３０ ", "19:30"],
  ["00:00", "00:00"],
  ["24:00", undefined],
  ["19:60", undefined],
  ["7:3", undefined],
  ["7:30 pm", undefined],
  ["19", undefined],
  ["", undefined],
])("a time typed as %j is %j", (typed, time) => {
  expect(readTime(typed)).toBe(time);
});

test.each([
  ["Asia/Taipei", "zh-TW", "台北 · 台灣時間"],
  ["Asia/Tokyo", "zh-TW", "東京 · 日本時間"],
  // Browsers differ in which name of a zone they list.
  ["Asia/Kolkata", "zh-TW", "加爾各答 · 印度時間"],
  ["Asia/Calcutta", "zh-TW", "加爾各答 · 印度時間"],
  ["Asia/Tokyo", "en", "Japan Time"],
] as const)("%s in %s", async (zone, language, expected) => {
  expect(await words(zone, language)).toBe(expected);
});

test("each zone that is offered has a Chinese city", async () => {
  const all = await Promise.all(zoneNames().map(async zone => [zone, await words(zone, "zh-TW")] as const));
  expect(all.filter(([, place]) => !/^\p{Script=Han}/u.test(place))).toEqual([]);
});
