//! Places the sections of a house: rings of arcs around the stage, in the seller's
//! order from the stage outwards.
//!
//! Promises: the same plan always gives the same house; no two seats are nearer than one unit, the
//! distance of neighbours in a row. Among many houses the one is taken that fills its picture best
//! and has the fewest empty places.
//! Never: knows pixels.

import { at, type Block, type PlanSection, type SeatPlan } from "../plan";

/** Room between neighbouring blocks of a section; the numbers of rows stand there. */
export const AISLE = 2;
/** Room between blocks behind each other; their names stand there. */
const TIER_GAP = 2.6;
const SECTION_GAP = 3.4;
const RING_GAP = 4.4;
/**
 * The first row of a block is at least this many times its depth away from the centre, so that its
 * rows fan out gently.
 */
const GENTLE = 2.4;
const SMALLEST_RADIUS = 7;
/** Rings that are almost full are stretched to the full sweep; others stay in the middle. */
const STRETCH = 1.3;

const SWEEPS = [36, 50, 66, 84, 104, 126, 150, 174, 196, 214].map(degrees => (degrees * Math.PI) / 180);
const SECTION_ASPECTS = [0.7, 1.1, 1.7, 2.6, 4, 7];
const RADIUS_STEP = 1.09;
const RADIUS_STEPS = 36;

/** Blocks of one section side by side, at a distance from the section's front. */
export interface Tier {
  readonly blocks: readonly Block[];
  readonly offset: number;
  readonly depth: number;
  /** In units, with the aisles between. */
  readonly width: number;
}

/** A section's blocks in tiers. */
export interface Grid {
  readonly section: PlanSection;
  readonly tiers: readonly Tier[];
  readonly depth: number;
  /** The share of places for blocks that stay empty in the last tier. */
  readonly unfilled: number;
}

export interface Place {
  readonly grid: Grid;
  /**
   * Angles from the axis of the house, growing to the right as seen from above with the stage on
   * top.
   */
  readonly from: number;
  readonly to: number;
}

export interface Ring {
  readonly radius: number;
  readonly depth: number;
  readonly places: readonly Place[];
}

export interface House {
  readonly sweep: number;
  readonly rings: readonly Ring[];
}

/** `aspect`: the width by the height of the picture that the house should fill. */
export function arrange(plan: SeatPlan, aspect: number): House {
  const sections = plan.sections.filter(section => section.seats > 0);
  let best: House = { sweep: at(SWEEPS, 0), rings: [] };
  let bestCost = Number.POSITIVE_INFINITY;
  if (sections.length === 0) return best;
  for (const sectionAspect of SECTION_ASPECTS) {
    const grids = sections.map(section => gridOf(section, sectionAspect));
    for (const sweep of SWEEPS) {
      for (const radius of radii(grids, sweep)) {
        const house = houseOf(grids, sweep, radius);
        const cost = costOf(house, plan.seats, aspect);
        if (cost < bestCost) [best, bestCost] = [house, cost];
      }
    }
  }
  return best;
}

function gridOf(section: PlanSection, aspect: number): Grid {
  const blocks = section.blocks.filter(block => block.seats > 0);
  const width = mean(blocks, block => block.width) + AISLE;
  const depth = mean(blocks, block => block.depth) + TIER_GAP;
  const wanted = Math.round(Math.sqrt((aspect * blocks.length * depth) / width));
  const tierCount = Math.ceil(blocks.length / Math.min(Math.max(wanted, 1), blocks.length));
  const columns = Math.ceil(blocks.length / tierCount);
  const tiers: Tier[] = [];
  let offset = 0;
  for (let first = 0; first < blocks.length; first += columns) {
    const tier = tierOf(blocks.slice(first, first + columns), offset);
    tiers.push(tier);
    offset += tier.depth + TIER_GAP;
  }
  const unfilled = 1 - blocks.length / (columns * tiers.length);
  return { section, tiers, depth: offset - TIER_GAP, unfilled };
}

function tierOf(blocks: readonly Block[], offset: number): Tier {
  const width = blocks.reduce((sum, block) => sum + block.width, 0) + (blocks.length - 1) * AISLE;
  return { blocks, offset, depth: Math.max(...blocks.map(block => block.depth)), width };
}

/**
 * Radii of the first row that are worth a try: from the narrowest to the one at which all sections
 * form one ring.
 */
function radii(grids: readonly Grid[], sweep: number): readonly number[] {
  const first = roomFor(at(grids, 0), sweep, SMALLEST_RADIUS);
  const widest = grids.reduce((sum, grid) => sum + widthOf(grid) + SECTION_GAP, 0) / sweep;
  const tries = [first];
  for (let step = 1; step < RADIUS_STEPS && at(tries, step - 1) < widest; step += 1) {
    tries.push(first * RADIUS_STEP ** step);
  }
  return tries;
}

function houseOf(grids: readonly Grid[], sweep: number, firstRadius: number): House {
  const rings: Ring[] = [];
  let radius = firstRadius;
  let waiting: Grid[] = [];
  let used = 0;
  const close = () => {
    const ring = ringOf(waiting, radius, used, sweep);
    rings.push(ring);
    radius = ring.radius + ring.depth + RING_GAP;
    waiting = [];
  };
  for (const grid of grids) {
    const more = used + SECTION_GAP / radius + angleOf(grid, radius);
    if (waiting.length > 0 && (more > sweep || gentleRadius(grid) > radius)) close();
    if (waiting.length === 0) radius = roomFor(grid, sweep, radius);
    used = waiting.length === 0 ? angleOf(grid, radius) : more;
    waiting.push(grid);
  }
  close();
  return { sweep, rings };
}

/** The least radius from `radius` on at which a section stands gently and within the sweep. */
function roomFor(grid: Grid, sweep: number, radius: number): number {
  const narrow = Math.max(...grid.tiers.map(tier => tier.width / sweep - tier.offset));
  return Math.max(radius, narrow, gentleRadius(grid));
}

function gentleRadius(grid: Grid): number {
  return Math.max(...grid.tiers.map(tier => GENTLE * tier.depth - tier.offset));
}

function ringOf(grids: readonly Grid[], radius: number, used: number, sweep: number): Ring {
  const stretch = sweep / used <= STRETCH ? sweep / used : 1;
  let from = (-used * stretch) / 2;
  const places = grids.map((grid): Place => {
    const to = from + angleOf(grid, radius) * stretch;
    const place = { grid, from, to };
    from = to + (SECTION_GAP / radius) * stretch;
    return place;
  });
  return { radius, depth: Math.max(...grids.map(grid => grid.depth)), places };
}

/** The angle at which even the tightest tier has a unit per seat in its first row. */
function angleOf(grid: Grid, radius: number): number {
  return Math.max(...grid.tiers.map(tier => tier.width / (radius + tier.offset)));
}

function widthOf(grid: Grid): number {
  return Math.max(...grid.tiers.map(tier => tier.width));
}

/** How little a house pleases. */
function costOf(house: House, seats: number, aspect: number): number {
  const inner = at(house.rings, 0).radius;
  const last = at(house.rings, house.rings.length - 1);
  const outer = last.radius + last.depth;
  const half = Math.max(...house.rings.map(ring => at(ring.places, ring.places.length - 1).to));
  const width = 2 * outer * Math.sin(Math.min(half, Math.PI / 2));
  const top = Math.min(inner * 0.4, (half > Math.PI / 2 ? outer : inner) * Math.cos(half));
  const height = outer - top;
  const picture = Math.max(width, height * aspect) * Math.max(height, width / aspect);
  const empty = 1 - seats / picture;
  const ragged = mean(
    house.rings,
    ring => (1 - (2 * at(ring.places, ring.places.length - 1).to) / house.sweep) ** 2,
  );
  const shape = mean(house.rings, ring => mean(ring.places, place => unevenness(place, ring.radius)));
  const steps = mean(house.rings, ring => mean(ring.places, ({ grid }) => 1 - grid.depth / ring.depth));
  const tiers = mean(house.rings, ring => mean(ring.places, ({ grid }) => grid.unfilled));
  // Far round the stage, rows stand on end and names have little room.
  const round = house.sweep * 0.12;
  return (
    round + empty * 2 + ragged * 3 + shape * 0.12 + steps * 1.5 + tiers * 0.6 + (2 * ditches(house)) / outer
  );
}

/** How wide, in all, the empty rings are that tight sweeps leave between others. */
function ditches(house: House): number {
  return house.rings.reduce((sum, ring, index) => {
    const before = house.rings[index - 1];
    return before ? sum + ring.radius - before.radius - before.depth - RING_GAP : sum;
  }, 0);
}

/** How far a section is from a shape that carries its name well. */
function unevenness({ grid, from, to }: Place, radius: number): number {
  const width = (to - from) * (radius + grid.depth / 2);
  return Math.abs(Math.log(width / grid.depth / 1.7));
}

function mean<T>(list: readonly T[], value: (element: T) => number): number {
  return list.reduce((sum, element) => sum + value(element), 0) / Math.max(list.length, 1);
}
