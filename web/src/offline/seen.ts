//! What a buyer saw last on the pages of the own bookings, for when the server cannot be reached.
//!
//! Promises: only what a page does not have yet comes from here, and the page says from when it is;
//! as soon as the server answers, everything is asked for again. Signing out forgets all of it.
//! Never: gives one person what another saw; keeps what other pages showed.

import type { QueryClient, QueryFunctionContext, QueryKey } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { User } from "#api";
import { Unreachable } from "../api/problem";
import { forgetAll, keep, recall } from "../lib/storage";

const PREFIX = "seen:";
const KEPT: readonly unknown[] = ["me", "booking", "bookings", "tickets", "event"];
const PAGES = /^\/bookings(\/|$)/;

interface Seen {
  /** When the server said so, in milliseconds. */
  readonly at: number;
  readonly data: unknown;
}

/** The note of who is signed in (`api/session.ts`). */
export const SIGNED_IN = "signed-in";

function nameOf(user: string, key: QueryKey): string {
  return `${PREFIX}${user}:${JSON.stringify(key)}`;
}

/** Data that came from here is no news to keep. */
const old = new WeakSet<object>();

function isOld(data: unknown): boolean {
  const { pages = [] } = data as { readonly pages?: readonly object[] };
  return [data as object, ...pages].some(part => old.has(part));
}

/** Keeps what the pages of the own bookings show from now on. */
export function keepSeen(client: QueryClient): void {
  const keptAt = new Map<string, number>();
  client.getQueryCache().subscribe(({ query }) => {
    const { data, dataUpdatedAt: at } = query.state;
    const user = recall(SIGNED_IN);
    if (user === undefined || !data || !KEPT.includes(query.queryKey[0])) return;
    // Of another tab, in which somebody else has signed in.
    if (query.queryKey[0] === "me" && (data as User).id !== user) return;
    if (query.getObserversCount() === 0 || !PAGES.test(location.pathname) || isOld(data)) return;
    const name = nameOf(user, query.queryKey);
    if (keptAt.get(name) === at) return;
    keptAt.set(name, at);
    keep(name, JSON.stringify({ at, data } satisfies Seen));
  });
}

export function forgetSeen(): void {
  forgetAll(PREFIX);
}

/** What a query asks with. */
type Asked = Pick<QueryFunctionContext, "client" | "queryKey">;

/** Asks; without an answer, what was seen last is the answer where nothing is shown yet. */
export async function orSeen<T>({ client, queryKey }: Asked, ask: () => Promise<T>): Promise<T> {
  try {
    const found = await ask();
    inReach(client);
    return found;
  } catch (error) {
    const isShown = client.getQueryData(queryKey) !== undefined;
    const seen = error instanceof Unreachable && !isShown ? recallSeen(queryKey) : undefined;
    if (!seen) throw error;
    // Of a list the first page.
    const { pages } = seen.data as { readonly pages?: readonly object[] };
    const data = pages?.[0] ?? (seen.data as object);
    old.add(data);
    setShownFrom(Math.min(seen.at, shownFrom ?? seen.at));
    return data as T;
  }
}

function recallSeen(key: QueryKey): Seen | undefined {
  const user = recall(SIGNED_IN);
  const text = user === undefined ? undefined : recall(nameOf(user, key));
  return text === undefined ? undefined : JSON.parse(text);
}

let shownFrom: number | undefined;
const listeners = new Set<() => void>();

function setShownFrom(at: number | undefined): void {
  shownFrom = at;
  for (const listener of listeners) listener();
}

/** The server answers: nothing that is shown needs to be old any more. */
export function inReach(client: QueryClient): void {
  if (shownFrom === undefined) return;
  setShownFrom(undefined);
  void client.invalidateQueries();
}

/** From when the oldest is of what the page shows from here; undefined: nothing. */
export function useShownFrom(): number | undefined {
  return useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shownFrom,
  );
}
