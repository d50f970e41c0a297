import { expect, test } from "vitest";
import { CODES } from "../i18n/languages";
import { formatMoney } from "../map/money";
import { atVenue } from "../seller/editor/venueTime";
import { sinceWords } from "../seller/seats/SeatTable";
import { clock, day, moment, showTime } from "./format";

test.each(CODES)("times are of 24 hours in %s", language => {
  const evening = new Date(2030, 4, 1, 19, 5, 9);
  const iso = evening.toISOString();
  expect(moment(iso, language)).toContain("19:05");
  expect(clock(iso, language)).toBe("19:05");
  expect(sinceWords(iso, language, evening)).toBe("19:05:09");
});

test.each(CODES)("a zone that no browser knows is shown as UTC in %s", language => {
  for (const zone of ["Etc/Unknown", "localtime", "", "Moon/Base"]) {
    const shown = showTime("2030-05-01T11:30:00Z", zone, language);
    expect([shown.time, shown.zone]).toEqual(["11:30", "UTC"]);
  }
  expect(atVenue("2030-05-01T11:30:00Z", "Etc/Unknown")).toEqual({ date: "2030-05-01", time: "11:30" });
});

test.each(CODES)("what is no moment is a dash in %s", language => {
  const never = "9000000000000000";
  expect([moment(never, language), clock(never, language), day(never, language)]).toEqual(["–", "–", "–"]);
  const { yours, ...shown } = showTime(never, "Asia/Taipei", language);
  expect([...new Set(Object.values(shown)), yours]).toEqual(["–", undefined]);
  expect(sinceWords(never, language)).toContain("–");
  expect(atVenue(never, "Asia/Taipei")).toEqual({ date: "", time: "" });
  expect(formatMoney({ amount_minor: 150, currency: "?", decimals: 2 }, language)).toBe("1.50");
});
