//! Keeps a store fed from `GET /v1/events/{id}/live`, through the connection that all tabs share.
//!
//! Promises: a store that misses something gets a snapshot, at once the first time and with a pause
//! when it happens again soon.
//! Never: keeps state of seats.

import { listen } from "../live/client";
import type { StreamListener } from "../live/stream";
import type { SeatStore } from "./store";

const RESYNC_PAUSE_MS = 5_000;

/** Feeds the store until the returned function is called. */
export function openSeatFeed(store: SeatStore): () => void {
  const listening = listen(`/v1/events/${encodeURIComponent(store.eventId)}/live`, feeding(store));
  const restarts = paced(listening.restart, RESYNC_PAUSE_MS);
  const unsubscribe = store.onResync(restarts.call);
  return () => {
    unsubscribe();
    restarts.cancel();
    listening.stop();
  };
}

function feeding(store: SeatStore): StreamListener {
  return {
    onEvent: event => store.receive(event),
    onState: state => (state.kind === "live" ? store.connected() : store.disconnected()),
  };
}

/** Calls at once, and within `pause` after that only once more, at its end. */
function paced(act: () => void, pause: number): { call(): void; cancel(): void } {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    last = Date.now();
    timer = undefined;
    act();
  };
  return {
    call: () => {
      timer ??= setTimeout(run, Math.max(last + pause - Date.now(), 0));
    },
    cancel: () => clearTimeout(timer),
  };
}
