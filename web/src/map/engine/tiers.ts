//! Which price tier each section is in, the dearest first, and its colour.

import type { SeatStore } from "../store";
import type { Money } from "../types";
import { type Rgb, type Theme, tierColour } from "./theme";

export interface Tier {
  readonly price: Money;
  readonly sections: readonly number[];
}

export function tiersOf(store: SeatStore): Tier[] {
  const byAmount = new Map<number, { price: Money; sections: number[] }>();
  for (const { index } of store.plan.sections) {
    const price = store.price(index);
    const tier = byAmount.get(price.amount_minor) ?? { price, sections: [] };
    tier.sections.push(index);
    byAmount.set(price.amount_minor, tier);
  }
  return [...byAmount.values()].sort((a, b) => b.price.amount_minor - a.price.amount_minor);
}

/** The tier of each section, by number of the section. */
export function tierOfSections(tiers: readonly Tier[]): Uint16Array {
  const sections = tiers.reduce((sum, tier) => sum + tier.sections.length, 0);
  const places = new Uint16Array(sections);
  tiers.forEach((tier, place) => {
    for (const section of tier.sections) places[section] = place;
  });
  return places;
}

export function tierColours(theme: Theme, tiers: readonly Tier[]): Rgb[] {
  return tiers.map((_, place) => tierColour(theme, place, tiers.length));
}
