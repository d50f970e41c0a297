//! Who is signed in, known to all tabs.
//!
//! Promises: signing in or out here is noticed by the other tabs at once. Never: keeps a secret;
//! the session is a cookie that no script can read. The storage holds only a note that somebody is
//! signed in, so that a visitor's page need not ask.

import type { QueryClient } from "@tanstack/react-query";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { User } from "#api";
import { forget, keep, recall } from "../lib/storage";
import { forgetSeen, orSeen, SIGNED_IN } from "../offline/seen";
import * as calls from "./calls";
import { isRefused } from "./problem";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async (asked): Promise<User | null> => {
    if (recall(SIGNED_IN) === undefined) return null;
    try {
      return await orSeen(asked, () => calls.whoAmI(asked.signal));
    } catch (error) {
      if (!isRefused(error, "not-signed-in")) throw error;
      forget(SIGNED_IN);
      forgetSeen();
      return null;
    }
  },
  networkMode: "offlineFirst",
  staleTime: 60_000,
});

export function useMe(): {
  readonly me: User | null | undefined;
  readonly isBuyer: boolean;
  readonly isSeller: boolean;
} {
  const { data: me } = useQuery(meQuery);
  return { me, isBuyer: me?.role === "buyer", isSeller: me?.role === "seller" };
}

export async function signIn(client: QueryClient, email: string, password: string): Promise<User> {
  const { user } = await calls.signIn(email, password);
  changeUser(client, user);
  return user;
}

export async function signOut(client: QueryClient): Promise<void> {
  try {
    await calls.signOut();
  } catch (error) {
    // A session that has ended already is as good as one that ends now.
    if (!isRefused(error, "not-signed-in")) throw error;
  }
  changeUser(client, null);
}

/** The server said that the session has ended. */
export function sessionEnded(client: QueryClient): void {
  if (client.getQueryData(meQuery.queryKey)) changeUser(client, null);
}

function changeUser(client: QueryClient, user: User | null): void {
  note(user?.id);
  forgetOwn(client);
  client.setQueryData(meQuery.queryKey, user);
  otherTabs().postMessage(user?.id);
}

function note(user: string | undefined): void {
  if (user === undefined) forget(SIGNED_IN);
  else keep(SIGNED_IN, user);
}

let channel: BroadcastChannel | undefined;

/**
 * One for speaking and listening: a second one would hear this tab's own words, and forget what the
 * new user has just asked for.
 */
function otherTabs(): BroadcastChannel {
  channel ??= new BroadcastChannel("session");
  return channel;
}

/** What one user has must not be seen by the next. */
function forgetOwn(client: QueryClient): void {
  forgetSeen();
  for (const key of ["booking", "bookings", "tickets", "own-events"])
    client.removeQueries({ queryKey: [key] });
}

/** Notices what other tabs do. `onSignedOut` leaves a page that needs somebody signed in. */
export function useSessionOfOtherTabs(onSignedOut: () => Promise<void>): void {
  const client = useQueryClient();
  useEffect(() => {
    const tabs = otherTabs();
    const changed = async ({ data: user }: MessageEvent<string | undefined>) => {
      // Another tab's message may come before what it wrote to the storage.
      note(user);
      if (user === undefined) {
        client.setQueryData(meQuery.queryKey, null);
        // First, since a page that is still there would ask again for what it may not have any
        // more.
        await onSignedOut();
      }
      forgetOwn(client);
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
    };
    tabs.addEventListener("message", changed);
    return () => tabs.removeEventListener("message", changed);
  }, [client, onSignedOut]);
}
