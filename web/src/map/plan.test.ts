//! Numbers and names of seats give each other back.

import { expect, it } from "vitest";
import { Directory, planOf, seatId } from "./plan";
import { anyOutline, outline, section, seededRandom } from "./testing";

it.each([0, 1, 2, 3, 4])("each seat of a plan has an id of its own that leads back to it, seed %i", seed => {
  const plan = planOf(anyOutline(seededRandom(seed)));
  const directory = new Directory(plan);
  const ids = Array.from({ length: plan.seats }, (_, seat) => seatId(plan, seat));
  expect(new Set(ids).size).toBe(plan.seats);
  expect(ids.map(id => directory.seat(id))).toEqual(ids.map((_, seat) => seat));
});

it.each(["A-1-3-1", "A-1-1-4", "A-1-0-1", "A-2-1-1", "B-1-1-1", "A-1-1", "", "A-1-1-1.5", "A-1-1-1-1"])(
  "there is no seat %j",
  id => {
    expect(new Directory(planOf(outline(section("A", [2, 3])))).seat(id)).toBeUndefined();
  },
);
