//! An event's seats, live, for the page that shows them.

import { useEffect, useMemo } from "react";
import type { Event } from "#api";
import { followSeats } from "../live/seats";
import { SeatStore } from "../map/store";

/** The store of an event on sale, fed while the page is there. */
export function useSeats(event: Event): SeatStore {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a plan never changes; its id decides
  const store = useMemo(() => new SeatStore(event), [event.id]);
  const live = event.status === "on_sale";
  useEffect(() => (live ? followSeats(store) : undefined), [store, live]);
  return store;
}
