//! The seller's calls, and what is kept of their answers.
//!
//! Promises: what is kept stands under `own-events`, which signing out empties.

import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import {
  type Event,
  type EventChange,
  getV1EventsById,
  getV1EventsByIdHolds,
  getV1MeEvents,
  type ListEventEntry,
  type ListHold,
  type NewEvent,
  patchV1EventsById,
  patchV1EventsByIdSectionsByName,
  postV1Events,
  postV1EventsByIdPublish,
} from "#api";
import { call } from "../api/calls";

const PAGE = 50;
/** Counts in the list of events are asked for again this often. */
const LIST_AGE_MS = 10_000;

export const ownEventsQuery = infiniteQueryOptions({
  queryKey: ["own-events", "list"],
  queryFn: ({ pageParam, signal }): Promise<ListEventEntry> =>
    call(
      options =>
        getV1MeEvents({ ...options, query: { limit: PAGE, ...(pageParam && { after: pageParam }) } }),
      signal,
    ),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: page => page.next_cursor ?? undefined,
  refetchInterval: LIST_AGE_MS,
});

export function ownEventQuery(id: string) {
  return queryOptions({
    queryKey: ["own-events", "event", id],
    queryFn: ({ signal }): Promise<Event> =>
      call(options => getV1EventsById({ ...options, path: { id } }), signal),
  });
}

/** Puts a changed event where every page looks, and lets lists and buyers' pages ask again. */
export function learnEvent(client: QueryClient, event: Event): void {
  client.setQueryData(ownEventQuery(event.id).queryKey, event);
  void client.invalidateQueries({ queryKey: ownEventsQuery.queryKey });
  void client.invalidateQueries({ queryKey: ["event", event.id] });
  void client.invalidateQueries({ queryKey: ["events"] });
}

export function createEvent(body: NewEvent): Promise<Event> {
  return call(options => postV1Events({ ...options, body }));
}

export function changeEvent(id: string, body: EventChange): Promise<Event> {
  return call(options => patchV1EventsById({ ...options, path: { id }, body }));
}

export function publishEvent(id: string): Promise<Event> {
  return call(options => postV1EventsByIdPublish({ ...options, path: { id } }));
}

export function changePrice(id: string, name: string, priceMinor: number): Promise<Event> {
  const body = { price_minor: priceMinor };
  return call(options => patchV1EventsByIdSectionsByName({ ...options, path: { id, name }, body }));
}

export interface HoldsQuery {
  readonly section: string;
  readonly status?: "reserved" | "sold" | undefined;
  /** Only seats behind this one. */
  readonly after?: string | undefined;
}

export function listHolds(
  id: string,
  { section, status, after }: HoldsQuery,
  signal?: AbortSignal,
): Promise<ListHold> {
  const query = { section, limit: 100, ...(status && { status }), ...(after && { after }) };
  return call(options => getV1EventsByIdHolds({ ...options, path: { id }, query }), signal);
}
