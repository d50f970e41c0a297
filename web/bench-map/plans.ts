//! Houses to look at and to measure, from one seat to half a million.

import type { EventOutline, SectionOutline } from "../src/map";

type Part = readonly [subsections: number, rows: number, seatsPerRow: number];

function section(name: string, price: number, ...parts: readonly Part[]): SectionOutline {
  const sizes = parts.flatMap(([count, rows, seats_per_row]) =>
    Array.from({ length: count }, () => ({ rows, seats_per_row })),
  );
  return {
    name,
    price: { amount_minor: price * 100, currency: "TWD", decimals: 2 },
    subsections: sizes.map((size, index) => ({ ...size, number: index + 1 })),
  };
}

const ARENA_PRICES = [3000, 2800, 2500, 2200, 2000, 1800, 1500, 1200, 1000, 800];

export const PLANS: Readonly<Record<string, readonly SectionOutline[]>> = {
  /** What `serve --demo` makes: 50,000 seats. */
  arena: ARENA_PRICES.map((price, index) => section("ABCDEFGHIJ"[index] ?? "", price, [10, 25, 20])),
  theatre: [
    section("Stalls", 2400, [3, 18, 16]),
    section("Circle", 1600, [4, 8, 14]),
    section("Balcony", 900, [5, 6, 14]),
  ],
  club: [section("VIP", 1800, [1, 4, 16]), section("Floor", 900, [3, 10, 14])],
  hall: [
    section("特區", 3200, [2, 6, 18]),
    section("平面", 2400, [4, 14, 16]),
    section("看台", 1200, [6, 10, 20]),
  ],
  one: [section("A", 500, [1, 1, 1])],
  huge: [section("A", 500, [1, 500, 1000])],
  many: Array.from({ length: 100 }, (_, index) => section(`S${index + 1}`, 3000 - 20 * index, [10, 25, 20])),
  shelves: [section("A", 500, [1000, 5, 10])],
};

export function outlineOf(name: string): EventOutline {
  return { id: `bench-${name}`, sections: PLANS[name] ?? [] };
}
