//! A draft as the seat map takes it.

import { decimals, moneyOf } from "../../lib/currency";
import type { EventOutline } from "../../map";
import { SEATS_PER_EVENT } from "./limits";
import { type Draft, seatsOf, subsectionsOf } from "./model";
import { parsePrice } from "./money";

/**
 * Undefined while there is nothing to show, or more than an event may have. What cannot be read yet
 * is left out.
 */
export function outlineOf(draft: Draft): EventOutline | undefined {
  const seats = seatsOf(draft);
  if (seats === 0 || seats > SEATS_PER_EVENT) return undefined;
  const { currency } = draft;
  const sections = draft.sections.map(section => ({
    name: section.name.trim(),
    price: moneyOf(parsePrice(section.price, decimals(currency)) ?? 0, currency),
    subsections: subsectionsOf(section).filter(({ rows, seats_per_row }) => rows > 0 && seats_per_row > 0),
  }));
  return { id: "preview", sections: sections.filter(({ subsections }) => subsections.length > 0) };
}
