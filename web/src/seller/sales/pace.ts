//! How fast an event sells: the minutes with sales, put on a time line, and what can be said about
//! them.
//!
//! Never: guesses beyond the figures. Without sales in the last minutes there is no forecast.

import type { MinuteSales } from "#api";

export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What was sold in the minute that begins at `at`. */
export interface Minute {
  readonly at: number;
  readonly sold: number;
  readonly revenue: number;
}

export function minutesOf(byMinute: readonly MinuteSales[]): Minute[] {
  return byMinute.map(({ at, sold, revenue }) => ({
    at: Date.parse(at),
    sold,
    revenue: revenue.amount_minor,
  }));
}

/** `all`: from the first sale that is known. */
export type Span = "hour" | "day" | "all";

export interface Frame {
  readonly from: number;
  /** Not within it. */
  readonly to: number;
  /** How long one bar lasts. */
  readonly step: number;
}

/** A chart has no more bars than this. */
const BARS = 72;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map(minutes => minutes * MINUTE);

/** The time that a chart shows: until the end of the minute that `now` is in. */
export function frameOf(minutes: readonly Minute[], span: Span, now: number): Frame {
  const end = (Math.floor(now / MINUTE) + 1) * MINUTE;
  const first = minutes[0]?.at ?? end - HOUR;
  const length = span === "hour" ? HOUR : span === "day" ? DAY : Math.max(end - first, 30 * MINUTE);
  const step = STEPS.find(one => length / one <= BARS) ?? Math.ceil(length / BARS / DAY) * DAY;
  return { from: Math.floor((end - length) / step) * step, to: Math.ceil(end / step) * step, step };
}

export type Bar = Minute;

/** One bar for each step of the frame, also where nothing was sold. */
export function barsOf(minutes: readonly Minute[], { from, to, step }: Frame): Bar[] {
  const bars = Array.from({ length: Math.round((to - from) / step) }, (_, index) => ({
    at: from + index * step,
    sold: 0,
    revenue: 0,
  }));
  for (const { at, sold, revenue } of minutes) {
    const bar = bars[Math.floor((at - from) / step)];
    if (!bar) continue;
    bar.sold += sold;
    bar.revenue += revenue;
  }
  return bars;
}

export interface Pace {
  /** Seats a minute over the last minutes, the running one included. */
  readonly perMinute: number;
  /** The strongest minute; undefined before the first sale. */
  readonly peak: Minute | undefined;
}

const RECENT = 5;

export function paceOf(minutes: readonly Minute[], now: number): Pace {
  const from = Math.floor(now / MINUTE) * MINUTE - (RECENT - 1) * MINUTE;
  const recent = minutes.filter(({ at }) => at >= from).reduce((sum, { sold }) => sum + sold, 0);
  // The running minute counts as far as it has come, so that its sales are not taken for a whole
  // minute's.
  const span = Math.max(now - from, MINUTE) / MINUTE;
  const peak = minutes.reduce<Minute | undefined>(
    (most, minute) => (minute.sold > (most?.sold ?? 0) ? minute : most),
    undefined,
  );
  return { perMinute: Math.max(recent, 0) / span, peak };
}

/**
 * Minutes until the last free seat is sold, at the present pace; undefined when there is none, or
 * less than a minute of sales to judge by.
 */
export function minutesLeft(
  available: number,
  perMinute: number,
  minutes: readonly Minute[],
  now: number,
): number | undefined {
  // The first minute may have begun with its last second.
  const since = (minutes[0]?.at ?? now) + MINUTE;
  const known = perMinute > 0 && available > 0 && now - since >= MINUTE;
  return known ? Math.ceil(available / perMinute) : undefined;
}

/**
 * How far apart the times below a chart are: on round times of the reader's clock, each with room
 * for `bars` bars at least.
 */
export function tickOf(
  step: number,
  bars: number,
  at: Date,
): { readonly every: number; readonly offset: number } {
  const every = STEPS.find(one => one >= step * bars && one % step === 0) ?? Math.max(step * bars, DAY);
  return { every, offset: -at.getTimezoneOffset() * MINUTE };
}

/**
 * The end of an axis, a round number that holds the largest value, and the step between its lines.
 */
export function axisOf(largest: number, lines = 4): { readonly end: number; readonly step: number } {
  const rough = Math.max(largest, 1) / lines;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 2.5, 5, 10].map(digit => digit * power).find(one => one >= rough) ?? rough, 1);
  const whole = Number.isInteger(step) ? step : Math.ceil(step);
  return { end: Math.ceil(Math.max(largest, 1) / whole) * whole, step: whole };
}
