//! A sale that never happened: the events of the server's stream, as text, at a given pace.
//!
//! Promises: one seed gives one sale; frames look byte for byte as the server's do, so that reading
//! them costs what it costs.

import type { SeatStore } from "../src/map";
import { at, type Block, blockOf, seatId } from "../src/map/plan";

const STATUSES = ["available", "reserved", "sold"] as const;

export class Sale {
  private readonly store: SeatStore;
  private readonly codes: Uint8Array;
  private seed: number;
  private sequence = 1;

  constructor(store: SeatStore, seed = 1) {
    this.store = store;
    this.codes = new Uint8Array(store.plan.seats);
    this.seed = seed;
  }

  /**
   * Sends the snapshot of a house in which this share of seats is held, most of them near the
   * stage.
   */
  begin(held: number): void {
    const { plan } = this.store;
    for (const block of plan.blocks) {
      const near = 1 - block.section / Math.max(plan.sections.length - 1, 1);
      const share = Math.min(held * (0.5 + near) + 0.18 * (this.seededRandom() - 0.5), 1);
      for (let seat = block.first; seat < block.first + block.seats; seat += 1) {
        if (held > 0 && this.seededRandom() < share) this.codes[seat] = this.seededRandom() < 0.3 ? 1 : 2;
      }
    }
    this.store.connected();
    this.send("snapshot", this.snapshot(), true);
  }

  /** One frame in which this many seats change. */
  frame(changes: number): void {
    const touched = new Map<Block, Set<number>>();
    for (let change = 0; change < changes; change += 1) {
      const seat = Math.floor(this.seededRandom() * this.store.plan.seats);
      this.codes[seat] = this.codes[seat] === 0 ? 1 : this.codes[seat] === 1 ? 2 : 0;
      const block = blockOf(this.store.plan, seat);
      touched.set(block, (touched.get(block) ?? new Set()).add(seat));
    }
    this.sequence += 1;
    const parts = [...touched];
    parts.forEach(([block, seats], index) => {
      const section = at(this.store.plan.sections, block.section).name;
      this.send("subsection", { section, subsection: block.number, ...this.counts(block) }, false);
      const changes = [...seats].map(seat => ({
        id: seatId(this.store.plan, seat),
        status: this.status(seat),
      }));
      this.send("seats", { section, subsection: block.number, changes }, index === parts.length - 1);
    });
  }

  private send(type: string, data: object, last: boolean): void {
    const lastEventId = `00000001.${last ? this.sequence : this.sequence - 1}`;
    this.store.receive({ type, data: JSON.stringify(data), lastEventId });
  }

  private snapshot(): object {
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
    return { event_id: this.store.eventId, position: `00000001.${this.sequence}`, sections };
  }

  private packed(block: Block): string {
    const bytes = new Uint8Array(Math.ceil(block.seats / 4));
    for (let number = 0; number < block.seats; number += 1) {
      bytes[number >> 2] =
        (bytes[number >> 2] ?? 0) | ((this.codes[block.first + number] ?? 0) << ((number & 3) * 2));
    }
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
  }

  private counts(block: Block): Record<(typeof STATUSES)[number], number> {
    const counts = { available: 0, reserved: 0, sold: 0 };
    for (let seat = block.first; seat < block.first + block.seats; seat += 1) counts[this.status(seat)] += 1;
    return counts;
  }

  private status(seat: number): (typeof STATUSES)[number] {
    return at(STATUSES, this.codes[seat] ?? 0);
  }

  /** mulberry32. */
  private seededRandom(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}
