//! Dates, counts and money as people of a language read them. A show's times are always those of
//! its venue's time zone.
//!
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
  const as = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: zone, ...options }).format(at);
  const part = (options: Intl.DateTimeFormatOptions, type: string) =>
    new Intl.DateTimeFormat(language, { timeZone: zone, ...options })
      .formatToParts(at)
      .find(found => found.type === type)?.value ?? "";
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
  const there = new Intl.DateTimeFormat(language, { ...options, timeZone: zone }).format(at);
  const here = new Intl.DateTimeFormat(language, options).format(at);
  return here === there ? undefined : here;
}

/** A moment in the reader's own time: when something was booked, until when it is held. */
export function moment(iso: string | number, language: Language): string {
  return new Intl.DateTimeFormat(language, {
    dateStyle: "medium",
    timeStyle: "short",
    hourCycle: "h23",
  }).format(new Date(iso));
}

export function clock(iso: string | number, language: Language): string {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(
    new Date(iso),
  );
}

export function day(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(iso));
}
