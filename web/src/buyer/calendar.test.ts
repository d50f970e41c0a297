//! The calendar file, as calendars read it.

import { expect, it } from "vitest";
import type { Booking, Event } from "#api";
import { calendarFile } from "./calendar";

const BOOKING = { id: "bkg_1", seats: ["A-1-1-1", "A-1-1-2"] } as unknown as Booking;

function file(event: Partial<Event>): string {
  const shown = { name: "Show", venue_name: "Hall", starts_at: "2030-05-01T11:30:00.000Z", ...event };
  return calendarFile(
    shown as Event,
    BOOKING,
    "https://tickets.example",
    new Date("2029-12-31T23:59:58.123Z"),
  );
}

it("says when, where and which seats, in UTC", () => {
  const lines = file({}).split("\r\n");
  expect(lines).toContain("DTSTAMP:20291231T235958Z");
  expect(lines).toContain("DTSTART:20300501T113000Z");
  expect(lines).toContain("DTEND:20300501T143000Z");
  expect(lines).toContain("UID:bkg_1@ticketing");
  expect(lines).toContain("DESCRIPTION:A-1-1-1\\, A-1-1-2");
  expect(lines).toContain("URL:https://tickets.example/bookings/bkg_1");
  expect(lines.at(-1)).toBe("");
});

it("escapes what would end a value", () => {
  expect(file({ name: "One; two, three\\\nfour" })).toContain("SUMMARY:One\\; two\\, three\\\\\\nfour\r\n");
});

it("breaks lines after 75 bytes, and never within a character", () => {
  const name = "漢".repeat(90);
  const text = file({ name });
  const longest = Math.max(...text.split("\r\n").map(line => new TextEncoder().encode(line).length));
  expect(longest).toBeLessThanOrEqual(75);
  expect(text.replaceAll("\r\n ", "")).toContain(`SUMMARY:${name}\r\n`);
});
