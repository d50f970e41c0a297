//! A calendar file (RFC 5545) of a booked show.
//!
//! Promises: each file is a later revision than those before it, so that a calendar which has one
//! takes the times of the next. Never: a ticket's code; calendars are shared.

import type { Booking, Event } from "#api";
import { serverNow } from "../lib/countdown";

/** Nobody says how long a show lasts; calendars want an end. */
const LASTS_MS = 3 * 3_600_000;
const LINE_BYTES = 75;

/** `origin`: of the site, such as `https://tickets.example`. `now`: the server's time. */
export function calendarFile(event: Event, booking: Booking, origin: string, now = serverNow()): string {
  const starts = Date.parse(event.starts_at);
  const address = `${origin}/bookings/${booking.id}`;
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Ticketing//EN",
    "BEGIN:VEVENT",
    `UID:${booking.id}@ticketing`,
    `SEQUENCE:${revision(booking, now)}`,
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(starts)}`,
    `DTEND:${utc(starts + LASTS_MS)}`,
    `SUMMARY:${escaped(event.name)}`,
    ...(event.venue_name ? [`LOCATION:${escaped(event.venue_name)}`] : []),
    // Many calendars show no URL.
    `DESCRIPTION:${escaped(`${booking.seats.join(", ")}\n${address}`)}`,
    `URL:${address}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return `${lines.map(folded).join("\r\n")}\r\n`;
}

/** Nobody says how often a show was changed; the seconds since the payment rise, too. */
function revision({ paid_at, created_at }: Booking, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(paid_at ?? created_at)) / 1_000));
}

function utc(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r\n|\r|\n/g, "\\n");
}

/** Lines longer than 75 bytes are folded: they continue after a break and a space. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = "";
  let bytes = 0;
  for (const char of line) {
    const size = new TextEncoder().encode(char).length;
    if (bytes + size > LINE_BYTES) {
      parts.push(part);
      part = " ";
      bytes = 1;
    }
    part += char;
    bytes += size;
  }
  return [...parts, part].join("\r\n");
}

export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/calendar" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replace(/[\\/:*?"<>|]/g, "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}
