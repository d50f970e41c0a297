//! The cached queries: events, bookings, tickets.

import { infiniteQueryOptions, QueryClient, queryOptions } from "@tanstack/react-query";
import type { Booking, Event, Ticket } from "#api";
import { isSeen, orSeen } from "../offline/seen";
import * as calls from "./calls";
import { isPassing, Refused, Unreachable } from "./problem";

const RETRIES = 4;
const PAGE = 24;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < RETRIES && isPassing(error),
        retryDelay: (failures, error) =>
          (error instanceof Refused && error.retryAfterMs) || Math.min(500 * 2 ** failures, 8_000),
        staleTime: 10_000,
      },
      // What creates or pays is repeated by people, or by its own idempotent attempt; never by
      // chance.
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

export function eventsQuery(q: string) {
  return infiniteQueryOptions({
    queryKey: ["events", q],
    queryFn: ({ pageParam, signal }) => calls.listEvents({ q, after: pageParam, limit: PAGE }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next_cursor ?? undefined,
    placeholderData: before => before,
  });
}

export function eventQuery(id: string) {
  return queryOptions({
    queryKey: ["event", id],
    queryFn: asked => orSeen(asked, () => calls.readEvent(id, asked.signal)),
    networkMode: "offlineFirst",
  });
}

/** An event with its seating. What was kept of it for tickets is no answer here. */
export function seatingQuery(id: string) {
  return queryOptions({ ...eventQuery(id), select: withSeating });
}

function withSeating(event: Event): Event {
  if (isSeen(event)) throw new Unreachable("only a part of the event was kept");
  return event;
}

/** Answers and events come in any order; the booking's own count says which is the later one. */
export function newest(known: Booking | undefined, found: Booking): Booking {
  return known && known.revision > found.revision ? known : found;
}

export function bookingQuery(id: string) {
  return queryOptions({
    queryKey: ["booking", id],
    queryFn: asked => orSeen(asked, () => calls.readBooking(id, asked.signal)),
    networkMode: "offlineFirst",
    structuralSharing: (known, found) => newest(known as Booking | undefined, found as Booking),
  });
}

/** The own bookings in any of these states, page by page of each. */
export function bookingsQuery(statuses: readonly string[]) {
  return infiniteQueryOptions({
    queryKey: ["bookings", ...statuses],
    queryFn: asked =>
      orSeen(asked, () =>
        Promise.all(
          asked.pageParam.map(async ({ status, after }) => ({
            status,
            ...(await calls.listBookings({ status, after, limit: PAGE }, asked.signal)),
          })),
        ),
      ),
    networkMode: "offlineFirst",
    initialPageParam: statuses.map(status => ({ status, after: undefined as string | undefined })),
    getNextPageParam: pages => {
      const more = pages.flatMap(({ status, next_cursor }) =>
        next_cursor ? [{ status, after: next_cursor }] : [],
      );
      return more.length > 0 ? more : undefined;
    },
  });
}

/** The bookings that wait for payment, for the reminder that every page shows. */
export const waitingQuery = queryOptions({
  queryKey: ["bookings", "waiting"],
  queryFn: asked =>
    orSeen(
      asked,
      async () => (await calls.listBookings({ status: "pending_payment", limit: 100 }, asked.signal)).data,
    ),
  networkMode: "offlineFirst",
});

/** The ways to pay, which change only with the program. */
export const paymentMethodsQuery = queryOptions({
  queryKey: ["payment-methods"],
  queryFn: ({ signal }) => calls.listPaymentMethods(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/**
 * The tickets of a booking. They are made a moment after the payment; until all are there, it is
 * asked again.
 */
export function ticketsQuery(booking: Booking) {
  return queryOptions({
    queryKey: ["tickets", booking.id],
    queryFn: asked => orSeen(asked, () => ticketsOf(booking, asked.signal)),
    networkMode: "offlineFirst",
    refetchInterval: ({ state }) => (state.data && state.data.length < booking.seats.length ? 700 : false),
    staleTime: 60_000,
  });
}

async function ticketsOf(booking: Booking, signal: AbortSignal): Promise<Ticket[]> {
  const found: Ticket[] = [];
  let after: string | undefined;
  do {
    const page = await calls.listTickets({ after, limit: 100 }, signal);
    found.push(...page.data.filter(ticket => ticket.booking_id === booking.id));
    after = page.next_cursor ?? undefined;
  } while (after !== undefined && found.length < booking.seats.length);
  return found.sort((a, b) => booking.seats.indexOf(a.seat) - booking.seats.indexOf(b.seat));
}
