//! Seats for others: whatever answer is lost on the way, the next press continues where it stopped.

import { MutationObserver, QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import type { Booking } from "#api";
import { book, cancelBooking, decidedBooking } from "../api/calls";
import { Unreachable } from "../api/problem";
import { fakeStorage } from "../lib/testing";
import type { SeatStore } from "../map/store";
import { swapOptions } from "./useSwap";

vi.mock("../api/calls");

const OLD = {
  id: "bkg_old",
  event_id: "evt_1",
  status: "pending_payment",
  revision: 2,
} as unknown as Booking;
const NEW = { ...OLD, id: "bkg_new" };
const STORE = {} as unknown as SeatStore;
const LOST = new Unreachable("away");

beforeEach(() => {
  for (const call of [book, cancelBooking, decidedBooking]) vi.mocked(call).mockReset();
  vi.mocked(book).mockResolvedValue({ ...NEW, status: "processing", revision: 1 });
  vi.mocked(decidedBooking).mockResolvedValue(NEW);
  vi.mocked(cancelBooking).mockResolvedValue({ ...OLD, status: "cancelled", revision: 3 });
  fakeStorage();
});

/** Presses the button, for seats of which none is kept; true: they are exchanged. */
function press(): Promise<boolean> {
  const client = new QueryClient();
  const options = swapOptions(client, STORE, async () => {});
  const pressed = new MutationObserver(client, options).mutate({ old: OLD, kept: [], chosen: ["A-1-1-5"] });
  return pressed.then(
    () => true,
    () => false,
  );
}

test.each([
  ["the request", () => vi.mocked(book).mockRejectedValueOnce(LOST)],
  ["how it was decided", () => vi.mocked(decidedBooking).mockRejectedValueOnce(LOST)],
  ["giving the old seats back", () => vi.mocked(cancelBooking).mockRejectedValueOnce(LOST)],
])("when the answer to %s is lost, a fresh press is the same request", async (_, lose) => {
  lose();
  expect(await press()).toBe(false);
  expect(await press()).toBe(true);
  const names = vi.mocked(book).mock.calls.map(([, name]) => name);
  expect(new Set(names).size).toBe(1);
  expect(vi.mocked(cancelBooking).mock.calls.at(-1)).toEqual(["bkg_old"]);
});

test("once they are exchanged, the same seats are another wish", async () => {
  await press();
  await press();
  const names = vi.mocked(book).mock.calls.map(([, name]) => name);
  expect(new Set(names).size).toBe(2);
});
