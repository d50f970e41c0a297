//! Who is signed in, known to all tabs.
//!
//! Promises: signing in or out here is noticed by the other tabs at once. Who signs out leaves
//! nothing of theirs on the device, with or without a server; a session that the server has not
//! ended yet is ended as soon as it answers. Never: holds the session, which is a cookie that no
//! script can read. The storage has a note of who is signed in, so that a visitor's page need not
//! ask, and until they sign out what that buyer saw last, codes of tickets with it
//! (`offline/seen.ts`).

import type { QueryClient } from "@tanstack/react-query";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { User } from "#api";
import { forget, keep, recall } from "../lib/storage";
import { forgetSeen, orSeen, SIGNED_IN } from "../offline/seen";
import * as calls from "./calls";
import { isRefused } from "./problem";

/** The note that this browser's session is still to be ended. */
const TO_END = "session-to-end";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async (asked): Promise<User | null> => {
    if (recall(SIGNED_IN) === undefined) {
      if (recall(TO_END) !== undefined) void endSession();
      return null;
    }
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
  // The new session takes the cookie of the old one, which nobody could end any more.
  if (recall(TO_END) !== undefined) await endSession();
  const { user } = await calls.signIn(email, password);
  changeUser(client, user);
  return user;
}

/**
 * Forgets at once what this device kept. False: the server has not ended the session yet; it is
 * asked again when a page is loaded.
 */
export async function signOut(client: QueryClient): Promise<boolean> {
  note(undefined);
  forgetSeen();
  keep(TO_END, "yes");
  const hasEnded = await endSession();
  changeUser(client, null);
  return hasEnded;
}

let ending: Promise<boolean> | undefined;

/** False: the server did not answer, or is in trouble. */
function endSession(): Promise<boolean> {
  ending ??= endOnce().finally(() => {
    ending = undefined;
  });
  return ending;
}

async function endOnce(): Promise<boolean> {
  try {
    await calls.signOut();
  } catch (error) {
    // A session that has ended already is as good as one that ends now.
    if (!isRefused(error, "not-signed-in")) return false;
  }
  forget(TO_END);
  return true;
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
  else {
    keep(SIGNED_IN, user);
    forget(TO_END);
  }
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
