//! What the tests of the map share: random numbers with a seed, plans, and a server that sends the
//! truth.

import { at, type Block, seatId } from "./plan";
import type { SeatStore } from "./store";
import type { EventOutline, SectionOutline } from "./types";

/** mulberry32: numbers in 0 … 1. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

export function section(
  name: string,
  ...sizes: readonly (readonly [rows: number, perRow: number])[]
): SectionOutline {
  return {
    name,
    price: { amount_minor: 100_000, currency: "TWD", decimals: 2 },
    subsections: sizes.map(([rows, seats_per_row], index) => ({ number: index + 1, rows, seats_per_row })),
  };
}

export function outline(...sections: readonly SectionOutline[]): EventOutline {
  return { id: "event", sections };
}

/** A plan of up to a few thousand seats in any shape. */
export function anyOutline(random: () => number): EventOutline {
  const sections = Array.from({ length: 1 + below(random, 7) }, (_, index) => {
    const sizes = Array.from(
      { length: 1 + below(random, 6) },
      () => [1 + below(random, 14), 1 + below(random, 18)] as const,
    );
    return section(`S ${index}`, ...sizes);
  });
  return outline(...sections);
}

/** An event in the form of the stream. */
export interface RawEvent {
  readonly type: string;
  readonly data: string;
  readonly id?: string;
}

/** Reads a stream as browsers do: an event without an id has that of the one before. */
export class Reader {
  lastEventId = "";
  private readonly store: SeatStore;

  constructor(store: SeatStore) {
    this.store = store;
  }

  read(...events: readonly RawEvent[]): void {
    for (const { type, data, id } of events) {
      this.lastEventId = id ?? this.lastEventId;
      this.store.receive({ type, data, lastEventId: this.lastEventId });
    }
  }
}

const STATUSES = ["available", "reserved", "sold"] as const;

/** The seats as the server has them, in its own words. */
export class Server {
  readonly codes: Uint8Array;
  epoch = "0000000a";
  sequence = 1;
  private readonly store: SeatStore;
  private readonly pending = new Map<Block, Set<number>>();

  /** `store`: whose plan it is. */
  constructor(store: SeatStore) {
    this.store = store;
    this.codes = new Uint8Array(store.plan.seats);
  }

  get position(): string {
    return `${this.epoch}.${this.sequence}`;
  }

  set(block: Block, seat: number, code: number): void {
    this.codes[seat] = code;
    this.pending.set(block, (this.pending.get(block) ?? new Set()).add(seat));
  }

  /** May hold changes of the next frame already, as the server's does. */
  snapshot(): RawEvent {
    const { plan } = this.store;
    const sections = plan.sections.map(({ name, index, blocks }) => ({
      name,
      price: this.store.price(index),
      subsections: blocks.map(block => ({
        number: block.number,
        ...this.counts(block),
        states: this.packed(block),
      })),
    }));
    const data = JSON.stringify({ event_id: "event", position: this.position, sections });
    return { type: "snapshot", data, id: this.position };
  }

  /** All changes since the last frame, as events of one frame; none when nothing changed. */
  frame(): RawEvent[] {
    if (this.pending.size === 0) return [];
    this.sequence += 1;
    const events = [...this.pending].flatMap(([block, seats]) => this.eventsOf(block, seats));
    this.pending.clear();
    return events.map((event, index) =>
      index === events.length - 1 ? { ...event, id: this.position } : event,
    );
  }

  counts(block: Block): Record<(typeof STATUSES)[number], number> {
    const counts = { available: 0, reserved: 0, sold: 0 };
    for (let seat = block.first; seat < block.first + block.seats; seat += 1) counts[this.status(seat)] += 1;
    return counts;
  }

  private eventsOf(block: Block, seats: ReadonlySet<number>): RawEvent[] {
    const place = { section: at(this.store.plan.sections, block.section).name, subsection: block.number };
    const changes = [...seats].map(seat => ({
      id: seatId(this.store.plan, seat),
      status: this.status(seat),
    }));
    return [
      { type: "subsection", data: JSON.stringify({ ...place, ...this.counts(block) }) },
      { type: "seats", data: JSON.stringify({ ...place, changes }) },
    ];
  }

  private packed(block: Block): string | null {
    const codes = this.codes.subarray(block.first, block.first + block.seats);
    if (codes.every(code => code === 0)) return null;
    const bytes = new Uint8Array(Math.ceil(block.seats / 4));
    codes.forEach((code, number) => {
      bytes[number >> 2] = (bytes[number >> 2] ?? 0) | (code << ((number & 3) * 2));
    });
    return btoa(String.fromCharCode(...bytes));
  }

  private status(seat: number): (typeof STATUSES)[number] {
    return at(STATUSES, this.codes[seat] ?? 0);
  }
}
