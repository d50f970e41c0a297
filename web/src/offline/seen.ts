//! A cache of what a buyer saw last on the pages of the own bookings, for when the server cannot be
//! reached.
//!
//! Promises: only what a page does not have yet comes from here, and the page says from when it is
//! for as long as it shows it; as soon as the server answers, that is asked for again. The latest
//! `MOST` answers are kept, of `MOST_CHARS` together; of an event what bookings and tickets show.
//! Signing out forgets all of it. Never: gives one person what another saw; keeps what other pages
//! showed; takes room that anything else needs (`lib/storage.ts`).

import {
  notifyManager,
  type QueryClient,
  type QueryFunctionContext,
  type QueryKey,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { User } from "#api";
import { Unreachable } from "../api/problem";
import { COPIES, forget, forgetAll, keep, recall, recallAll } from "../lib/storage";

const KEPT: readonly unknown[] = ["me", "booking", "bookings", "tickets", "event"];
const PAGES = /^\/bookings(\/|$)/;

/** Answers that are kept at most. */
const MOST = 200;
/** Their size together, in characters. Browsers give a site about five million. */
const MOST_CHARS = 1_000_000;
/** How often the server is asked while a page shows something from here. */
const AGAIN_MS = 10_000;

/** The note of who is signed in (`api/session.ts`). */
export const SIGNED_IN = "signed-in";

const ME: QueryKey = ["me"];

function nameOf(user: string, key: QueryKey): string {
  return `${COPIES}${user}:${JSON.stringify(key)}`;
}

/**
 * Data that comes from here says so, and when the server gave it, in milliseconds. The mark is a
 * part of it, so that an equal answer of the server does not count as the same.
 */
interface Marked {
  readonly seenAt?: number;
  /** Of a list. */
  readonly pages?: readonly Marked[];
}

/** From when the oldest part is of what comes from here; undefined: all is the server's. */
function seenAtOf(data: unknown): number | undefined {
  const { seenAt, pages = [] } = (data ?? {}) as Marked;
  const parts = [seenAt, ...pages.map(page => page.seenAt)].filter(at => at !== undefined);
  return parts.length > 0 ? Math.min(...parts) : undefined;
}

export function isSeen(data: unknown): boolean {
  return seenAtOf(data) !== undefined;
}

/** When each answer was given that is kept already. */
const keptAt = new Map<string, number>();

/** Keeps what the pages of the own bookings show from now on. */
export function keepSeen(client: QueryClient): void {
  client.getQueryCache().subscribe(({ type, query }) => {
    // What leaves the cache may be the last user's.
    if (type !== "updated" && type !== "observerAdded") return;
    const user = recall(SIGNED_IN);
    // The note is of all tabs, and another tab may have signed in somebody else.
    if (user === undefined || client.getQueryData<User>(ME)?.id !== user) return;
    const { data, dataUpdatedAt: at } = query.state;
    if (!data || !KEPT.includes(query.queryKey[0]) || isSeen(data)) return;
    if (query.getObserversCount() === 0 || !PAGES.test(location.pathname)) return;
    const name = nameOf(user, query.queryKey);
    if (keptAt.get(name) === at) return;
    keptAt.set(name, at);
    keep(name, `${at} ${JSON.stringify(answerOf(query.queryKey, data))}`);
    makeRoom();
  });
}

/** Of a list the first page; of an event what bookings and tickets show: no seating. */
function answerOf([kind]: QueryKey, data: object): object | undefined {
  const { pages } = data as { readonly pages?: readonly object[] };
  if (pages) return pages[0];
  return kind === "event" ? { ...data, description: "", sections: [] } : data;
}

/** The oldest go first. Without the user nothing can be shown, so that one stays. */
function makeRoom(): void {
  const own = JSON.stringify(ME);
  const all = recallAll(COPIES).map(([name, text]) => ({
    name,
    chars: name.length + text.length,
    at: name.endsWith(own) ? Number.POSITIVE_INFINITY : Number.parseInt(text, 10),
  }));
  let [count, sum] = [0, 0];
  for (const { name, chars } of all.sort((a, b) => b.at - a.at)) {
    if (count < MOST && sum + chars <= MOST_CHARS) {
      count += 1;
      sum += chars;
    } else forget(name);
  }
}

export function forgetSeen(): void {
  keptAt.clear();
  forgetAll(COPIES);
}

/** What a query asks with. */
type Asked = Pick<QueryFunctionContext, "client" | "queryKey">;

/** Asks; without an answer, what was seen last is the answer where nothing is shown yet. */
export async function orSeen<T>({ client, queryKey }: Asked, ask: () => Promise<T>): Promise<T> {
  try {
    const found = await ask();
    askAgain(client);
    return found;
  } catch (error) {
    const isShown = client.getQueryData(queryKey) !== undefined;
    const seen = error instanceof Unreachable && !isShown ? recallSeen(queryKey) : undefined;
    if (!seen) throw error;
    return seen as T;
  }
}

function recallSeen(key: QueryKey): object | undefined {
  const user = recall(SIGNED_IN);
  const text = user === undefined ? undefined : recall(nameOf(user, key));
  if (text === undefined) return undefined;
  const seenAt = Number.parseInt(text, 10);
  return Object.assign(JSON.parse(text.slice(text.indexOf(" "))), { seenAt });
}

/** The server may answer: what comes from here, or failed for want of an answer, is asked again. */
export function askAgain(client: QueryClient): void {
  const cache = client.getQueryCache();
  if (!cache.getAll().some(({ state }) => isSeen(state.data))) return;
  const predicate = ({ state }: { readonly state: { readonly data?: unknown; readonly error: unknown } }) =>
    isSeen(state.data) || state.error instanceof Unreachable;
  // What is being asked for already is not asked for twice.
  void client.invalidateQueries({ predicate }, { cancelRefetch: false });
}

/** From when the oldest is of what a page shows from here; undefined: nothing. */
export function shownFrom(client: QueryClient): number | undefined {
  const shown = client.getQueryCache().findAll({ type: "active" });
  const parts = shown.map(({ state }) => seenAtOf(state.data)).filter(at => at !== undefined);
  return parts.length > 0 ? Math.min(...parts) : undefined;
}

/** `shownFrom`, followed. While there is something, the server is asked whether it answers. */
export function useShownFrom(): number | undefined {
  const client = useQueryClient();
  const follow = useCallback(
    (listener: () => void) => client.getQueryCache().subscribe(notifyManager.batchCalls(listener)),
    [client],
  );
  const from = useSyncExternalStore(follow, () => shownFrom(client));
  useEffect(() => {
    if (from === undefined) return;
    // One small call: when it is answered, the rest is asked again.
    const again = () => client.invalidateQueries({ queryKey: ME }, { cancelRefetch: false });
    const timer = setInterval(() => void again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [client, from]);
  return from;
}
