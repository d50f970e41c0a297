//! The server's time, and what is left of it.

import { beforeEach, expect, it, vi } from "vitest";

const NOW = Date.parse("2030-01-01T12:00:00Z");
const iso = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString();
const date = (seconds: number) => new Date(NOW + seconds * 1_000).toUTCString();

/** A page that has just been loaded. */
let page: typeof import("./countdown");
beforeEach(async () => {
  vi.resetModules();
  page = await import("./countdown");
});

it.each([
  [900, "15:00", false],
  [61, "1:01", false],
  [0.4, "0:01", false],
  [0, "0:00", true],
  [-5, "0:00", true],
])("%d seconds before the deadline it says %s", (seconds, text, over) => {
  expect(page.timeLeft(iso(seconds), NOW)).toMatchObject({ text, over });
});

it("goes by the server's time, whatever the browser's clock says", () => {
  page.learnServerTime(date(0), 10_000);
  expect(page.serverNow(10_000)).toBe(NOW + 500);
  expect(page.serverNow(70_000)).toBe(NOW + 60_500);
});

it("does not tremble with the seconds of each answer", () => {
  page.learnServerTime(date(0), 10_000);
  const seen = [0, 300, 600, 900, 1_200].map(passed => {
    page.learnServerTime(date(Math.floor((passed + 700) / 1_000)), 10_000 + passed);
    return page.serverNow(10_000 + passed) - passed;
  });
  expect(new Set(seen)).toEqual(new Set([NOW + 500]));
});

it("catches up after a sleep in which the monotonic clock stood, and never goes back", () => {
  page.learnServerTime(date(0), 10_000);
  page.learnServerTime(date(600), 11_000);
  expect(page.serverNow(11_000)).toBe(NOW + 600_500);
  // An answer that a cache has kept.
  page.learnServerTime(date(0), 12_000);
  expect(page.serverNow(12_000)).toBe(NOW + 601_500);
});

it("learns nothing from an answer without a date", () => {
  page.learnServerTime(null, 10_000);
  page.learnServerTime("soon", 10_000);
  expect(Math.abs(page.serverNow(10_000) - Date.now())).toBeLessThan(60_000);
});

it("speaks of a minute once, when it is reached", () => {
  expect(page.minuteToSpeak(301, 300)).toBe(5);
  expect(page.minuteToSpeak(300, 299)).toBeUndefined();
  expect(page.minuteToSpeak(130, 110)).toBe(2);
  expect(page.minuteToSpeak(10, 0)).toBeUndefined();
});
