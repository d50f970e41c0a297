//! The server's time, and what is left of it until a deadline.
//!
//! Promises: counts towards the server's absolute time, whatever the browser's clock says and
//! however it is set meanwhile: one answer's `date` is learnt, and the monotonic clock counts from
//! there. Only an answer that is clearly later is learnt again: a device that slept, or a first
//! answer out of a cache.

/** The server's time when the page's monotonic clock stood at zero, in milliseconds. */
let serverOrigin: number | undefined;

/** `date` has whole seconds, so a difference below this says nothing. */
const UNSURE_MS = 2_000;

/** Learns from an answer. `monotonic`: milliseconds of a clock that never jumps. */
export function learnServerTime(date: string | null, monotonic = performance.now()): void {
  const server = Date.parse(date ?? "") + 500;
  if (Number.isNaN(server)) return;
  const later = serverOrigin === undefined || server - (serverOrigin + monotonic) > UNSURE_MS;
  if (later) serverOrigin = server - monotonic;
}

/** The time that rules are judged by. Before the first answer it is the browser's. */
export function serverNow(monotonic = performance.now()): number {
  return serverOrigin === undefined ? Date.now() : serverOrigin + monotonic;
}

export interface Left {
  /** Whole seconds, never below zero. */
  readonly seconds: number;
  /** `14:07`. */
  readonly text: string;
  readonly over: boolean;
}

/** `now`: the server's time, as `useNow` has it. */
export function timeLeft(deadline: string, now: number): Left {
  const ms = Date.parse(deadline) - now;
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return { seconds, text, over: ms <= 0 };
}

/** The minutes that are spoken as they are reached. */
const SPOKEN = [5, 2, 1] as const;

/** Which minute has just been reached; undefined most of the time. */
export function minuteToSpeak(before: number, seconds: number): number | undefined {
  return SPOKEN.find(minute => before > minute * 60 && seconds <= minute * 60 && seconds > 0);
}
