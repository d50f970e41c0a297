import { describe, expect, test, vi } from "vitest";
import type { Hold } from "#api";
import { seatId } from "../../map/plan";
import { SeatStore } from "../../map/store";
import type { HoldsQuery } from "../calls";
import { type SeatFilter, seatsThat } from "./filter";
import { Holds, queriesFor } from "./holds";
import { scrollFor, windowOf } from "./windowing";

const price = { amount_minor: 100, currency: "TWD", decimals: 2 };
const OUTLINE = {
  id: "evt_1",
  sections: [
    {
      name: "A",
      price,
      subsections: [
        { number: 1, rows: 2, seats_per_row: 3 },
        { number: 12, rows: 1, seats_per_row: 2 },
      ],
    },
    { name: "AB", price, subsections: [{ number: 1, rows: 1, seats_per_row: 4 }] },
  ],
};

/** The house with these seats held or sold, as the stream sends it. */
function house(statuses: Record<string, "reserved" | "sold"> = {}): SeatStore {
  const store = new SeatStore(OUTLINE);
  const counts = { available: 0, reserved: 0, sold: 0 };
  const sections = OUTLINE.sections.map(section => ({
    ...section,
    subsections: section.subsections.map(part => ({ ...part, ...counts, states: null })),
  }));
  const snapshot = { event_id: "evt_1", position: "e.1", ...counts, sections };
  store.receive({ type: "snapshot", data: JSON.stringify(snapshot), lastEventId: "e.1" });
  Object.entries(statuses).forEach(([id, status], index) => {
    const [section, subsection] = id.split("-");
    const data = { section, subsection: Number(subsection), changes: [{ id, status }] };
    store.receive({ type: "seats", data: JSON.stringify(data), lastEventId: `e.${index + 2}` });
  });
  return store;
}

const ids = (store: SeatStore, seats: Iterable<number>) => [...seats].map(seat => seatId(store.plan, seat));

describe("the filter", () => {
  const store = house({ "A-1-1-2": "sold", "A-12-1-1": "reserved", "AB-1-1-4": "sold" });
  test.each<[Partial<SeatFilter>, string[]]>([
    [{ status: "taken" }, ["A-1-1-2", "A-12-1-1", "AB-1-1-4"]],
    [{ status: "sold", section: "A" }, ["A-1-1-2"]],
    [{ status: "reserved" }, ["A-12-1-1"]],
    [{ prefix: "a-1-1" }, ["A-1-1-1", "A-1-1-2", "A-1-1-3"]],
    [{ prefix: "a-1", status: "taken" }, ["A-1-1-2", "A-12-1-1"]],
    [{ prefix: " AB-1-1-4 " }, ["AB-1-1-4"]],
    [{ section: "nowhere" }, []],
  ])("%o", (filter, expected) => {
    const whole = { section: undefined, status: "all", prefix: "", ...filter } as SeatFilter;
    expect(ids(store, seatsThat(store, whole))).toEqual(expected);
  });

  test("passes everything when nothing is asked", () => {
    expect(seatsThat(store, { section: undefined, status: "all", prefix: "" })).toHaveLength(12);
  });
});

test("questions begin right before the first seat that is wanted, one per section", () => {
  const store = house();
  const number = (id: string) => store.directory.seat(id) ?? -1;
  const wanted = ["A-12-1-1", "A-1-2-1", "AB-1-1-1"].map(number);
  expect(queriesFor(store, wanted, "sold")).toEqual([
    { section: "A", status: "sold", after: "A-1-1-3" },
    { section: "AB", status: "sold", after: undefined },
  ]);
  expect(queriesFor(store, [number("A-12-1-1")], undefined)[0]?.after).toBe("A-1-2-3");
});

describe("holds", () => {
  const hold = (seat: string, status: string): Hold => ({
    seat,
    status,
    booking_id: "bkg_1",
    since: "2030-01-01T00:00:00Z",
  });

  test("are asked for what is in view, again while a ticket is late, and forgotten when the seat changes", async () => {
    vi.useFakeTimers();
    const store = house({ "A-1-1-1": "sold", "A-1-1-2": "sold" });
    const answers = [[hold("A-1-1-1", "reserved")], [hold("A-1-1-1", "sold"), hold("A-1-1-2", "sold")]];
    const asked: HoldsQuery[] = [];
    const holds = new Holds(store, query => {
      asked.push(query);
      return Promise.resolve(answers.shift() ?? []);
    });
    store.subscribe(change => holds.changed(change));
    holds.view([0, 1, 2], undefined);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked).toHaveLength(1);
    expect(holds.of(0), "it is sold by now; that it was held once says nothing").toBeUndefined();
    await vi.advanceTimersByTimeAsync(1_200);
    expect(asked).toHaveLength(2);
    expect([0, 1, 2].map(seat => holds.of(seat)?.status)).toEqual(["sold", "sold", undefined]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked, "all is known").toHaveLength(2);

    const change = { section: "A", subsection: 1, changes: [{ id: "A-1-1-1", status: "available" }] };
    store.receive({ type: "seats", data: JSON.stringify(change), lastEventId: "e.4" });
    expect(holds.of(0)).toBeUndefined();
    holds.stop();
    vi.useRealTimers();
  });

  test("say when they cannot be read, and go on asking", async () => {
    vi.useFakeTimers();
    let works = false;
    const store = house({ "A-1-1-1": "sold" });
    const holds = new Holds(store, () =>
      works ? Promise.resolve([hold("A-1-1-1", "sold")]) : Promise.reject(new Error("away")),
    );
    holds.view([0], undefined);
    await vi.advanceTimersByTimeAsync(200);
    expect(holds.failed).toBe(true);
    works = true;
    await vi.advanceTimersByTimeAsync(1_200);
    expect([holds.failed, holds.of(0)?.booking_id]).toEqual([false, "bkg_1"]);
    holds.stop();
    vi.useRealTimers();
  });
});

test("only the lines in view are drawn, and the active one is scrolled to", () => {
  expect(windowOf(0, 440, 44, 50_000)).toEqual({ from: 0, to: 18 });
  expect(windowOf(44_000, 440, 44, 50_000)).toEqual({ from: 992, to: 1_018 });
  expect(windowOf(44_000, 440, 44, 5)).toEqual({ from: 5, to: 5 });
  expect(scrollFor(0, 88, 440, 44)).toBe(0);
  expect(scrollFor(20, 0, 440, 44)).toBe(484);
  expect(scrollFor(5, 0, 440, 44)).toBeUndefined();
});
