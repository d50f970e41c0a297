//! One event stream that stays open: it comes back after every loss with the last id that it saw,
//! and always reports its state.
//!
//! Promises: notices a dead connection by the missing heartbeat, which `EventSource` cannot.
//! Never: says `live` before the server has sent something since the last loss.

import { createParser } from "eventsource-parser";

export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The id of this event, or of the last one before it that had one; empty when there was none. */
  readonly lastEventId: string;
}

/** `gone`: the server refuses this stream for good (no such thing, signed out). */
export type StreamState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "lost"; readonly since: number }
  | { readonly kind: "gone"; readonly status: number };

export interface StreamListener {
  onEvent(event: StreamEvent): void;
  onState(state: StreamState): void;
}

export interface Stream {
  /** Starts over, with everything that the server sends at the start. */
  restart(): void;
  /** Waits for the network while offline; comes back at once when online. */
  setOnline(online: boolean): void;
  close(): void;
}

export interface StreamOptions {
  fetch?: typeof fetch;
  /** The server sends a comment every 15 s; silence of this length is a loss. */
  silenceMs?: number;
}

const SILENCE_MS = 40_000;
const RETRY_MS = 1_000;
const RETRY_MOST_MS = 10_000;

export function openStream(url: string, listener: StreamListener, options: StreamOptions = {}): Stream {
  const ask = options.fetch ?? fetch;
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  let lastId: string | undefined;
  let retryMs = RETRY_MS;
  let failures = 0;
  let lostSince: number | undefined;
  let online = true;
  let closed = false;
  let attempt: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function begin(): void {
    clearTimeout(timer);
    attempt?.abort();
    if (closed || !online) return;
    const mine = new AbortController();
    attempt = mine;
    void run(mine).then(verdict => {
      if (attempt === mine) verdict === undefined ? lost() : gone(verdict);
    });
  }

  /** Reads until the stream ends; answers with the status of a final refusal. */
  async function run(mine: AbortController): Promise<number | undefined> {
    let watchdog = setTimeout(() => mine.abort(), silenceMs);
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (lastId !== undefined) headers["last-event-id"] = lastId;
      const answer = await ask(url, { headers, signal: mine.signal, cache: "no-store" });
      if (!answer.ok || !answer.body) return isFinal(answer.status) ? answer.status : undefined;
      const parser = createParser({
        onEvent: ({ event, data, id }) => {
          if (id !== undefined) lastId = id;
          listener.onEvent({ type: event ?? "message", data, lastEventId: lastId ?? "" });
        },
        onRetry: ms => {
          retryMs = ms;
        },
      });
      for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
        if (attempt !== mine) return undefined;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => mine.abort(), silenceMs);
        alive();
        parser.feed(text);
      }
    } catch {
      // The connection broke, was refused, or fell silent: all the same to the viewer.
    } finally {
      clearTimeout(watchdog);
    }
    return undefined;
  }

  function alive(): void {
    if (failures === 0 && lostSince === undefined && state === "live") return;
    failures = 0;
    lostSince = undefined;
    notify({ kind: "live" });
  }

  function lost(): void {
    lostSince ??= Date.now();
    notify({ kind: "lost", since: lostSince });
    failures += 1;
    const wait = Math.min(retryMs * 1.6 ** (failures - 1), RETRY_MOST_MS);
    timer = setTimeout(begin, wait * (0.75 + Math.random() / 2));
  }

  function gone(status: number): void {
    notify({ kind: "gone", status });
  }

  let state: StreamState["kind"] = "connecting";
  function notify(now: StreamState): void {
    state = now.kind;
    listener.onState(now);
  }

  notify({ kind: "connecting" });
  begin();

  return {
    restart() {
      lastId = undefined;
      // Why it was refused may have passed: somebody signed in.
      if (state === "gone") notify({ kind: "connecting" });
      begin();
    },
    setOnline(now) {
      if (now === online) return;
      online = now;
      if (now) begin();
      else {
        clearTimeout(timer);
        attempt?.abort();
        attempt = undefined;
        lostSince ??= Date.now();
        notify({ kind: "lost", since: lostSince });
      }
    },
    close() {
      closed = true;
      clearTimeout(timer);
      attempt?.abort();
      attempt = undefined;
    },
  };
}

/** Asking again would not help. Too many streams, timeouts and faults pass. */
function isFinal(status: number): boolean {
  return status === 401 || status === 403 || status === 404 || status === 410;
}
