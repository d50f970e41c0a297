import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { Booking, Event } from "#api";
import { Unreachable } from "./problem";
import { bookingQuery, seatingQuery } from "./queries";

function booking(revision: number, status: string): Booking {
  return { id: "bkg_1", revision, status } as Booking;
}

test("a booking on a page never goes back to an earlier revision", async () => {
  const client = new QueryClient();
  const { queryKey } = bookingQuery("bkg_1");
  const answers = [booking(1, "processing"), booking(3, "paid"), booking(2, "pending_payment")];
  const query = { ...bookingQuery("bkg_1"), queryFn: async () => answers.shift() as Booking };
  const observer = new QueryObserver(client, { ...query, enabled: false });
  const seen: unknown[] = [];
  const stop = observer.subscribe(({ data }) => seen.push(data?.revision));
  for (const expected of [1, 3, 3]) {
    await observer.refetch();
    expect(client.getQueryData(queryKey)?.revision).toBe(expected);
  }
  client.setQueryData(queryKey, booking(2, "pending_payment"));
  expect(client.getQueryData(queryKey)?.status).toBe("paid");
  // Of equal revisions the later answer is shown.
  client.setQueryData(queryKey, { ...booking(3, "paid"), payment: { status: "succeeded" } } as Booking);
  expect(client.getQueryData(queryKey)?.payment?.status).toBe("succeeded");
  stop();
  expect([...new Set(seen)]).toEqual([undefined, 1, 3]);
});

test("pages of seats never take what was kept of an event without its seating", () => {
  const client = new QueryClient();
  const { queryKey, ...query } = seatingQuery("evt_1");
  const shown = (event: object) => {
    client.setQueryData(queryKey, event as Event);
    return new QueryObserver(client, { ...query, queryKey, enabled: false }).getCurrentResult();
  };
  expect(shown({ id: "evt_1", sections: [], seenAt: 1 }).error).toBeInstanceOf(Unreachable);
  expect(shown({ id: "evt_1", sections: [{}] }).data?.sections).toHaveLength(1);
});
