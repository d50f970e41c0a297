//! All that a picture of the map is made from, at one moment. Painters read it and change nothing.

import type { MapTexts } from "../../words/en";
import type { SeatLayout } from "../layout/layout";
import type { SeatStore } from "../store";
import type { MapMode } from "../types";
import type { Rgb, Theme } from "./theme";

export interface Scene {
  readonly store: SeatStore;
  readonly layout: SeatLayout;
  readonly theme: Theme;
  readonly texts: MapTexts;
  readonly locale: string;
  readonly mode: MapMode;
  /** The price band, by section. */
  readonly band: Uint8Array;
  /** By price band. */
  readonly colours: readonly Rgb[];
  /** By section: stepped back while others are pointed out. */
  readonly dimmed: Uint8Array;
  readonly chosen: ReadonlySet<number>;
  readonly mine: ReadonlySet<number>;
  readonly claiming: ReadonlySet<number>;
}

/** Something on the map that can be pointed at. */
export interface Target {
  readonly kind: "section" | "block" | "seat";
  readonly index: number;
}

export function sameTarget(a: Target | null, b: Target | null): boolean {
  return a === b || (a !== null && b !== null && a.kind === b.kind && a.index === b.index);
}
