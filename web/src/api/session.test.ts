//! Signing out, with and without a server.

import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { COPIES } from "../lib/storage";
import { fakeStorage } from "../lib/testing";
import { SIGNED_IN } from "../offline/seen";
import * as calls from "./calls";
import { Refused, Unreachable } from "./problem";
import { meQuery, signIn, signOut } from "./session";

vi.mock("./calls");

const ANN = { id: "usr_1" } as Awaited<ReturnType<typeof calls.whoAmI>>;
const away = () => Promise.reject(new Unreachable("away"));
const notSignedIn = () => Promise.reject(new Refused(401, { code: "not-signed-in" }, undefined));

let storage: Map<string, string>;
let client: QueryClient;

beforeEach(async () => {
  vi.resetAllMocks();
  vi.stubGlobal(
    "BroadcastChannel",
    class {
      postMessage() {}
    },
  );
  storage = fakeStorage();
  client = new QueryClient();
  vi.mocked(calls.signIn).mockResolvedValue({ user: ANN } as Awaited<ReturnType<typeof calls.signIn>>);
  await signIn(client, "ann@example.org", "a password");
  storage.set(`${COPIES}usr_1:["tickets"]`, "1 [{}]");
});
afterEach(() => {
  client.clear();
  vi.unstubAllGlobals();
});

/** What a page that is loaded now knows of who is signed in. */
const load = () => new QueryClient().fetchQuery({ ...meQuery, retry: false });

/** What of anybody is left in this browser. */
const left = () => [...storage.keys()].filter(key => key.startsWith(COPIES) || key === SIGNED_IN);

test.each([
  ["ends the session", async () => undefined],
  ["says that it has ended", notSignedIn],
])("nothing is left when the server %s", async (_, answer) => {
  vi.mocked(calls.signOut).mockImplementation(answer);
  expect(await signOut(client)).toBe(true);
  expect([...storage.keys()]).toEqual([]);
  expect(client.getQueryData(meQuery.queryKey)).toBeNull();
});

test.each([
  ["away", away],
  ["in trouble", () => Promise.reject(new Refused(503, {}, undefined))],
])(
  "nothing of the user is left when the server is %s, and a later page ends the session",
  async (_, answer) => {
    vi.mocked(calls.signOut).mockImplementation(answer);
    expect(await signOut(client)).toBe(false);
    expect(left()).toEqual([]);
    expect(client.getQueryData(meQuery.queryKey)).toBeNull();

    expect(await load()).toBeNull();
    await vi.waitFor(() => expect(calls.signOut).toHaveBeenCalledTimes(2));
    vi.mocked(calls.signOut).mockResolvedValue();
    await load();
    await vi.waitFor(() => expect([...storage.keys()]).toEqual([]));
    expect(calls.signOut).toHaveBeenCalledTimes(3);
    await load();
    expect(calls.signOut).toHaveBeenCalledTimes(3);
  },
);

test("what is kept is forgotten before the server answers", async () => {
  let answer = () => {};
  const late = new Promise<void>(resolve => {
    answer = resolve;
  });
  vi.mocked(calls.signOut).mockReturnValue(late);
  const leaving = signOut(client);
  expect(left()).toEqual([]);
  answer();
  await leaving;
});

test("a session that is still to be ended does not end the next one", async () => {
  vi.mocked(calls.signOut).mockImplementation(away);
  await signOut(client);
  vi.mocked(calls.signOut).mockResolvedValue();
  await signIn(client, "ann@example.org", "a password");
  expect(calls.signOut).toHaveBeenCalledTimes(2);
  expect(vi.mocked(calls.signOut).mock.invocationCallOrder[1]).toBeLessThan(
    vi.mocked(calls.signIn).mock.invocationCallOrder[1] ?? 0,
  );
  vi.mocked(calls.whoAmI).mockResolvedValue(ANN);
  expect(await load()).toEqual(ANN);
  expect(calls.signOut).toHaveBeenCalledTimes(2);
});
