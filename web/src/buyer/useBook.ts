//! Asking for seats.
//!
//! Promises: one wish is one booking. A repeat after a lost answer is the same request to the
//! server, and the attempt keeps its name until the next page is there. A kept name whose booking
//! has ended since starts a new attempt, once.

import { mutationOptions, type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Booking, NewBooking } from "#api";
import { book } from "../api/calls";
import { isPassing } from "../api/problem";
import { bookingState } from "../lib/statuses";
import { learn } from "../live/bookings";
import { attemptName, isUnderWay, settle } from "./attempt";
import { seatName } from "./seatNames";

function nameOf(request: NewBooking): string {
  return `book:${JSON.stringify(request)}`;
}

/** A request for just these seats, of which there is one at least; their order is no part of it. */
export function handPicked(event_id: string, seats: readonly string[]): NewBooking {
  const { section } = seatName(seats[0] ?? "");
  return { event_id, section, mode: "manual", seats: seats.toSorted(BY_NUMBERS.compare) };
}

const BY_NUMBERS = new Intl.Collator(undefined, { numeric: true });

/** True when the server was asked for this, and the outcome is not known here. */
export function isAsked(request: NewBooking): boolean {
  return isUnderWay(nameOf(request));
}

/** `onBooked` leads to the next page: the mutation is pending until that is there. */
export function useBook(onBooked: (booking: Booking) => Promise<void>) {
  return useMutation(bookOptions(useQueryClient(), onBooked));
}

export function bookOptions(client: QueryClient, onBooked: (booking: Booking) => Promise<void>) {
  return mutationOptions({
    mutationFn: (request: NewBooking) => requestSeats(request),
    onSuccess: async (booking, request) => {
      learn(client, booking);
      await onBooked(booking);
      settleRequest(request);
    },
  });
}

/** Asks; the attempt keeps its name until `settleRequest`, or until it is refused. */
export async function requestSeats(request: NewBooking): Promise<Booking> {
  const what = nameOf(request);
  try {
    const isRepeat = isUnderWay(what);
    const booking = await book(request, attemptName(what));
    if (!isRepeat || bookingState(booking).open) return booking;
    settle(what);
    return await book(request, attemptName(what));
  } catch (error) {
    if (!isPassing(error)) settle(what);
    throw error;
  }
}

/** What follows from the request is done: the same wish is another attempt from now on. */
export function settleRequest(request: NewBooking): void {
  settle(nameOf(request));
}
