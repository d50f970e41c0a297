import { expect, test } from "vitest";
import { CODES } from "../i18n/languages";
import { sinceWords } from "../seller/seats/SeatTable";
import { clock, moment } from "./format";

test.each(CODES)("times are of 24 hours in %s", language => {
  const evening = new Date(2030, 4, 1, 19, 5, 9);
  const iso = evening.toISOString();
  expect(moment(iso, language)).toContain("19:05");
  expect(clock(iso, language)).toBe("19:05");
  expect(sinceWords(iso, language, evening)).toBe("19:05:09");
});
