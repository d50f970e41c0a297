//! Asking for seats.
//!
//! Promises: one wish is one booking. A repeat after a lost answer is the same request to the
//! server, and the attempt keeps its name until the next page is there. A kept name whose booking
//! has ended since starts a new attempt, once.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Booking, NewBooking } from "#api";
import { book } from "../api/calls";
import { isPassing } from "../api/problem";
import { bookingState } from "../lib/statuses";
import { learn } from "../live/bookings";
import { attemptName, isUnderWay, settle } from "./attempt";

function nameOf(request: NewBooking): string {
  return `book:${JSON.stringify(request)}`;
}

/** `onBooked` leads to the next page: the mutation is pending until that is there. */
export function useBook(onBooked: (booking: Booking) => Promise<void>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: NewBooking) => ask(request),
    onSuccess: async (booking, request) => {
      learn(client, booking);
      await onBooked(booking);
      settle(nameOf(request));
    },
  });
}

export async function requestSeats(request: NewBooking): Promise<Booking> {
  const booking = await ask(request);
  settle(nameOf(request));
  return booking;
}

async function ask(request: NewBooking): Promise<Booking> {
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
