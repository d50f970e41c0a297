//! How much of an event, of a section or of a subsection is left, in the words that buyers need.

import type { MapTexts } from "../words/en";
import type { Counts } from "./types";

/** `held`: nothing is free, but not all is sold: some may come back. */
export type Availability = "free" | "few" | "held" | "sold-out";

const FEW_SHARE = 0.05;
const FEW_SEATS = 20;

export function availability({ available, reserved, sold }: Counts): Availability {
  if (available === 0) return reserved > 0 ? "held" : "sold-out";
  const all = available + reserved + sold;
  const few = Math.max(FEW_SEATS, all * FEW_SHARE);
  return available < all && available <= few ? "few" : "free";
}

/** Why nothing is free: all is sold, or some is only held; undefined where something is free. */
export function goneWords(texts: MapTexts, counts: Counts): string | undefined {
  const state = availability(counts);
  if (state === "sold-out") return texts.soldOut;
  return state === "held" ? texts.allHeld : undefined;
}

/** The part of the seats that is held or sold. */
export function goneShare({ available, reserved, sold }: Counts): number {
  const all = available + reserved + sold;
  return all === 0 ? 0 : (reserved + sold) / all;
}
