//! Dates, counts and money as people of a language read them. A show's times are always those of
//! its venue's time zone.
//!
//! Promises: whatever zone or moment comes, the answer is a text; nothing throws.
//! Never: calculates with money.

import type { Money } from "#api";
import type { Language } from "../i18n";
import { formatMoney } from "../map/money";

export function money(amount: Money, language: Language): string {
  return formatMoney(amount, language);
}

export function count(number: number, language: Language): string {
  return new Intl.NumberFormat(language).format(number);
}

export function percent(share: number, language: Language): string {
  return new Intl.NumberFormat(language, {
    style: "percent",
    maximumFractionDigits: share < 0.1 ? 1 : 0,
  }).format(share);
}

export interface ShowTime {
  readonly day: string;
  readonly month: string;
  readonly weekday: string;
  readonly year: string;
  /** `19:30`. */
  readonly time: string;
  /** `Wednesday, 1 May 2030`. */
  readonly date: string;
  /** `GMT+8`. */
  readonly zone: string;
  /** In the reader's own zone, when it reads differently there. */
  readonly yours: string | undefined;
}

export function showTime(iso: string, zone: string, language: Language): ShowTime {
  const at = new Date(iso);
  const as = (options: Intl.DateTimeFormatOptions) => written(at, language, { timeZone: zone, ...options });
  const part = (options: Intl.DateTimeFormatOptions, type: string) =>
    isMoment(at)
      ? (formatOf(language, { timeZone: zone, ...options })
          .formatToParts(at)
          .find(found => found.type === type)?.value ?? "")
      : NO_MOMENT;
  const time = as({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return {
    day: part({ day: "numeric" }, "day"),
    month: as({ month: "short" }),
    weekday: as({ weekday: "short" }),
    year: part({ year: "numeric" }, "year"),
    time,
    date: as({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    zone: part({ timeZoneName: "short", hour: "numeric" }, "timeZoneName"),
    yours: inOwnZone(at, zone, language),
  };
}

function inOwnZone(at: Date, zone: string, language: Language): string | undefined {
  const options: Intl.DateTimeFormatOptions = {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  };
  const there = written(at, language, { ...options, timeZone: zone });
  const here = written(at, language, options);
  return here === there ? undefined : here;
}

/** A moment in the reader's own time: when something was booked, until when it is held. */
export function moment(iso: string | number, language: Language): string {
  return written(new Date(iso), language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}

export function clock(iso: string | number, language: Language): string {
  return written(new Date(iso), language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function day(iso: string, language: Language): string {
  return written(new Date(iso), language, { dateStyle: "long" });
}

const NO_MOMENT = "–";

/** A date in words; a dash for a moment that is none. */
export function written(at: Date, language: Language, options: Intl.DateTimeFormatOptions): string {
  return isMoment(at) ? formatOf(language, options).format(at) : NO_MOMENT;
}

function isMoment(at: Date): boolean {
  return !Number.isNaN(at.getTime());
}

/** In UTC where this browser does not know the zone. */
function formatOf(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(language, options);
  } catch {
    return new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });
  }
}
