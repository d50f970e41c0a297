//! A calendar file (RFC 5545) of a booked show.
//!
//! Never: a ticket's code; calendars are shared.

import type { Booking, Event } from "#api";

/** Nobody says how long a show lasts; calendars want an end. */
const LASTS_MS = 3 * 3_600_000;
const LINE_BYTES = 75;

/** `origin`: of the site, such as `https://tickets.example`. */
export function calendarFile(event: Event, booking: Booking, origin: string, now = new Date()): string {
  const starts = new Date(event.starts_at);
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Ticketing//EN",
    "BEGIN:VEVENT",
    `UID:${booking.id}@ticketing`,
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(starts)}`,
    `DTEND:${utc(new Date(starts.getTime() + LASTS_MS))}`,
    `SUMMARY:${escaped(event.name)}`,
    `LOCATION:${escaped(event.venue_name)}`,
    `DESCRIPTION:${escaped(booking.seats.join(", "))}`,
    `URL:${origin}/bookings/${booking.id}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return `${lines.map(folded).join("\r\n")}\r\n`;
}

function utc(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");
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
