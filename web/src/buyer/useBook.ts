//! Asking for seats.
//!
//! Promises: a repeat after a lost answer is the same request to the server, so that nobody gets
//! seats twice.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Booking, NewBooking } from "#api";
import { book } from "../api/calls";
import { isPassing } from "../api/problem";
import { learn } from "../live/bookings";
import { attemptName, settle } from "./attempt";

export function useBook(onBooked: (booking: Booking) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: NewBooking) => requestSeats(request),
    onSuccess: booking => {
      learn(client, booking);
      onBooked(booking);
    },
  });
}

export async function requestSeats(request: NewBooking): Promise<Booking> {
  const what = `book:${JSON.stringify(request)}`;
  try {
    const booking = await book(request, attemptName(what));
    settle(what);
    return booking;
  } catch (error) {
    if (!isPassing(error)) settle(what);
    throw error;
  }
}
