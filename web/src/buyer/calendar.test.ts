//! The calendar file, as calendars read it.

import { expect, it } from "vitest";
import type { Booking, Event } from "#api";
import { calendarFile } from "./calendar";

const PAID = Date.parse("2029-12-31T23:00:00.000Z");
const NOW = Date.parse("2029-12-31T23:59:58.123Z");
const BOOKING = {
  id: "bkg_1",
  seats: ["A-1-1-1", "A-1-1-2"],
  paid_at: new Date(PAID).toISOString(),
} as unknown as Booking;

function file(event: Partial<Event>, now = NOW): string {
  const shown = { name: "Show", venue_name: "Hall", starts_at: "2030-05-01T11:30:00.000Z", ...event };
  return calendarFile(shown as Event, BOOKING, "https://tickets.example", now);
}

/** The lines as a calendar takes them: unfolded. */
function linesOf(text: string): string[] {
  return text.replaceAll("\r\n ", "").split("\r\n");
}

it("says when, where and which seats, in UTC", () => {
  const lines = linesOf(file({}));
  expect(lines).toContain("DTSTAMP:20291231T235958Z");
  expect(lines).toContain("DTSTART:20300501T113000Z");
  expect(lines).toContain("DTEND:20300501T143000Z");
  expect(lines).toContain("LOCATION:Hall");
  expect(lines).toContain("UID:bkg_1@ticketing");
  expect(lines.at(-1)).toBe("");
});

it("leads to the tickets, also in calendars that show a text only", () => {
  const lines = linesOf(file({}));
  expect(lines).toContain("URL:https://tickets.example/bookings/bkg_1");
  expect(lines).toContain("DESCRIPTION:A-1-1-1\\, A-1-1-2\\nhttps://tickets.example/bookings/bkg_1");
});

it("is a later revision than every file before it, so that a show which was moved moves there", () => {
  const sequence = (now: number) =>
    Number(
      linesOf(file({}, now))
        .find(line => line.startsWith("SEQUENCE:"))
        ?.slice("SEQUENCE:".length),
    );
  expect(sequence(PAID)).toBe(0);
  expect(sequence(PAID + 1_000)).toBe(1);
  expect(sequence(NOW)).toBe(3_598);
  // A device that has not heard of the server's time yet.
  expect(sequence(PAID - 5_000)).toBe(0);
});

it("names no place where the event has none", () => {
  expect(file({ venue_name: "" })).not.toContain("LOCATION");
});

it("escapes what would end a value", () => {
  expect(file({ name: "One; two, three\\\nfour\rfive" })).toContain(
    "SUMMARY:One\\; two\\, three\\\\\\nfour\\nfive\r\n",
  );
});

it("breaks lines after 75 bytes, and never within a character", () => {
  const name = "漢".repeat(90);
  const text = file({ name });
  const longest = Math.max(...text.split("\r\n").map(line => new TextEncoder().encode(line).length));
  expect(longest).toBeLessThanOrEqual(75);
  expect(text.replaceAll("\r\n ", "")).toContain(`SUMMARY:${name}\r\n`);
});
