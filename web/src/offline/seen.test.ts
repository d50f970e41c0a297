//! What was seen is given back to whom it belongs, and to nobody else.

import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "../api/problem";
import { forgetSeen, keepSeen, orSeen, SIGNED_IN } from "./seen";

const KEY = ["tickets", "bkg_1"];
const away = () => Promise.reject(new Unreachable("away"));

let storage: Map<string, string>;

beforeEach(() => {
  storage = new Map();
  const calls = {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => void storage.set(key, value),
    removeItem: (key: string) => void storage.delete(key),
  };
  const keys = { ownKeys: () => [...storage.keys()] };
  const described = { getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) };
  vi.stubGlobal("localStorage", new Proxy(calls, { ...keys, ...described }));
});
afterEach(() => vi.unstubAllGlobals());

/** A page that shows tickets to somebody. */
async function see(user: string, path: string): Promise<void> {
  storage.set(SIGNED_IN, user);
  vi.stubGlobal("location", { pathname: path });
  const client = new QueryClient();
  keepSeen(client);
  const query = client.getQueryCache().build(client, { queryKey: KEY });
  vi.spyOn(query, "getObserversCount").mockReturnValue(1);
  query.setData([{ id: "tkt_1" }]);
  await Promise.resolve();
}

/** What a page without a server shows to somebody. */
function recalled(user: string): Promise<unknown> {
  storage.set(SIGNED_IN, user);
  return orSeen({ client: new QueryClient(), queryKey: KEY }, away).catch(() => "nothing");
}

test("what was seen is shown to the same person", async () => {
  await see("usr_1", "/bookings/bkg_1");
  expect(await recalled("usr_1")).toEqual([{ id: "tkt_1" }]);
});

test.each([
  ["another person", () => {}, "usr_2"],
  ["anybody once it is forgotten", forgetSeen, "usr_1"],
])("it is not shown to %s", async (_, then, user) => {
  await see("usr_1", "/bookings/bkg_1");
  then();
  expect(await recalled(user)).toBe("nothing");
});

test("what other pages show is not kept", async () => {
  await see("usr_1", "/events/evt_1");
  expect(await recalled("usr_1")).toBe("nothing");
});

test("a refusal is an answer: nothing old is shown instead", async () => {
  await see("usr_1", "/bookings/bkg_1");
  const refuses = () => Promise.reject(new Refused(401, {}, undefined));
  await expect(orSeen({ client: new QueryClient(), queryKey: KEY }, refuses)).rejects.toThrow();
});

test("what a page shows already is not replaced by something older", async () => {
  await see("usr_1", "/bookings/bkg_1");
  const client = new QueryClient();
  client.setQueryData(KEY, []);
  await expect(orSeen({ client, queryKey: KEY }, away)).rejects.toThrow();
});
