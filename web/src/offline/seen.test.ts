//! What was seen is given back to whom it belongs, and to nobody else; and it has a limit.

import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "../api/problem";
import { COPIES } from "../lib/storage";
import { fakeStorage } from "../lib/testing";
import { forgetSeen, keepSeen, orSeen, SIGNED_IN, shownFrom } from "./seen";

const KEY = ["tickets", "bkg_1"];
const TICKETS = [{ id: "tkt_1" }];
const AT = 1_700_000_000_000;
const away = () => Promise.reject(new Unreachable("away"));
const busy = () => Promise.reject(new Refused(503, {}, undefined));

let storage: Map<string, string>;
let clients: QueryClient[];

beforeEach(() => {
  storage = fakeStorage();
  clients = [];
});
afterEach(() => {
  for (const client of clients) client.clear();
  forgetSeen();
  vi.unstubAllGlobals();
});

/** A tab that somebody uses at this path. */
function tab(user: string, path: string): QueryClient {
  storage.set(SIGNED_IN, user);
  vi.stubGlobal("location", { pathname: path });
  const client = new QueryClient();
  clients.push(client);
  keepSeen(client);
  client.setQueryData(["me"], { id: user });
  return client;
}

/** Shows on its page what the server answers; without an answer, what it has. */
function show(client: QueryClient, queryKey: readonly unknown[], queryFn?: () => Promise<object>) {
  const ask = queryFn && (() => orSeen({ client, queryKey }, queryFn));
  const options = { queryKey, retry: false, ...(ask ? { queryFn: ask } : { enabled: false }) };
  const observer = new QueryObserver(client, options);
  observer.subscribe(() => {});
  return observer;
}

/** A tab that shows tickets to somebody. */
function see(user: string, path: string): QueryClient {
  const client = tab(user, path);
  show(client, KEY);
  client.setQueryData(KEY, TICKETS, { updatedAt: AT });
  return client;
}

/** What a page without a server shows to somebody. */
async function recalled(user: string, queryKey: readonly unknown[] = KEY): Promise<unknown> {
  storage.set(SIGNED_IN, user);
  const found = await orSeen({ client: new QueryClient(), queryKey }, away).catch(() => "nothing");
  // Without the mark of a list.
  return JSON.parse(JSON.stringify(found));
}

test("what was seen is shown to the same person", async () => {
  see("usr_1", "/bookings/bkg_1");
  expect(await recalled("usr_1")).toMatchObject(TICKETS);
});

test.each([
  ["another person", () => {}, "usr_2"],
  ["anybody once it is forgotten", forgetSeen, "usr_1"],
])("it is not shown to %s", async (_, then, user) => {
  see("usr_1", "/bookings/bkg_1");
  then();
  expect(await recalled(user)).toBe("nothing");
});

test("a tab in which another tab signed in somebody else keeps nothing for that person", async () => {
  const client = see("usr_1", "/bookings/bkg_1");
  storage.set(SIGNED_IN, "usr_2");
  forgetSeen();
  client.setQueryData(KEY, [{ id: "tkt_2" }]);
  client.removeQueries({ queryKey: ["tickets"] });
  expect(await recalled("usr_2")).toBe("nothing");
});

test("what leaves the cache is not kept", async () => {
  const client = see("usr_1", "/bookings/bkg_1");
  forgetSeen();
  client.removeQueries({ queryKey: ["tickets"] });
  expect(await recalled("usr_1")).toBe("nothing");
});

test("who signs in again has what the page still had kept again", async () => {
  const client = see("usr_1", "/bookings/bkg_1");
  forgetSeen();
  show(client, KEY);
  expect(await recalled("usr_1")).toMatchObject(TICKETS);
});

test("what other pages show is not kept", async () => {
  see("usr_1", "/events/evt_1");
  expect(await recalled("usr_1")).toBe("nothing");
});

test("a refusal is an answer: nothing old is shown instead", async () => {
  see("usr_1", "/bookings/bkg_1");
  const refuses = () => Promise.reject(new Refused(401, {}, undefined));
  await expect(orSeen({ client: new QueryClient(), queryKey: KEY }, refuses)).rejects.toThrow();
});

test("what a page shows already is not replaced by something older", async () => {
  see("usr_1", "/bookings/bkg_1");
  const client = new QueryClient();
  client.setQueryData(KEY, []);
  await expect(orSeen({ client, queryKey: KEY }, away)).rejects.toThrow();
});

test("of an event its seating is not kept", async () => {
  const client = tab("usr_1", "/bookings");
  show(client, ["event", "evt_1"]);
  client.setQueryData(["event", "evt_1"], { name: "Hamlet", description: "long", sections: [{}] });
  expect(await recalled("usr_1", ["event", "evt_1"])).toMatchObject({ name: "Hamlet", sections: [] });
});

test("of a list the first page is kept", async () => {
  const client = tab("usr_1", "/bookings");
  show(client, ["bookings", "paid"]);
  client.setQueryData(["bookings", "paid"], { pages: [[{ status: "paid" }], [{}]], pageParams: [1, 2] });
  expect(await recalled("usr_1", ["bookings", "paid"])).toMatchObject([{ status: "paid" }]);
});

test.each([
  ["many", 300, 10, 200],
  ["large", 4, 400_000, 3],
])("of %s answers the oldest go, never the user", async (_, count, chars, left) => {
  const client = tab("usr_1", "/bookings/bkg_1");
  show(client, ["me"]);
  client.setQueryData(["me"], { id: "usr_1" }, { updatedAt: AT - 1 });
  for (let number = 0; number < count; number++) {
    show(client, ["tickets", number]);
    client.setQueryData(["tickets", number], ["x".repeat(chars)], { updatedAt: AT + number });
  }
  const copies = [...storage.keys()].filter(key => key.startsWith(COPIES));
  expect(copies).toHaveLength(left);
  expect(await recalled("usr_1", ["me"])).toMatchObject({ id: "usr_1" });
  expect(await recalled("usr_1", ["tickets", 0])).toBe("nothing");
  expect(await recalled("usr_1", ["tickets", count - 1])).not.toBe("nothing");
});

/** A later tab without a server, which shows tickets and an event from here. */
async function shownWithoutServer(answers: Record<string, () => Promise<object>>) {
  const first = see("usr_1", "/bookings/bkg_1");
  show(first, ["event", "evt_1"]);
  first.setQueryData(["event", "evt_1"], { name: "Hamlet" }, { updatedAt: AT + 1 });
  const client = tab("usr_1", "/bookings/bkg_1");
  const ask = (name: string) => () => (answers[name] ?? away)();
  const shown = [show(client, KEY, ask("tickets")), show(client, ["event", "evt_1"], ask("event"))];
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
  expect(shownFrom(client)).toBe(AT);
  return { client, shown };
}

test("a page says from when it is until the last part of it is the server's", async () => {
  const answers: Record<string, () => Promise<object>> = {};
  const { client, shown } = await shownWithoutServer(answers);
  Object.assign(answers, { tickets: busy, event: async () => ({ name: "Hamlet" }) });
  await shown[1]?.refetch();
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
  expect(shownFrom(client)).toBe(AT);
  answers.tickets = async () => TICKETS;
  await shown[1]?.refetch();
  await vi.waitFor(() => expect(shownFrom(client)).toBeUndefined());
});

test("an equal answer of the server is news", async () => {
  const answers: Record<string, () => Promise<object>> = {};
  const { client, shown } = await shownWithoutServer(answers);
  Object.assign(answers, { tickets: async () => TICKETS, event: async () => ({ name: "Hamlet" }) });
  await shown[0]?.refetch();
  await vi.waitFor(() => expect(shownFrom(client)).toBeUndefined());
  expect(client.getQueryData(KEY)).toEqual(TICKETS);
});
