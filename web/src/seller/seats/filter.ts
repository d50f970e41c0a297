//! Which seats of a house the monitor's list shows.
//!
//! Promises: the order is the house's: section, subsection, row, seat. Never: makes an object per
//! seat; the list is numbers.

import type { SeatStore } from "../../map";
import { seatId } from "../../map/plan";

export type StatusFilter = "all" | "taken" | "reserved" | "sold" | "available";

export interface SeatFilter {
  /** Undefined: all sections. */
  readonly section: string | undefined;
  readonly status: StatusFilter;
  /** Only seats whose id begins so, whatever the case. */
  readonly prefix: string;
}

/** 0 available, 1 reserved, 2 sold, as the store has them. */
const CODES: Readonly<Record<StatusFilter, readonly number[]>> = {
  all: [0, 1, 2],
  taken: [1, 2],
  reserved: [1],
  sold: [2],
  available: [0],
};

/** The numbers of the seats that pass. */
export function seatsThat(store: SeatStore, { section, status, prefix }: SeatFilter): Uint32Array {
  const wanted = [0, 1, 2].map(code => CODES[status].includes(code));
  const begins = prefix.trim().toLowerCase();
  const found = new Uint32Array(store.plan.seats);
  let length = 0;
  for (const { name, blocks } of store.plan.sections) {
    if (section !== undefined && name !== section) continue;
    for (const { number, first, seats } of blocks) {
      if (begins && !mayBegin(`${name}-${number}-`.toLowerCase(), begins)) continue;
      for (let seat = first; seat < first + seats; seat += 1) {
        if (!wanted[store.code(seat)]) continue;
        if (begins && !seatId(store.plan, seat).toLowerCase().startsWith(begins)) continue;
        found[length] = seat;
        length += 1;
      }
    }
  }
  return found.subarray(0, length);
}

/** Whether any seat of a block can begin so. */
function mayBegin(block: string, begins: string): boolean {
  return begins.length <= block.length ? block.startsWith(begins) : begins.startsWith(block);
}
