//! The house as it is drawn: where each seat, block and section stands, and what stands at a point.
//!
//! Promises: a place follows from a seat's number by arithmetic; memory is per block, none per
//! seat. Positions are in units, one unit being the distance of neighbours in a row; the stage is
//! above, at the top of the picture.
//! Never: knows pixels, zoom or statuses.

import Flatbush from "flatbush";
import { at, type Block, blockOf, columnOf, rowOf, type SeatPlan, seatAt } from "../plan";
import { AISLE, arrange, type Place, type Ring, type Tier } from "./arrange";
import { type Box, boxOf, boxOfSector, type Point, point, polarRange, type Sector, union } from "./polar";

/** The outline of a block stands this far outside its outer seats, that of a section further. */
const BLOCK_MARGIN = 0.8;
const SECTION_MARGIN = { front: 2.1, back: 1.2, left: 1.7, right: 0.8 };
/** The widest that seats of a tier with few blocks move apart, in units. */
const WIDEST_PITCH = 1.5;

/**
 * The width by the height of the picture that a house should fill: the same on every screen, since
 * people find their seats again by where they were. Small screens zoom and pan.
 */
const ASPECT = 1.35;

export interface BlockPlace {
  readonly block: Block;
  /** Radius of the first row; rows are one unit apart. */
  readonly radius: number;
  /** Angle of the first seat of each row, and from one seat to the next. */
  readonly angle: number;
  readonly step: number;
  readonly outline: Sector;
  readonly box: Box;
  readonly middle: Point;
}

export interface SectionPlace {
  readonly index: number;
  readonly outline: Sector;
  readonly box: Box;
  readonly middle: Point;
}

/** Straight at the back, round towards the seats. */
export interface Stage {
  readonly radius: number;
  readonly half: number;
  readonly back: number;
  readonly box: Box;
}

/** A run of rows and columns of a block, both from 0, ends included. */
export interface SeatRange {
  readonly place: BlockPlace;
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

export class SeatLayout {
  readonly plan: SeatPlan;
  /** From the stage outwards; blocks and sections without seats have no place. */
  readonly blocks: readonly BlockPlace[];
  readonly sections: readonly SectionPlace[];
  readonly stage: Stage;
  readonly bounds: Box;
  private readonly blockByNumber: ReadonlyMap<number, BlockPlace>;
  private readonly sectionByNumber: ReadonlyMap<number, SectionPlace>;
  private readonly index: Flatbush | null;

  constructor(plan: SeatPlan) {
    this.plan = plan;
    const rings = arrange(plan, ASPECT).rings;
    this.blocks = rings.flatMap(ring => ring.places.flatMap(place => blockPlaces(place, ring)));
    this.sections = rings.flatMap(ring => ring.places.map(place => sectionPlace(place, ring)));
    this.blockByNumber = new Map(this.blocks.map(place => [place.block.index, place]));
    this.sectionByNumber = new Map(this.sections.map(place => [place.index, place]));
    this.stage = stageOf(rings);
    this.bounds = this.sections.map(section => section.box).reduce(union, this.stage.box);
    this.index = indexOf(this.blocks);
  }

  placeOf(block: number): BlockPlace {
    const place = this.blockByNumber.get(block);
    if (!place) throw new RangeError(`Block ${block} has no place.`);
    return place;
  }

  placeOfSection(section: number): SectionPlace {
    const place = this.sectionByNumber.get(section);
    if (!place) throw new RangeError(`Section ${section} has no place.`);
    return place;
  }

  /** The middle of a seat. */
  seat(seat: number): Point {
    const block = blockOf(this.plan, seat);
    return seatPoint(this.placeOf(block.index), rowOf(block, seat), columnOf(block, seat));
  }

  /** The seat nearest to a point within its block's outline; undefined between blocks. */
  seatAt(at: Point): number | undefined {
    const place = this.blockAt(at);
    if (!place) return undefined;
    const row = Math.round(Math.hypot(at.x, at.y) - place.radius);
    const column = Math.round((Math.atan2(at.x, at.y) - place.angle) / place.step);
    return seatAt(place.block, clamp(row, place.block.rows - 1), clamp(column, place.block.perRow - 1));
  }

  blockAt({ x, y }: Point): BlockPlace | undefined {
    const angle = Math.atan2(x, y);
    const radius = Math.hypot(x, y);
    const [found] = this.index?.search(angle, radius, angle, radius) ?? [];
    return found === undefined ? undefined : this.blocks[found];
  }

  sectionAt({ x, y }: Point): SectionPlace | undefined {
    const angle = Math.atan2(x, y);
    const radius = Math.hypot(x, y);
    return this.sections.find(({ outline }) => {
      const within = radius >= outline.inner && radius <= outline.outer;
      return within && angle >= outline.from && angle <= outline.to;
    });
  }

  /** Every seat whose middle may be in the box, and few others, as runs of rows and columns. */
  seatsIn(box: Box): SeatRange[] {
    const { inner, outer, from, to } = polarRange(box);
    const found = this.index?.search(from, inner, to, outer) ?? [];
    const ranges: SeatRange[] = [];
    for (const number of found) {
      const place = at(this.blocks, number);
      const rows = within(inner - place.radius, outer - place.radius, place.block.rows);
      const columns = within(
        (from - place.angle) / place.step,
        (to - place.angle) / place.step,
        place.block.perRow,
      );
      if (rows && columns) ranges.push({ place, rows, columns });
    }
    return ranges;
  }
}

export function seatPoint(place: BlockPlace, row: number, column: number): Point {
  return point(place.radius + row, place.angle + column * place.step);
}

function blockPlaces({ grid, from, to }: Place, ring: Ring): BlockPlace[] {
  return grid.tiers.flatMap(tier => tierPlaces(tier, ring.radius + tier.offset, from, to));
}

/**
 * The blocks of a tier side by side. Their seats share the angle of the section, unless they would
 * stand too far apart.
 */
function tierPlaces(tier: Tier, radius: number, from: number, to: number): BlockPlace[] {
  const step = Math.min((to - from) / tier.width, WIDEST_PITCH / radius);
  let angle = (from + to - tier.width * step) / 2;
  return tier.blocks.map(block => {
    const place = blockPlace(block, radius, angle + step / 2, step);
    angle += (block.width + AISLE) * step;
    return place;
  });
}

function blockPlace(block: Block, radius: number, angle: number, step: number): BlockPlace {
  const last = angle + (block.width - 1) * step;
  const margin = BLOCK_MARGIN / radius;
  const outline = {
    inner: radius - BLOCK_MARGIN,
    outer: radius + block.depth - 1 + BLOCK_MARGIN,
    from: angle - margin,
    to: last + margin,
  };
  const middle = point(radius + (block.depth - 1) / 2, (angle + last) / 2);
  return { block, radius, angle, step, outline, box: boxOfSector(outline), middle };
}

function sectionPlace({ grid, from, to }: Place, ring: Ring): SectionPlace {
  const outline = {
    inner: ring.radius - SECTION_MARGIN.front,
    outer: ring.radius + grid.depth - 1 + SECTION_MARGIN.back,
    from: from - SECTION_MARGIN.left / ring.radius,
    to: to + SECTION_MARGIN.right / ring.radius,
  };
  const middle = point((outline.inner + outline.outer) / 2, (from + to) / 2);
  return { index: grid.section.index, outline, box: boxOfSector(outline), middle };
}

function stageOf(rings: readonly Ring[]): Stage {
  const first = rings[0];
  const inner = first?.radius ?? 10;
  const outer = rings.reduce((far, ring) => Math.max(far, ring.radius + ring.depth), inner);
  const half = first?.places.reduce((far, place) => Math.max(far, place.to), 0) ?? 0.5;
  const gap = Math.max(3, inner * 0.16);
  const radius = inner - gap;
  const width = Math.max(Math.min(half * 0.8, 0.85, (0.4 * outer) / radius), Math.min(3.2 / radius, 0.85));
  const depth = Math.min(Math.max(0.06 * outer, 2.5), radius * 0.6);
  const front = radius * Math.cos(width);
  const back = Math.max(front - depth, Math.min(front, radius) - radius * 0.9);
  const side = radius * Math.sin(width);
  return {
    radius,
    half: width,
    back,
    box: boxOf([
      { x: -side, y: back },
      { x: side, y: radius },
    ]),
  };
}

/** Blocks by angle and radius, in which their outlines are plain rectangles. */
function indexOf(blocks: readonly BlockPlace[]): Flatbush | null {
  if (blocks.length === 0) return null;
  const index = new Flatbush(blocks.length);
  for (const { outline } of blocks) index.add(outline.from, outline.inner, outline.to, outline.outer);
  index.finish();
  return index;
}

/** The whole numbers from `from` to `to`, within 0 … count-1; undefined: none. */
function within(from: number, to: number, count: number): readonly [number, number] | undefined {
  const first = Math.max(Math.floor(from), 0);
  const last = Math.min(Math.ceil(to), count - 1);
  return first <= last ? [first, last] : undefined;
}

function clamp(value: number, last: number): number {
  return Math.min(Math.max(value, 0), last);
}
