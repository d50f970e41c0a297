//! Numbers of seats are read at every zoom and on every screen, or are not there.

import { afterEach, expect, it, vi } from "vitest";
import { SeatLayout } from "../layout/layout";
import { SeatStore } from "../store";
import { outline, section } from "../testing";
import type { Scene } from "./scene";
import { TileSet } from "./tiles";

const store = new SeatStore(outline(section("A", [1, 120])), () => 0);
const layout = new SeatLayout(store.plan);
const grey = [1, 1, 1] as const;
const theme = new Proxy({}, { get: (_, name) => (name === "font" ? "sans-serif" : grey) });
const plain = {
  ...{ store, layout, theme, colours: [grey] },
  ...{ dimmed: new Uint8Array(1), band: new Uint8Array(1) },
};

afterEach(() => vi.unstubAllGlobals());

/** The numbers that are written on seats at a zoom, and their sizes in CSS pixels. */
function written(mode: "buyer" | "seller", k: number, dpr: number) {
  const sizes = new Map<string, number>();
  const calls = {
    fillText(this: { font: string }, text: string) {
      sizes.set(text, Number(/([\d.]+)px/.exec(this.font)?.[1]) / dpr);
    },
  };
  const context = new Proxy<Record<string, unknown>>(calls, {
    get: (own, name: string) => own[name] ?? (() => {}),
  });
  vi.stubGlobal("document", { createElement: () => ({ getContext: () => context }) });
  new TileSet({ ...plain, mode } as unknown as Scene, k, dpr).fill(layout.bounds, Number.POSITIVE_INFINITY);
  return sizes;
}

it.each([
  ["buyer", 10, []],
  ["buyer", 15, []],
  ["buyer", 16, []],
  ["buyer", 19.9, []],
  ["buyer", 20, ["1", "99"]],
  ["buyer", 21, ["1", "99"]],
  ["buyer", 28, ["1", "99", "100"]],
  ["buyer", 46, ["1", "99", "100"]],
  ["seller", 20, []],
  ["seller", 29, ["1", "99"]],
  ["seller", 46, ["1", "99", "100"]],
] as const)("%s, %d pixels a seat", (mode, k, numbers) => {
  for (const dpr of [1, 1.25, 1.5, 2, 3]) {
    const sizes = written(mode, k, dpr);
    expect(["1", "99", "100"].filter(number => sizes.has(number))).toEqual(numbers);
    for (const size of sizes.values()) expect(size).toBeGreaterThanOrEqual(12);
  }
});
