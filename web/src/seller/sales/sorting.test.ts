import { expect, test } from "vitest";
import { sortedBy } from "./sorting";

const section = (name: string, sold: number, available: number, revenue: number) => ({
  name,
  sold,
  reserved: 0,
  available,
  revenue: { amount_minor: revenue, currency: "TWD", decimals: 2 },
});
const SECTIONS = [section("B10", 5, 5, 10), section("B9", 9, 91, 90), section("A", 5, 0, 40)];

test.each([
  ["name", false, "A B9 B10"],
  ["sold", true, "B9 B10 A"],
  ["share", true, "A B10 B9"],
  ["revenue", false, "B10 A B9"],
  ["available", false, "A B10 B9"],
] as const)("by %s, falling: %s", (column, falling, order) => {
  expect(
    sortedBy(SECTIONS, column, falling)
      .map(({ name }) => name)
      .join(" "),
  ).toBe(order);
});
