//! Houses of any plan: no two seats collide, and every point leads back to what stands there.

import { describe, expect, it } from "vitest";
import { planOf } from "../plan";
import { anyOutline, below, outline, section, seededRandom } from "../testing";
import type { EventOutline } from "../types";
import { SeatLayout } from "./layout";
import { type Box, boxOfSector, point, polarRange, type Sector } from "./polar";

const NAMED: Readonly<Record<string, EventOutline>> = {
  "one seat": outline(section("A", [1, 1])),
  "one long row": outline(section("A", [1, 1_000])),
  "one long column": outline(section("A", [1_000, 1])),
  "nothing but sections": outline(...Array.from({ length: 100 }, (_, index) => section(`${index}`, [1, 1]))),
  "many shelves": outline(section("A", ...Array.from({ length: 300 }, () => [2, 5] as const))),
  "unequal parts": outline(
    section("V", [5, 30]),
    section("A", [20, 20], [3, 40]),
    section("B", [40, 10], [1, 1]),
  ),
};
const ANY = Array.from(
  { length: 25 },
  (_, seed) => [`seed ${seed}`, anyOutline(seededRandom(seed))] as const,
);
const PLANS = [...Object.entries(NAMED), ...ANY];

describe.each(PLANS)("a house of %s", (_, event) => {
  const plan = planOf(event);
  const layout = new SeatLayout(plan);
  const spots = Array.from({ length: plan.seats }, (_, seat) => layout.seat(seat));

  it("keeps seats a unit apart", () => {
    const cells = new Map<string, number[]>();
    spots.forEach(({ x, y }, seat) => {
      const [column, row] = [Math.floor(x), Math.floor(y)];
      for (let down = -1; down <= 1; down += 1) {
        for (let right = -1; right <= 1; right += 1) {
          for (const other of cells.get(`${column + right} ${row + down}`) ?? []) {
            const there = layout.seat(other);
            expect(Math.hypot(x - there.x, y - there.y)).toBeGreaterThan(0.97);
          }
        }
      }
      cells.set(`${column} ${row}`, [...(cells.get(`${column} ${row}`) ?? []), seat]);
    });
  });

  it("finds each seat, its block and its section where it stands", () => {
    spots.forEach((spot, seat) => {
      expect(layout.seatAt(spot)).toBe(seat);
      expect(layout.sectionAt(spot)?.index).toBe(layout.blockAt(spot)?.block.section);
    });
  });

  it("keeps blocks apart and everything within its bounds", () => {
    const sectors = layout.blocks.map(place => place.outline);
    sectors.forEach((a, index) => {
      for (const b of sectors.slice(index + 1)) expect(overlapping(a, b)).toBe(false);
    });
    for (const { x, y } of spots) {
      const { minX, minY, maxX, maxY } = layout.bounds;
      expect(x >= minX && x <= maxX && y >= minY && y <= maxY).toBe(true);
    }
  });

  it("finds all seats in a box", () => {
    const random = seededRandom(plan.seats);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const box = anyBox(layout.bounds, random);
      const found = new Set<number>();
      for (const { place, rows, columns } of layout.seatsIn(box)) {
        for (let row = rows[0]; row <= rows[1]; row += 1) {
          for (let column = columns[0]; column <= columns[1]; column += 1) {
            found.add(place.block.first + row * place.block.perRow + column);
          }
        }
      }
      const within = spots.flatMap(({ x, y }, seat) =>
        x >= box.minX && x <= box.maxX && y >= box.minY && y <= box.maxY ? [seat] : [],
      );
      expect(within.filter(seat => !found.has(seat))).toEqual([]);
    }
  });

  it("is the same every time", () => {
    const again = new SeatLayout(plan);
    expect(spots.map((_, seat) => again.seat(seat))).toEqual(spots);
  });
});

it("has sections in the seller's order from the stage outwards", () => {
  const plan = planOf(
    outline(section("A", [10, 20]), section("B", [10, 30]), section("C", [10, 40]), section("D", [10, 60])),
  );
  const radii = new SeatLayout(plan).sections.map(({ outline: { inner } }) => inner);
  expect([...radii].sort((a, b) => a - b)).toEqual(radii);
});

it.each(Array.from({ length: 50 }, (_, seed) => seed))(
  "a box's sector holds all of it, and a sector's box too, seed %i",
  seed => {
    const random = seededRandom(seed);
    const box = anyBox({ minX: -50, minY: -50, maxX: 50, maxY: 50 }, random);
    const range = polarRange(box);
    const [from, inner] = [-2 + random() * 3, 1 + random() * 30];
    const sector = { inner, outer: inner + random() * 20, from, to: from + random() * 0.9 };
    const around = boxOfSector(sector);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const x = box.minX + random() * (box.maxX - box.minX);
      const y = box.minY + random() * (box.maxY - box.minY);
      const [radius, angle] = [Math.hypot(x, y), Math.atan2(x, y)];
      expect(radius >= range.inner - 1e-9 && radius <= range.outer + 1e-9).toBe(true);
      expect(angle >= range.from - 1e-9 && angle <= range.to + 1e-9).toBe(true);
      const spot = point(inner + random() * (sector.outer - inner), from + random() * (sector.to - from));
      expect(spot.x >= around.minX - 1e-9 && spot.x <= around.maxX + 1e-9).toBe(true);
      expect(spot.y >= around.minY - 1e-9 && spot.y <= around.maxY + 1e-9).toBe(true);
    }
  },
);

function overlapping(a: Sector, b: Sector): boolean {
  const gap = 1e-9;
  return a.inner < b.outer - gap && b.inner < a.outer - gap && a.from < b.to - gap && b.from < a.to - gap;
}

function anyBox({ minX, minY, maxX, maxY }: Box, random: () => number): Box {
  const [x, y] = [minX + random() * (maxX - minX), minY + random() * (maxY - minY)];
  const size = (1 + below(random, 40)) * random();
  return { minX: x, minY: y, maxX: x + size, maxY: y + size };
}
