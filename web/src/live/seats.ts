//! Fills a store of seats from the event's live stream.

import type { SeatStore } from "../map/store";
import { listen } from "./client";

/** Follows until the returned function is called. */
export function followSeats(store: SeatStore): () => void {
  const listening = listen(`/v1/events/${encodeURIComponent(store.eventId)}/live`, {
    onEvent: event => store.receive(event),
    onState(state) {
      if (state.kind === "live") store.connected();
      else if (state.kind !== "connecting") store.disconnected();
    },
  });
  const forget = store.onResync(() => listening.restart());
  return () => {
    forget();
    listening.stop();
  };
}
