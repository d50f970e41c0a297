//! Arrows lead where they point, from seat to seat and from block to block.

import { describe, expect, it } from "vitest";
import { SeatLayout } from "../layout/layout";
import { planOf } from "../plan";
import { anyOutline, outline, section, seededRandom } from "../testing";
import type { Target } from "./scene";
import { DIRECTIONS, middleOf, nextTarget, targetAt } from "./targets";
import { viewOf } from "./view";

const layout = new SeatLayout(planOf(outline(section("A", [6, 10], [6, 10]), section("B", [8, 24]))));
const seat = (index: number): Target => ({ kind: "seat", index });

describe("arrows", () => {
  it.each(Object.entries(DIRECTIONS))("%s goes there, or nowhere", (_, direction) => {
    for (const kind of ["section", "block", "seat"] as const) {
      const count = { section: layout.sections.length, block: layout.blocks.length, seat: layout.plan.seats }[
        kind
      ];
      for (let index = 0; index < count; index += 1) {
        const next = nextTarget(layout, { kind, index }, direction);
        if (!next) continue;
        expect(next.kind).toBe(kind);
        const [from, to] = [middleOf(layout, { kind, index }), middleOf(layout, next)];
        expect((to.x - from.x) * direction.x + (to.y - from.y) * direction.y).toBeGreaterThan(0);
      }
    }
  });

  it("go along a row and across an aisle into the next block", () => {
    expect(nextTarget(layout, seat(4), DIRECTIONS.ArrowRight)).toEqual(seat(5));
    const over = nextTarget(layout, seat(9), DIRECTIONS.ArrowRight);
    expect(over && layout.blockAt(middleOf(layout, over))?.block.number).toBe(2);
  });

  it.each([1, 2, 3])("reach every seat of a house from the first, seed %i", seed => {
    const house = new SeatLayout(planOf(anyOutline(seededRandom(seed))));
    const within = house.plan.blocks[0];
    const reached = new Set<number>([0]);
    for (const from of reached) {
      for (const direction of Object.values(DIRECTIONS)) {
        const next = nextTarget(house, seat(from), direction);
        if (next) reached.add(next.index);
      }
    }
    for (let index = 0; index < (within?.seats ?? 0); index += 1) expect(reached.has(index)).toBe(true);
  });
});

it("means sections from afar and seats from near", () => {
  const spot = layout.seat(3);
  expect(targetAt(layout, spot, 1)).toEqual({ kind: "section", index: 0 });
  expect(targetAt(layout, spot, 20)).toEqual(seat(3));
  expect(targetAt(layout, { x: 0, y: -500 }, 20)).toBeNull();
});

it("fits a box into the middle of a screen", () => {
  const view = viewOf({ minX: 10, minY: 20, maxX: 30, maxY: 30 }, { width: 440, height: 400 }, 20, 100);
  expect(view).toEqual({ k: 20, x: -180, y: -300 });
  expect(viewOf({ minX: 0, minY: 0, maxX: 1, maxY: 1 }, { width: 400, height: 400 }, 20, 46).k).toBe(46);
});
