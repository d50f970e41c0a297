//! The state of one event's seats in the browser: a status per seat, counts per subsection and
//! section, prices, the connection.
//!
//! Promises: what is shown is always one state that the server had, never a mixture and never one
//! older than before: the events of a frame take effect together, a frame that is known already
//! changes nothing, and after a gap nothing does until a snapshot came. Getting an event twice does
//! no harm. Listeners hear exactly what changed.
//! Never: decides who gets a seat; knows selections, drawing or the network.

import { at, type Block, blockOf, columnOf, Directory, planOf, rowOf, type SeatPlan, seatId } from "./plan";
import type {
  Connection,
  Counts,
  EventOutline,
  FeedEvent,
  Money,
  Seat,
  SeatStatus,
  StoreChange,
} from "./types";
import { AVAILABLE, type BlockCounts, readCounts, readSeats, readSnapshot, type SeatStatuses } from "./wire";

const STATUSES: readonly SeatStatus[] = ["available", "reserved", "sold"];
/** The server's frames are smaller; a stream that never ends its frame must not fill the memory. */
const EVENTS_PER_FRAME = 10_000;

type Listener = (change: StoreChange) => void;
type FramePart = { readonly counts: BlockCounts } | { readonly seats: SeatStatuses };

export class SeatStore {
  readonly eventId: string;
  readonly plan: SeatPlan;
  readonly directory: Directory;
  /** Rises with every change. */
  version = 0;
  /** Whether the statuses of seats are known; before, only the counts of the outline are. */
  loaded = false;
  connection: Connection;

  private readonly codes: Uint8Array;
  private readonly blockCounts: Uint32Array;
  private readonly sectionCounts: Uint32Array;
  private readonly totals = new Uint32Array(3);
  private readonly prices: Money[];
  private position: Position | null = null;
  private frame: FramePart[] = [];
  private lastEventId = "";
  private readonly listeners = new Set<Listener>();
  private readonly resyncListeners = new Set<() => void>();
  private readonly now: () => number;

  constructor(outline: EventOutline, now: () => number = Date.now) {
    this.eventId = outline.id;
    this.plan = planOf(outline);
    this.directory = new Directory(this.plan);
    this.now = now;
    this.connection = { state: "connecting", since: now() };
    this.codes = new Uint8Array(this.plan.seats);
    this.blockCounts = new Uint32Array(this.plan.blocks.length * 3);
    this.sectionCounts = new Uint32Array(this.plan.sections.length * 3);
    this.prices = outline.sections.map(section => section.price);
    this.takeOutlineCounts(outline);
  }

  /** 0 available, 1 reserved, 2 sold. */
  code(seat: number): number {
    return this.codes[seat] ?? AVAILABLE;
  }

  isFree(seat: number): boolean {
    return this.code(seat) === AVAILABLE;
  }

  /** The first free seat of a block; undefined when none is free. */
  firstFree({ first, rows, perRow }: Block): number | undefined {
    for (let seat = first; seat < first + rows * perRow; seat += 1) if (this.isFree(seat)) return seat;
    return undefined;
  }

  /** A seat as people read about it. */
  seat(seat: number): Seat {
    const block = blockOf(this.plan, seat);
    const section = at(this.plan.sections, block.section);
    return {
      id: seatId(this.plan, seat),
      section: section.name,
      subsection: block.number,
      row: rowOf(block, seat) + 1,
      seat: columnOf(block, seat) + 1,
      price: this.price(section.index),
      status: at(STATUSES, this.code(seat)),
    };
  }

  price(section: number): Money {
    return at(this.prices, section);
  }

  counts(): Counts {
    return readTriple(this.totals, 0);
  }

  countsOfSection(section: number): Counts {
    return readTriple(this.sectionCounts, section);
  }

  countsOfBlock(block: number): Counts {
    return readTriple(this.blockCounts, block);
  }

  availableInBlock(block: number): number {
    return this.blockCounts[block * 3] ?? 0;
  }

  /** Calls back on every change until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Notifies when the stream must be opened again, without `Last-Event-ID`. */
  onResync(listener: () => void): () => void {
    this.resyncListeners.add(listener);
    return () => this.resyncListeners.delete(listener);
  }

  /** What to send as `Last-Event-ID`; undefined: ask for a snapshot. */
  get resumeFrom(): string | undefined {
    return this.position?.id;
  }

  /** The stream is open. What it missed, if anything, comes as its first events. */
  connected(): void {
    this.frame = [];
    if (this.position) this.setConnection("live");
  }

  disconnected(): void {
    this.frame = [];
    if (this.loaded) this.setConnection("reconnecting");
  }

  /** Takes an event of the stream over. Events of other kinds are ignored. */
  receive(event: FeedEvent): void {
    // The parts of a frame repeat the id before them; an id of its own ends the frame.
    const endsFrame = event.lastEventId !== this.lastEventId;
    this.lastEventId = event.lastEventId;
    try {
      if (event.type === "snapshot") this.receiveSnapshot(event);
      else if (event.type === "subsection" || event.type === "seats") this.receiveChange(event, endsFrame);
    } catch {
      // What is not understood is like what was not received.
      this.resync();
    }
  }

  private receiveSnapshot(event: FeedEvent): void {
    const snapshot = readSnapshot(event.data, this.directory);
    const position = positionOf(event.lastEventId);
    if (this.position && position.epoch === this.position.epoch && position.sequence < this.position.sequence)
      return;
    this.frame = [];
    this.position = position;
    const change = new ChangeBuilder();
    change.whole = !this.loaded;
    this.loaded = true;
    for (const [section, price] of snapshot.prices) this.setPrice(section, price, change);
    for (const { block, counts, packed } of snapshot.blocks) {
      this.setBlockCounts(block, counts, change);
      this.setBlockStates(block, packed, change);
    }
    this.setConnection("live", change);
    this.notify(change);
  }

  private receiveChange(event: FeedEvent, endsFrame: boolean): void {
    if (!this.position) return;
    this.addToFrame(event);
    if (!endsFrame) return;
    const position = positionOf(event.lastEventId);
    const ahead = position.sequence - this.position.sequence;
    if (position.epoch !== this.position.epoch || ahead > 1) this.resync();
    else if (ahead === 1) this.applyFrame(position);
    else this.frame = [];
  }

  private addToFrame(event: FeedEvent): void {
    if (this.frame.length >= EVENTS_PER_FRAME) throw new RangeError("A frame does not end.");
    if (event.type === "seats") {
      const seats = readSeats(event.data, this.directory);
      if (seats) this.frame.push({ seats });
    } else {
      const counts = readCounts(event.data, this.directory);
      if (counts) this.frame.push({ counts });
    }
  }

  private applyFrame(position: Position): void {
    this.position = position;
    const change = new ChangeBuilder();
    for (const part of this.frame) {
      if ("counts" in part) this.setBlockCounts(part.counts.block, part.counts.counts, change);
      else this.setCodes(part.seats, change);
    }
    this.frame = [];
    this.setConnection("live", change);
    this.notify(change);
  }

  private resync(): void {
    this.position = null;
    this.frame = [];
    if (this.loaded) this.setConnection("reconnecting");
    for (const listener of [...this.resyncListeners]) listener();
  }

  private setCodes({ seats, codes }: SeatStatuses, change: ChangeBuilder): void {
    for (let index = 0; index < seats.length; index += 1)
      this.setCode(at(seats, index), at(codes, index), change);
  }

  private setCode(seat: number, code: number, change: ChangeBuilder): void {
    if (this.codes[seat] === code) return;
    this.codes[seat] = code;
    change.seats.push(seat);
  }

  private setBlockStates(block: Block, packed: Uint8Array | null, change: ChangeBuilder): void {
    for (let number = 0; number < block.seats; number += 1) {
      const code = packed ? ((packed[number >> 2] ?? 0) >> ((number & 3) * 2)) & 3 : AVAILABLE;
      this.setCode(block.first + number, code, change);
    }
  }

  private setBlockCounts(block: Block, counts: Counts, change: ChangeBuilder): void {
    const now = [counts.available, counts.reserved, counts.sold];
    let changed = false;
    now.forEach((count, which) => {
      const index = block.index * 3 + which;
      const difference = count - (this.blockCounts[index] ?? 0);
      if (difference === 0) return;
      changed = true;
      this.blockCounts[index] = count;
      add(this.sectionCounts, block.section * 3 + which, difference);
      add(this.totals, which, difference);
    });
    if (changed) change.blocks.push(block.index);
  }

  private setPrice(section: number, price: Money, change: ChangeBuilder): void {
    const before = this.price(section);
    if (before.amount_minor === price.amount_minor && before.currency === price.currency) return;
    this.prices[section] = price;
    change.prices = true;
  }

  private setConnection(state: Connection["state"], within?: ChangeBuilder): void {
    if (this.connection.state === state) return;
    this.connection = { state, since: this.now() };
    const change = within ?? new ChangeBuilder();
    change.connection = true;
    if (!within) this.notify(change);
  }

  private notify(change: ChangeBuilder): void {
    if (!change.tellsSomething()) return;
    this.version += 1;
    for (const listener of [...this.listeners]) listener(change);
  }

  private takeOutlineCounts(outline: EventOutline): void {
    const unheard = new ChangeBuilder();
    const outlines = outline.sections.flatMap(section => section.subsections);
    for (const block of this.plan.blocks) {
      const { available = block.seats, reserved = 0, sold = 0 } = at(outlines, block.index);
      this.setBlockCounts(block, { available, reserved, sold }, unheard);
    }
  }
}

interface Position {
  readonly id: string;
  readonly epoch: string;
  readonly sequence: number;
}

/** `1f2e3d4c.17`: a run of the stream, and the number of the frame in it. */
function positionOf(id: string): Position {
  const dot = id.indexOf(".");
  const sequence = Number(id.slice(dot + 1));
  if (dot < 1 || !Number.isSafeInteger(sequence)) throw new RangeError(`${id} is no position.`);
  return { id, epoch: id.slice(0, dot), sequence };
}

class ChangeBuilder implements StoreChange {
  whole = false;
  prices = false;
  connection = false;
  readonly seats: number[] = [];
  readonly blocks: number[] = [];

  tellsSomething(): boolean {
    return this.whole || this.prices || this.connection || this.seats.length > 0 || this.blocks.length > 0;
  }
}

function readTriple(from: Uint32Array, index: number): Counts {
  const [available = 0, reserved = 0, sold = 0] = from.subarray(index * 3, index * 3 + 3);
  return { available, reserved, sold };
}

function add(to: Uint32Array, index: number, difference: number): void {
  to[index] = (to[index] ?? 0) + difference;
}
