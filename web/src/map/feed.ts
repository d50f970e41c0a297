//! Keeps a store fed from `GET /v1/events/{id}/live` for as long as a page wants it.
//!
//! Promises: comes back by itself, at the pace that the server asks for and slower while it fails; notices a dead connection by the missing
//! heartbeat, which `EventSource` cannot; resumes behind the last frame, or asks for a snapshot when the store wants one.
//! Never: keeps state of seats; more than one request at a time.

import { createParser } from "eventsource-parser";
import type { SeatStore } from "./store";

/** The server sends something at least every 15 s. */
const SILENCE_MS = 40_000;
const RETRY_MS = 2_000;
const RETRY_LONGEST_MS = 30_000;
const RESYNC_MS = 60_000;

export interface FeedOptions {
  /** Where the stream is; by default beside the page's origin. */
  readonly url?: string;
  readonly fetch?: typeof fetch;
}

/** Opens the stream and keeps it open until the returned function is called. */
export function openSeatFeed(store: SeatStore, options: FeedOptions = {}): () => void {
  const feed = new SeatFeed(store, options);
  feed.start();
  return () => feed.stop();
}

class SeatFeed {
  private readonly store: SeatStore;
  private readonly url: string;
  private readonly fetch: typeof fetch;
  private readonly end = new AbortController();
  private attempt = new AbortController();
  private retryMs = RETRY_MS;
  private failures = 0;
  private atOnce = false;
  private resyncedAt = Number.NEGATIVE_INFINITY;

  constructor(store: SeatStore, options: FeedOptions) {
    this.store = store;
    this.url = options.url ?? `/v1/events/${encodeURIComponent(store.eventId)}/live`;
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  start(): void {
    const unsubscribe = this.store.onResync(() => this.resync());
    this.end.signal.addEventListener("abort", unsubscribe);
    void this.run();
  }

  stop(): void {
    this.end.abort();
    this.attempt.abort();
  }

  /** A store that needs a snapshot gets it at once, unless it did so a moment ago: something is wrong then. */
  private resync(): void {
    const now = Date.now();
    this.atOnce = now - this.resyncedAt > RESYNC_MS;
    this.resyncedAt = now;
    this.attempt.abort();
  }

  private async run(): Promise<void> {
    while (!this.end.signal.aborted) {
      this.attempt = new AbortController();
      await this.read(this.attempt).catch(() => undefined);
      if (this.end.signal.aborted) return;
      this.store.disconnected();
      await this.pause();
    }
  }

  /** Reads until the stream ends, fails or falls silent. */
  private async read(attempt: AbortController): Promise<void> {
    let silence = setTimeout(() => attempt.abort(), SILENCE_MS);
    try {
      const response = await this.fetch(this.url, {
        headers: this.headers(),
        signal: attempt.signal,
        cache: "no-store",
      });
      if (!response.ok || !response.body) return this.failed(response);
      this.failures = 0;
      this.store.connected();
      const parser = this.parser();
      const text = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let chunk = await text.read(); !chunk.done; chunk = await text.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => attempt.abort(), SILENCE_MS);
        parser.feed(chunk.value);
      }
    } catch (error) {
      this.failures += 1;
      throw error;
    } finally {
      clearTimeout(silence);
    }
  }

  private headers(): Record<string, string> {
    const accept = { accept: "text/event-stream" };
    const last = this.store.resumeFrom;
    return last === undefined ? accept : { ...accept, "last-event-id": last };
  }

  private parser() {
    let lastEventId = this.store.resumeFrom ?? "";
    return createParser({
      onEvent: ({ event, data, id }) => {
        lastEventId = id ?? lastEventId;
        this.store.receive({ type: event ?? "message", data, lastEventId });
      },
      onRetry: milliseconds => {
        this.retryMs = milliseconds;
      },
    });
  }

  private failed(response: Response): void {
    this.failures += 1;
    const after = Number(response.headers.get("retry-after"));
    if (after > 0) this.retryMs = after * 1_000;
  }

  /** Waits for the next attempt; no longer than until the network comes back. */
  private pause(): Promise<void> {
    const slower = Math.min(this.retryMs * 2 ** Math.max(this.failures - 1, 0), RETRY_LONGEST_MS);
    const milliseconds = this.atOnce ? 0 : slower;
    this.atOnce = false;
    return new Promise(resolve => {
      const done = new AbortController();
      const finish = () => {
        clearTimeout(timer);
        done.abort();
        resolve();
      };
      const timer = setTimeout(finish, milliseconds);
      globalThis.addEventListener?.("online", finish, { signal: done.signal });
      this.end.signal.addEventListener("abort", finish, { signal: done.signal });
    });
  }
}
