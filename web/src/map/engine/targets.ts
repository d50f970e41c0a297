//! What a point on the map means, and where the keyboard goes from one thing to the next.
//!
//! Promises: arrows go where they point on the screen, whichever way a block is turned; from the
//! edge of a block into the next one. Pure: no screen, no state.

import type { SeatLayout } from "../layout/layout";
import type { Point } from "../layout/polar";
import { blockOf, columnOf, rowOf, seatAt } from "../plan";
import type { Target } from "./scene";
import { SEATS_FROM } from "./view";

export const DIRECTIONS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
} as const;

/** A seat lies in a direction when it is turned away from it by no more than this cosine. */
const TOWARDS = 0.55;
/** How far beyond its block's edge a seat's neighbour is looked for, in units. */
const ACROSS = 9;

/** What is under a point of the world: sections from afar, seats from near. */
export function targetAt(layout: SeatLayout, world: Point, k: number): Target | null {
  if (k < SEATS_FROM) {
    const section = layout.sectionAt(world);
    return section ? { kind: "section", index: section.index } : null;
  }
  const seat = layout.seatAt(world);
  return seat === undefined ? null : { kind: "seat", index: seat };
}

export function middleOf(layout: SeatLayout, { kind, index }: Target): Point {
  if (kind === "seat") return layout.seat(index);
  return kind === "block" ? layout.placeOf(index).middle : layout.placeOfSection(index).middle;
}

/** The next thing of the same kind in a direction; null at the edge of the house. */
export function nextTarget(layout: SeatLayout, target: Target, direction: Point): Target | null {
  if (target.kind === "seat") return nextSeat(layout, target.index, direction);
  const from = middleOf(layout, target);
  const all =
    target.kind === "block"
      ? layout.blocks.map(({ block, middle }) => ({ index: block.index, middle }))
      : layout.sections.map(({ index, middle }) => ({ index, middle }));
  const index = nearest(all, from, direction, target.index);
  return index === undefined ? null : { kind: target.kind, index };
}

function nearest(
  all: readonly { readonly index: number; readonly middle: Point }[],
  from: Point,
  direction: Point,
  except: number,
): number | undefined {
  let best: number | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const { index, middle } of all) {
    const [x, y] = [middle.x - from.x, middle.y - from.y];
    const along = x * direction.x + y * direction.y;
    const aside = Math.abs(x * direction.y) + Math.abs(y * direction.x);
    if (index === except || along <= 0 || aside > along * 2) continue;
    const distance = along + aside * 2;
    if (distance < bestDistance) [best, bestDistance] = [index, distance];
  }
  return best;
}

function nextSeat(layout: SeatLayout, seat: number, direction: Point): Target | null {
  const index = neighbour(layout, seat, direction) ?? seatAcross(layout, seat, direction);
  return index === undefined ? null : { kind: "seat", index };
}

/** Of the up to four neighbours in the block, the one that lies in the direction. */
function neighbour(layout: SeatLayout, seat: number, direction: Point): number | undefined {
  const block = blockOf(layout.plan, seat);
  const [row, column] = [rowOf(block, seat), columnOf(block, seat)];
  const from = layout.seat(seat);
  let best: number | undefined;
  let bestCosine = TOWARDS;
  for (const [down, right] of [
    [0, -1],
    [0, 1],
    [-1, 0],
    [1, 0],
  ] as const) {
    const other = seatAt(block, row + down, column + right);
    if (other === undefined) continue;
    const to = layout.seat(other);
    const [x, y] = [to.x - from.x, to.y - from.y];
    const cosine = (x * direction.x + y * direction.y) / Math.hypot(x, y);
    if (cosine > bestCosine) [best, bestCosine] = [other, cosine];
  }
  return best;
}

/** The first seat of another block that a ray from this one meets. */
function seatAcross(layout: SeatLayout, seat: number, direction: Point): number | undefined {
  const own = blockOf(layout.plan, seat);
  const from = layout.seat(seat);
  for (let way = 0.5; way <= ACROSS; way += 0.5) {
    const at = { x: from.x + direction.x * way, y: from.y + direction.y * way };
    const place = layout.blockAt(at);
    if (place && place.block !== own) return layout.seatAt(at);
  }
  return undefined;
}
