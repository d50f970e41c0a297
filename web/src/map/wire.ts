//! What the server's stream of seats says, read into numbers of the plan.
//!
//! Promises: a message that is not as the API says is refused as a whole with `WireError`; nothing
//! of it is taken over. What the plan does not know (a section that was opened later) is left out.

import type { Block, Directory } from "./plan";
import { placeIn } from "./plan";
import type { Counts, Money } from "./types";

/** The statuses in the server's two bits. */
export const AVAILABLE = 0;
export const RESERVED = 1;
export const SOLD = 2;

export type StatusCode = typeof AVAILABLE | typeof RESERVED | typeof SOLD;

const CODES: Readonly<Record<string, StatusCode>> = { available: AVAILABLE, reserved: RESERVED, sold: SOLD };

/** The server said something that it never should. */
export class WireError extends Error {}

export interface BlockSnapshot {
  readonly block: Block;
  readonly counts: Counts;
  /**
   * Two bits per seat, four seats a byte, the first in the lowest bits; null: all are available.
   */
  readonly packed: Uint8Array | null;
}

export interface Snapshot {
  readonly position: string;
  readonly prices: ReadonlyMap<number, Money>;
  readonly blocks: readonly BlockSnapshot[];
}

export interface BlockCounts {
  readonly block: Block;
  readonly counts: Counts;
}

export interface SeatStatuses {
  readonly seats: readonly number[];
  readonly codes: readonly StatusCode[];
}

export function readSnapshot(data: string, directory: Directory): Snapshot {
  const snapshot = record(JSON.parse(data));
  const prices = new Map<number, Money>();
  const blocks: BlockSnapshot[] = [];
  for (const entry of list(snapshot.sections)) {
    const section = record(entry);
    const known = directory.section(text(section.name));
    if (!known) continue;
    const price = record(section.price);
    prices.set(known.index, {
      amount_minor: count(price.amount_minor),
      currency: text(price.currency),
      decimals: count(price.decimals),
    });
    for (const part of list(section.subsections)) {
      const subsection = record(part);
      const block = directory.block(known.name, count(subsection.number));
      if (block)
        blocks.push({ block, counts: counts(subsection), packed: packedStates(subsection.states, block) });
    }
  }
  return { position: text(snapshot.position), prices, blocks };
}

/** Of a `subsection` event; undefined when the plan has no such subsection. */
export function readCounts(data: string, directory: Directory): BlockCounts | undefined {
  const change = record(JSON.parse(data));
  const block = directory.block(text(change.section), count(change.subsection));
  return block && { block, counts: counts(change) };
}

/** Of a `seats` event; undefined when the plan has no such subsection. */
export function readSeats(data: string, directory: Directory): SeatStatuses | undefined {
  const change = record(JSON.parse(data));
  const block = directory.block(text(change.section), count(change.subsection));
  if (!block) return undefined;
  const seats: number[] = [];
  const codes: StatusCode[] = [];
  for (const entry of list(change.changes)) {
    const { id, status } = record(entry);
    seats.push(seatOf(text(id), block));
    codes.push(codeOf(status));
  }
  return { seats, codes };
}

function seatOf(id: string, block: Block): number {
  const seat = placeIn(block, id);
  if (seat === undefined) throw new WireError(`There is no seat ${id}.`);
  return seat;
}

function codeOf(status: unknown): StatusCode {
  const code = CODES[text(status)];
  if (code === undefined) throw new WireError(`There is no status ${String(status)}.`);
  return code;
}

function packedStates(states: unknown, block: Block): Uint8Array | null {
  if (states === null || states === undefined) return null;
  const binary = atob(text(states));
  if (binary.length !== Math.ceil(block.seats / 4)) {
    throw new WireError(`${binary.length} bytes of states are not those of ${block.seats} seats.`);
  }
  return Uint8Array.from(binary, letter => letter.charCodeAt(0));
}

function counts(from: Record<string, unknown>): Counts {
  return { available: count(from.available), reserved: count(from.reserved), sold: count(from.sold) };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new WireError("An object is missing.");
  return value as Record<string, unknown>;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new WireError("A list is missing.");
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new WireError("A text is missing.");
  return value;
}

function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new WireError("A count is missing.");
  }
  return value;
}
