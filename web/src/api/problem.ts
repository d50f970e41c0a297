//! What went wrong when the program was asked: its own refusal, or that it could not be reached.
//!
//! Promises: everything that a call throws is one of these two.
//! Never: words for readers. `lib/problemWords.ts` has them; the server's sentence is only the
//! message for the console.

import type { Problem as ProblemBody, ProblemEntry } from "#api";

/** A rule that the request breaks, and where: a JSON pointer into it. */
export type Rule = Pick<ProblemEntry, "pointer" | "code">;

/** The program answered and said no. `code` is stable. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly rules: readonly Rule[];
  readonly requestId: string | undefined;
  /** When it may be asked again. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, body: Partial<ProblemBody>, retryAfterMs?: number) {
    super(body.detail ?? body.title ?? `status ${status}`);
    this.name = "Refused";
    this.status = status;
    this.code = body.code ?? `status-${status}`;
    this.rules = body.errors ?? [];
    this.requestId = body.request_id;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * No answer came: the network, or the program, is away. Whether it did what was asked is not known.
 */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("no answer", { cause });
    this.name = "Unreachable";
  }
}

export function isRefused(error: unknown, code?: string): error is Refused {
  return error instanceof Refused && (code === undefined || error.code === code);
}

/** Asking again may help: nobody answered, or the program is in trouble for a moment. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof Unreachable ||
    (error instanceof Refused && (error.status >= 500 || error.status === 429))
  );
}
