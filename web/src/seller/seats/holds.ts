//! Which booking has a seat, and since when: asked for the seats in view, kept until the seat
//! changes.
//!
//! Promises: what is shown of a seat belongs to its present status; a seat whose booking is not
//! known yet (tickets follow the seats by a moment) is asked for again while it is in view. Never:
//! asks for the whole house.

import type { Hold } from "#api";
import { ticketState } from "../../lib/statuses";
import type { SeatStore, StoreChange } from "../../map";
import { blockOf, seatId } from "../../map/plan";
import type { HoldsQuery } from "../calls";

type Ask = (query: HoldsQuery, signal: AbortSignal) => Promise<readonly Hold[]>;

/** After the view rests for this long, what it needs is asked for. */
const REST_MS = 120;
/** What was not there is asked for again after this. */
const AGAIN_MS = 1_000;

export class Holds {
  private readonly known = new Map<number, Hold>();
  private readonly listeners = new Set<() => void>();
  private seats: readonly number[] = [];
  private status: HoldsQuery["status"];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;
  private version = 0;
  failed = false;

  private readonly store: SeatStore;
  private readonly ask: Ask;

  constructor(store: SeatStore, ask: Ask) {
    this.store = store;
    this.ask = ask;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Rises when more is known. */
  readonly snapshot = (): number => this.version;

  /** Who has a seat; undefined when it is free, or not known yet. */
  of(seat: number): Hold | undefined {
    const hold = this.known.get(seat);
    if (!hold) return undefined;
    const code = this.store.code(seat);
    return (ticketState(hold.status).seat ?? code) === code ? hold : undefined;
  }

  /** These seats are in view; `status`: the only one among them, when there is only one. */
  view(seats: readonly number[], status: HoldsQuery["status"]): void {
    this.seats = seats;
    this.status = status;
    this.later(REST_MS);
  }

  /** Seats have changed. */
  changed({ seats, whole }: StoreChange): void {
    if (whole) this.known.clear();
    for (const seat of seats) this.known.delete(seat);
    this.later(REST_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asking?.abort();
    this.asking = undefined;
  }

  private later(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.fetch();
    }, ms);
  }

  private missing(): number[] {
    return this.seats.filter(seat => this.store.code(seat) !== 0 && !this.of(seat));
  }

  private async fetch(): Promise<void> {
    if (this.asking) return;
    const queries = queriesFor(this.store, this.missing(), this.status);
    if (queries.length === 0) return;
    const mine = new AbortController();
    this.asking = mine;
    try {
      const pages = await Promise.all(queries.map(query => this.ask(query, mine.signal)));
      for (const hold of pages.flat()) {
        const seat = this.store.directory.seat(hold.seat);
        if (seat !== undefined) this.known.set(seat, hold);
      }
      this.failed = false;
    } catch {
      if (mine.signal.aborted) return;
      this.failed = true;
    }
    this.asking = undefined;
    this.version += 1;
    for (const listener of this.listeners) listener();
    if (this.missing().length > 0) this.later(AGAIN_MS);
  }
}

/**
 * One question per section: what lies at and behind the first of its seats that is wanted. A page
 * holds more seats than a view.
 */
export function queriesFor(
  store: SeatStore,
  wanted: readonly number[],
  status: HoldsQuery["status"],
): HoldsQuery[] {
  const first = new Map<number, number>();
  for (const seat of wanted) {
    const { section } = blockOf(store.plan, seat);
    first.set(section, Math.min(first.get(section) ?? seat, seat));
  }
  return [...first].map(([section, seat]) => {
    const { name, blocks } = store.plan.sections[section] ?? { name: "", blocks: [] };
    const begins = seat === blocks[0]?.first;
    return { section: name, status, after: begins ? undefined : seatId(store.plan, seat - 1) };
  });
}
