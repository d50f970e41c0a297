//! The order of sections in the table.

import type { SectionSales } from "#api";

export type Column = "name" | "sold" | "reserved" | "available" | "share" | "revenue";

/** Equal ones keep the seller's order. */
export function sortedBy(
  sections: readonly SectionSales[],
  column: Column,
  falling: boolean,
): SectionSales[] {
  const direction = falling ? -1 : 1;
  return sections.toSorted((a, b) => direction * compare(a, b, column));
}

function compare(a: SectionSales, b: SectionSales, column: Column): number {
  if (column === "name") return a.name.localeCompare(b.name, undefined, { numeric: true });
  return figureOf(a, column) - figureOf(b, column);
}

function figureOf(section: SectionSales, column: Exclude<Column, "name">): number {
  const { sold, reserved, available, revenue } = section;
  if (column === "revenue") return revenue.amount_minor;
  if (column === "share") return sold / Math.max(sold + reserved + available, 1);
  return section[column];
}
