//! The plan of an event in numbers: every section, subsection ("block") and seat has one, counted
//! in the order of the outline.
//!
//! Promises: a seat's number and its id give each other back without a table; a plan costs memory
//! per block, none per seat.
//! Never: changes after it is made. Prices and statuses are in the store.

import type { EventOutline } from "./types";

/** A subsection. Its seats are numbered `first` … `first + rows * perRow - 1`, row after row. */
export interface Block {
  readonly index: number;
  readonly section: number;
  /** As people call it, from 1. */
  readonly number: number;
  readonly rows: number;
  readonly perRow: number;
  /** The room that it takes on the map, in units. */
  readonly depth: number;
  readonly width: number;
  readonly first: number;
  readonly seats: number;
}

export interface PlanSection {
  readonly index: number;
  readonly name: string;
  readonly blocks: readonly Block[];
  readonly seats: number;
}

export interface SeatPlan {
  readonly sections: readonly PlanSection[];
  readonly blocks: readonly Block[];
  readonly seats: number;
}

export function planOf(outline: EventOutline): SeatPlan {
  const blocks: Block[] = [];
  let first = 0;
  const sections = outline.sections.map((section, index): PlanSection => {
    const own = section.subsections.map((subsection): Block => {
      const { number, rows, seats_per_row: perRow } = subsection;
      const block = {
        index: blocks.length,
        section: index,
        number,
        rows,
        perRow,
        depth: rows,
        width: perRow,
        first,
        seats: rows * perRow,
      };
      first += block.seats;
      blocks.push(block);
      return block;
    });
    return {
      index,
      name: section.name,
      blocks: own,
      seats: own.reduce((sum, block) => sum + block.seats, 0),
    };
  });
  return { sections, blocks, seats: first };
}

/** The block that a seat is in. */
export function blockOf(plan: SeatPlan, seat: number): Block {
  let low = 0;
  let high = plan.blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at(plan.blocks, middle).first <= seat) low = middle;
    else high = middle - 1;
  }
  return at(plan.blocks, low);
}

/** The row of a seat in its block, from 0. */
export function rowOf(block: Block, seat: number): number {
  return Math.floor((seat - block.first) / block.perRow);
}

/** The place of a seat in its row, from 0. */
export function columnOf(block: Block, seat: number): number {
  return (seat - block.first) % block.perRow;
}

/** `A-1-1-1`. */
export function seatId(plan: SeatPlan, seat: number): string {
  const block = blockOf(plan, seat);
  const section = at(plan.sections, block.section);
  return `${section.name}-${block.number}-${rowOf(block, seat) + 1}-${columnOf(block, seat) + 1}`;
}

/** Finds blocks by section name and subsection number, and seats by id. */
export class Directory {
  private readonly plan: SeatPlan;
  private readonly blocks = new Map<string, Block>();

  constructor(plan: SeatPlan) {
    this.plan = plan;
    for (const block of plan.blocks) {
      this.blocks.set(`${at(plan.sections, block.section).name}-${block.number}`, block);
    }
  }

  block(section: string, subsection: number): Block | undefined {
    return this.blocks.get(`${section}-${subsection}`);
  }

  section(name: string): PlanSection | undefined {
    return this.plan.sections.find(section => section.name === name);
  }

  /** The number of a seat; undefined when the plan has no such seat. */
  seat(id: string): number | undefined {
    const { name, row, column } = partsOf(id);
    const block = this.blocks.get(name);
    return block && seatAt(block, row, column);
  }
}

/**
 * The number of a place by its id. Its row and column are the last two parts; what stands before
 * them must be the block's name. Undefined beyond the block.
 */
export function placeIn(block: Block, id: string): number | undefined {
  const { row, column } = partsOf(id);
  return seatAt(block, row, column);
}

/** The block's name, and row and column from 0. */
function partsOf(id: string) {
  const columnAt = id.lastIndexOf("-");
  const rowAt = id.lastIndexOf("-", columnAt - 1);
  const [row, column] = [id.slice(rowAt + 1, columnAt), id.slice(columnAt + 1)];
  return { name: id.slice(0, Math.max(rowAt, 0)), row: Number(row) - 1, column: Number(column) - 1 };
}

/** The seat at a row and a column, both from 0; undefined beyond the block. */
export function seatAt(block: Block, row: number, column: number): number | undefined {
  const within = Number.isInteger(row) && Number.isInteger(column);
  if (!within || row < 0 || row >= block.rows || column < 0 || column >= block.perRow) return undefined;
  return block.first + row * block.perRow + column;
}

/** An element that must be there: a number out of a plan used on the lists of that plan. */
export function at<T>(list: readonly T[], index: number): T {
  const element = list[index];
  if (element === undefined) throw new RangeError(`No element ${index} in a list of ${list.length}.`);
  return element;
}
