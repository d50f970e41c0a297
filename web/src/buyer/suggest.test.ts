//! Proposals, against what a person would point at.

import { expect, it } from "vitest";
import { SeatStore } from "../map/store";
import { outline, Reader, Server, section } from "../map/testing";
import { nearestFree, suggestSeats } from "./suggest";

/** A house of these rows, `.` free and `#` taken, all in one block. */
function house(...rows: readonly string[]) {
  const perRow = rows[0]?.length ?? 0;
  const store = new SeatStore(outline(section("A", [rows.length, perRow])), () => 0);
  const server = new Server(store);
  const block = store.plan.blocks[0];
  if (!block) throw new RangeError("a house has a block");
  [...rows.join("")].forEach((mark, seat) => {
    if (mark === "#") server.set(block, seat, 2);
  });
  new Reader(store).read(server.snapshot());
  return store;
}

it.each([
  ["neighbours in the first row that has enough", ["#..#", "...."], 3, ["A-1-2-1", "A-1-2-2", "A-1-2-3"]],
  ["the left-most run of a row", ["#.##..", "......"], 2, ["A-1-1-5", "A-1-1-6"]],
  ["two halves when no row has a run", ["..#.", "#..#"], 4, ["A-1-1-1", "A-1-1-2", "A-1-2-2", "A-1-2-3"]],
  ["single seats in the end", [".#.", "###"], 2, ["A-1-1-1", "A-1-1-3"]],
  ["as many as there are", [".##"], 3, ["A-1-1-1"]],
  ["nothing where all is taken", ["##"], 1, []],
])("proposes %s", (_, rows, quantity, seats) => {
  expect(suggestSeats(house(...rows), "A", quantity).toSorted()).toEqual(seats.toSorted());
});

it("proposes others when it is asked again", () => {
  const store = house("....");
  const first = suggestSeats(store, "A", 2);
  expect(suggestSeats(store, "A", 2, new Set(first))).toEqual(["A-1-1-3", "A-1-1-4"]);
});

it("takes the nearest free seat for a lost one, along the row before across rows", () => {
  const store = house("..#..", "..#..", ".....");
  expect(nearestFree(store, "A-1-2-3", new Set(["A-1-2-2"]))).toBe("A-1-2-4");
  expect(nearestFree(store, "A-1-2-3", new Set(["A-1-2-2", "A-1-2-4"]))).toBe("A-1-3-3");
});
