//! One wish is one booking: which presses are the same request to the server, which are another.

import { MutationObserver, QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import type { Booking, NewBooking } from "#api";
import { book } from "../api/calls";
import { Refused, Unreachable } from "../api/problem";
import { fakeStorage } from "../lib/testing";
import { bookOptions, handPicked, isAsked } from "./useBook";

vi.mock("../api/calls");

const WISH: NewBooking = { event_id: "evt_1", section: "A", mode: "best_available", quantity: 2 };

beforeEach(() => {
  vi.mocked(book).mockReset();
  fakeStorage();
});

function answer(status: string): Booking {
  return { id: `bkg_${status}`, event_id: "evt_1", status, revision: 1 } as unknown as Booking;
}

const LOST = new Unreachable("away");

/** What the server answers, press by press: a state, or what is thrown. */
function answers(...all: readonly (string | Error)[]): void {
  for (const one of all) {
    if (typeof one === "string") vi.mocked(book).mockResolvedValueOnce(answer(one));
    else vi.mocked(book).mockRejectedValueOnce(one);
  }
}

/** Presses the button; what comes of it: the booking's state, or what is shown instead. */
async function press(wish = WISH, onBooked = async () => {}): Promise<string> {
  const client = new QueryClient();
  const pressed = new MutationObserver(client, bookOptions(client, onBooked)).mutate(wish);
  return pressed.then(
    ({ status }) => status,
    (error: Error) => error.message,
  );
}

/** The attempts that the server was asked for, numbered by their names. */
function attempts(): number[] {
  const names = vi.mocked(book).mock.calls.map(([, name]) => name);
  return names.map(name => [...new Set(names)].indexOf(name) + 1);
}

test("presses before the next page is there are one attempt; one after that is another", async () => {
  answers("processing", "processing", "processing");
  let arrive = () => {};
  const nextPage = new Promise<void>(done => {
    arrive = done;
  });
  const presses = [press(WISH, () => nextPage), press(WISH, () => nextPage)];
  await vi.waitFor(() => expect(book).toHaveBeenCalledTimes(2));
  arrive();
  await Promise.all(presses);
  await press();
  expect(attempts()).toEqual([1, 1, 2]);
});

test.each<[string, readonly (string | Error)[], string, readonly number[]]>([
  ["repeats the request", [LOST, "processing"], "processing", [1, 1]],
  ["repeats it until it is answered", [LOST, LOST, "pending_payment"], "pending_payment", [1, 1, 1]],
  ["repeats it while the server is in trouble", [new Refused(503, {}), "processing"], "processing", [1, 1]],
  ["leads to what it has become", [LOST, "pending_payment"], "pending_payment", [1, 1]],
  ["begins another attempt when that has ended", [LOST, "cancelled", "processing"], "processing", [1, 1, 2]],
  ["begins another when that is paid", [LOST, "paid", "processing"], "processing", [1, 1, 2]],
  ["begins another once, not again and again", [LOST, "failed", "failed"], "failed", [1, 1, 2]],
])("after a lost answer a fresh press %s", async (_, all, shown, asked) => {
  answers(...all);
  let last = "";
  while (vi.mocked(book).mock.calls.length < all.length) last = await press();
  expect(last).toBe(shown);
  expect(attempts()).toEqual(asked);
});

test("a first answer is never taken for a repeat, whatever it is", async () => {
  answers("failed");
  expect(await press()).toBe("failed");
  expect(attempts()).toEqual([1]);
});

test("a refusal ends the attempt", async () => {
  answers(new Refused(409, { code: "event-not-on-sale" }), "processing");
  await press();
  await press();
  expect(attempts()).toEqual([1, 2]);
});

test("another wish is another attempt", async () => {
  answers(LOST, LOST);
  await press();
  await press({ ...WISH, quantity: 3 });
  expect(attempts()).toEqual([1, 2]);
});

test("the same seats are the same wish, in whatever order they were chosen", async () => {
  const [one, other] = [
    ["A-1-1-10", "A-1-1-9"],
    ["A-1-1-9", "A-1-1-10"],
  ] as const;
  expect(handPicked("evt_1", one)).toEqual({
    event_id: "evt_1",
    section: "A",
    mode: "manual",
    seats: ["A-1-1-9", "A-1-1-10"],
  });
  answers(LOST, "processing");
  await press(handPicked("evt_1", one));
  await press(handPicked("evt_1", other));
  expect(attempts()).toEqual([1, 1]);
});

test("whether an answer is outstanding is known, also to a later page", async () => {
  const wish = handPicked("evt_1", ["A-1-1-1"]);
  expect(isAsked(wish)).toBe(false);
  answers(LOST, "processing");
  await press(wish);
  expect(isAsked(wish)).toBe(true);
  await press(wish);
  expect(isAsked(wish)).toBe(false);
});
