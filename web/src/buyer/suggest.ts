//! Seats to propose, out of what is free as far as this page knows. The server decides; this only
//! points at likely ones.
//!
//! The rule is the server's own: in the first row that has enough neighbours the left-most run;
//! otherwise two halves, down to single seats.

import { at, type Block, blockOf, columnOf, rowOf, seatId } from "../map/plan";
import type { SeatStore } from "../map/store";

/** Ids of up to `quantity` free seats of a section, none of them in `except`. */
export function suggestSeats(
  store: SeatStore,
  section: string,
  quantity: number,
  except: ReadonlySet<string> = new Set(),
): string[] {
  const blocks = store.directory.section(section)?.blocks ?? [];
  const used = new Set<number>();
  for (const id of except) {
    const seat = store.directory.seat(id);
    if (seat !== undefined) used.add(seat);
  }
  const isFree = (seat: number) => store.isFree(seat) && !used.has(seat);
  return pick(blocks, quantity, isFree, used).map(seat => seatId(store.plan, seat));
}

function pick(
  blocks: readonly Block[],
  quantity: number,
  isFree: (seat: number) => boolean,
  used: Set<number>,
): number[] {
  if (quantity < 1) return [];
  const run = firstRun(blocks, quantity, isFree);
  if (run !== undefined) {
    const seats = Array.from({ length: quantity }, (_, index) => run + index);
    for (const seat of seats) used.add(seat);
    return seats;
  }
  if (quantity === 1) return [];
  const half = Math.ceil(quantity / 2);
  return [...pick(blocks, half, isFree, used), ...pick(blocks, quantity - half, isFree, used)];
}

/**
 * The first seat of the left-most run of `length` free neighbours in the first row that has one.
 */
function firstRun(
  blocks: readonly Block[],
  length: number,
  isFree: (seat: number) => boolean,
): number | undefined {
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row += 1) {
      const from = block.first + row * block.perRow;
      let run = 0;
      for (let column = 0; column < block.perRow; column += 1) {
        run = isFree(from + column) ? run + 1 : 0;
        if (run === length) return from + column - length + 1;
      }
    }
  }
  return undefined;
}

/** The free seat that is nearest to a lost one: in its subsection, else anywhere in its section. */
export function nearestFree(store: SeatStore, lost: string, except: ReadonlySet<string>): string | undefined {
  const seat = store.directory.seat(lost);
  if (seat === undefined) return undefined;
  const block = blockOf(store.plan, seat);
  const distance = (other: number) =>
    Math.abs(rowOf(block, other) - rowOf(block, seat)) * 1.5 +
    Math.abs(columnOf(block, other) - columnOf(block, seat));
  let best: number | undefined;
  for (let other = block.first; other < block.first + block.seats; other += 1) {
    if (!store.isFree(other) || except.has(seatId(store.plan, other))) continue;
    if (best === undefined || distance(other) < distance(best)) best = other;
  }
  if (best !== undefined) return seatId(store.plan, best);
  return suggestSeats(store, at(store.plan.sections, block.section).name, 1, except)[0];
}
