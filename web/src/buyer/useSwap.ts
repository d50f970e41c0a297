//! Exchanging held seats for others.
//!
//! Promises: when none of the held seats is kept, the new ones are held before the old ones are
//! given back, so nothing can be lost. Seats that are kept must be given back first, since a seat
//! has one booking; then the same request takes them again at once. A repeat after a lost answer
//! continues where the exchange stopped: it is one attempt until the next page is there.

import { mutationOptions, type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Booking, NewBooking } from "#api";
import { cancelBooking, decidedBooking } from "../api/calls";
import { bookingState } from "../lib/statuses";
import { learn } from "../live/bookings";
import type { SeatStore } from "../map/store";
import { handPicked, requestSeats, settleRequest } from "./useBook";

export interface Swap {
  readonly old: Booking;
  readonly kept: readonly string[];
  readonly chosen: readonly string[];
}

/** How long given-back seats may take to be free again. */
const FREE_AGAIN_MS = 5_000;

export function useSwap(store: SeatStore, onSwapped: (booking: Booking) => Promise<void>) {
  return useMutation(swapOptions(useQueryClient(), store, onSwapped));
}

export function swapOptions(
  client: QueryClient,
  store: SeatStore,
  onSwapped: (booking: Booking) => Promise<void>,
) {
  return mutationOptions({
    mutationFn: async (swap: Swap) => {
      const { old, kept } = swap;
      if (kept.length > 0) {
        learn(client, await cancelBooking(old.id));
        await allFree(store, kept);
      }
      const asked = await requestSeats(requestOf(swap));
      const booking = bookingState(asked).page === "search" ? await decidedBooking(asked.id) : asked;
      learn(client, booking);
      if (kept.length === 0 && bookingState(booking).page === "checkout")
        learn(client, await cancelBooking(old.id));
      return booking;
    },
    onSuccess: async (booking, swap) => {
      await onSwapped(booking);
      settleRequest(requestOf(swap));
    },
  });
}

/** All or none: who cannot have all of them keeps what they have. */
export function requestOf({ old, kept, chosen }: Swap): NewBooking {
  return { ...handPicked(old.event_id, [...kept, ...chosen]), partial: "refuse" };
}

/**
 * Waits until the live map shows these seats free, or the time has passed; the server decides
 * anyway.
 */
function allFree(store: SeatStore, ids: readonly string[]): Promise<void> {
  const seats = ids.flatMap(id => store.directory.seat(id) ?? []);
  const free = () => seats.every(seat => store.isFree(seat));
  if (free()) return Promise.resolve();
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(done, FREE_AGAIN_MS);
    const unsubscribe = store.subscribe(() => {
      if (free()) done();
    });
  });
}
