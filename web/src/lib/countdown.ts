//! The time that is left until a deadline of the server.
//!
//! Promises: counts towards the server's absolute time, whatever the browser's clock says: the
//! difference between the two clocks is learnt from the `date` of answers.

/** Server time minus browser time, in milliseconds. */
let skewMs = 0;

/** Learns from an answer. `date` has whole seconds, so a small difference says nothing. */
export function learnServerTime(date: string | null, browserNow = Date.now()): void {
  const server = Date.parse(date ?? "");
  if (Number.isNaN(server)) return;
  const difference = server + 500 - browserNow;
  skewMs = Math.abs(difference) > 2_000 ? difference : 0;
}

export interface Left {
  /** Whole seconds, never below zero. */
  readonly seconds: number;
  /** `14:07`. */
  readonly text: string;
  readonly over: boolean;
}

export function timeLeft(deadline: string, browserNow: number): Left {
  const ms = Date.parse(deadline) - (browserNow + skewMs);
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
