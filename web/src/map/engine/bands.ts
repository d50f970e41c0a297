//! Which price band each section is in, the dearest first.
//!
//! Promises: at most five bands, so that each has a colour of its own and a number that
//! distinguishes it without colour; a band is one price where there are no more than five. A
//! section too small for its number has its price in the tooltip, and the legend has the number of
//! each price.

import type { SeatStore } from "../store";
import type { Money } from "../types";

export const MOST_BANDS = 5;

export interface Band {
  readonly dearest: Money;
  readonly cheapest: Money;
  readonly sections: readonly number[];
}

interface Price {
  readonly price: Money;
  readonly sections: number[];
}

export function bandsOf(store: SeatStore): Band[] {
  const prices = pricesOf(store);
  const count = Math.min(prices.length, MOST_BANDS);
  return Array.from({ length: count }, (_, band) => {
    const within = prices.slice(
      Math.round((band * prices.length) / count),
      Math.round(((band + 1) * prices.length) / count),
    );
    const [first, last] = [within[0], within.at(-1)];
    if (!first || !last) throw new Error("there are at least as many prices as bands");
    return {
      dearest: first.price,
      cheapest: last.price,
      sections: within.flatMap(({ sections }) => sections),
    };
  });
}

/** From the dearest to the cheapest. */
function pricesOf(store: SeatStore): Price[] {
  const byAmount = new Map<number, Price>();
  for (const { index } of store.plan.sections) {
    const price = store.price(index);
    const known = byAmount.get(price.amount_minor) ?? { price, sections: [] };
    known.sections.push(index);
    byAmount.set(price.amount_minor, known);
  }
  return [...byAmount.values()].sort((a, b) => b.price.amount_minor - a.price.amount_minor);
}

/** The band of each section, by number of the section. */
export function bandOfSections(bands: readonly Band[]): Uint8Array {
  const places = new Uint8Array(bands.reduce((sum, { sections }) => sum + sections.length, 0));
  bands.forEach(({ sections }, place) => {
    for (const section of sections) places[section] = place;
  });
  return places;
}

/** The number of a band as map and legend write it; empty where one price is all there is. */
export function bandSign(place: number, count: number): string {
  return count > 1 ? String.fromCodePoint(0x2460 + place) : "";
}
