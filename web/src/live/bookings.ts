//! The buyer's own bookings, live: updates of the server go into the cache that every page reads.
//!
//! Promises: a booking never goes backwards on a page, whatever order answers and events come in; a
//! change is shown once, on whatever page one is.

import type { QueryClient } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Booking } from "#api";
import { bookingQuery, eventQuery, newest, waitingQuery } from "../api/queries";
import { sessionEnded, useMe } from "../api/session";
import { bookingState } from "../lib/statuses";
import { askAgain } from "../offline/seen";
import { listen } from "./client";
import { ConnectionState, useConnectionState } from "./connection";

const ADDRESS = "/v1/me/live";
const connection = new ConnectionState();

/** Takes a booking over, unless a later revision of it is known. */
export function learn(client: QueryClient, booking: Booking): void {
  const key = bookingQuery(booking.id).queryKey;
  const known = client.getQueryData(key);
  if (newest(known, booking) !== booking) return;
  client.setQueryData(key, booking);
  if (known?.status === booking.status) return;
  client.setQueryData(waitingQuery.queryKey, waiting => waiting && withBooking(waiting, booking));
  void client.invalidateQueries({ queryKey: ["bookings"] });
  // What is left of the house is what the ways on from here are chosen by.
  void client.invalidateQueries({ queryKey: eventQuery(booking.event_id).queryKey });
}

function withBooking(waiting: readonly Booking[], booking: Booking): Booking[] {
  const others = waiting.filter(({ id }) => id !== booking.id);
  return bookingState(booking).page === "checkout" ? [booking, ...others] : others;
}

/** Once per page: follows the bookings of the user who is signed in. */
export function useOwnBookingsLive(): void {
  const client = useQueryClient();
  const { me, isBuyer } = useMe();
  const user = isBuyer ? me?.id : undefined;
  useEffect(() => {
    if (user === undefined) return;
    const listening = listen(ADDRESS, {
      onEvent({ type, data }) {
        if (type === "reset") void client.invalidateQueries({ queryKey: ["booking"] });
        else if (type === "booking") learn(client, JSON.parse(data));
      },
      onState(state) {
        connection.notify(state);
        if (state.kind === "live") askAgain(client);
        if (state.kind === "gone" && state.status === 401) sessionEnded(client);
      },
    });
    return () => {
      listening.stop();
      connection.notify({ kind: "connecting" });
    };
  }, [client, user]);
}

/** Whether what a page shows of bookings is live. */
export function useBookingsConnection() {
  return useConnectionState(connection);
}
