//! A date and a time at the venue, and the moment that they mean.
//!
//! Promises: a time that the clocks jump over that day is no time; one that comes twice is the
//! earlier. An event whose zone this browser does not know can be opened: its fields are in UTC.

import { fromDate, parseAbsolute, parseDateTime, toZoned } from "@internationalized/date";
import type { Language } from "../../i18n";
import type { SellerT } from "../words";
import zones from "./zones.json";

export interface VenueTime {
  /** `2030-05-01` */
  readonly date: string;
  /** `19:30` */
  readonly time: string;
}

/** A time of day of the 24-hour clock as people type it, as `19:30`; else undefined. */
export function readTime(text: string): string | undefined {
  const typed = text.normalize("NFKC").trim();
  const [, hour = "", minute] = /^([01]?\d|2[0-3])[:.]?([0-5]\d)$/.exec(typed) ?? [];
  return minute && `${hour.padStart(2, "0")}:${minute}`;
}

export function atVenue(iso: string, zone: string): VenueTime {
  const local = localOf(iso, zone) ?? localOf(iso, "UTC") ?? "";
  return { date: local.slice(0, 10), time: local.slice(11, 16) };
}

function localOf(iso: string, zone: string): string | undefined {
  try {
    return parseAbsolute(iso, zone).toString();
  } catch {
    return undefined;
  }
}

/** RFC 3339 in UTC; undefined when it is no time there. `time` is as it was typed. */
export function instantOf(date: string, time: string, zone: string): string | undefined {
  try {
    const wall = parseDateTime(`${date}T${readTime(time)}`);
    const at = toZoned(wall, zone, "earlier");
    const back = fromDate(at.toDate(), zone);
    const same = back.hour === wall.hour && back.minute === wall.minute && back.day === wall.day;
    return same ? at.toDate().toISOString() : undefined;
  } catch {
    return undefined;
  }
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Every zone that the program takes under this name (`zones.json` is held by its test). */
const ZONES: ReadonlySet<string> = new Set(zones);

/** Those that are named after a place, which a venue has. */
export function zoneNames(): readonly string[] {
  return zones.filter(zone => zone.includes("/") && !zone.startsWith("Etc/"));
}

/** Whether the program or this browser knows it; one may be newer than the other. */
export function isZone(zone: string): boolean {
  return ZONES.has(zone) || instantOf("2030-01-01", "12:00", zone) !== undefined;
}

/** The place of a zone in a language, such as `東京 · 日本時間`; empty where it has no name. */
export function placeWords(zone: string, language: Language, t: SellerT): string {
  const key = `cities.${zone}`;
  return [t.has(key) ? t(key) : "", genericWords(zone, language)].filter(Boolean).join(" · ");
}

function genericWords(zone: string, language: Language): string {
  try {
    const format = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: "shortGeneric" });
    return format.formatToParts().find(({ type }) => type === "timeZoneName")?.value ?? "";
  } catch {
    return "";
  }
}

/** `GMT+8`, at that moment or now. */
export function offsetWords(zone: string, language: string, iso: string | undefined): string {
  try {
    const format = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: "shortOffset" });
    const parts = format.formatToParts(iso ? new Date(iso) : new Date());
    return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  } catch {
    return "";
  }
}
