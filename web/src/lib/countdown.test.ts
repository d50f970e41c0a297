//! Time that is left, by the server's clock.

import { afterEach, expect, it } from "vitest";
import { learnServerTime, minuteToSpeak, timeLeft } from "./countdown";

const NOW = Date.parse("2030-01-01T12:00:00Z");
const at = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString();

afterEach(() => learnServerTime(new Date(NOW).toUTCString(), NOW));

it.each([
  [900, "15:00", false],
  [61, "1:01", false],
  [0.4, "0:01", false],
  [0, "0:00", true],
  [-5, "0:00", true],
])("%d seconds before the deadline it says %s", (seconds, text, over) => {
  expect(timeLeft(at(seconds), NOW)).toMatchObject({ text, over });
});

it("counts by the server's clock when the browser's is wrong", () => {
  learnServerTime(new Date(NOW + 120_000).toUTCString(), NOW);
  expect(timeLeft(at(180), NOW).text).toBe("1:00");
});

it("takes a difference within the seconds of the header for none", () => {
  learnServerTime(new Date(NOW + 1_000).toUTCString(), NOW);
  expect(timeLeft(at(60), NOW).text).toBe("1:00");
});

it("speaks of a minute once, when it is reached", () => {
  expect(minuteToSpeak(301, 300)).toBe(5);
  expect(minuteToSpeak(300, 299)).toBeUndefined();
  expect(minuteToSpeak(130, 110)).toBe(2);
  expect(minuteToSpeak(10, 0)).toBeUndefined();
});
