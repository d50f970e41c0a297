//! Labels are large enough and set off from what they stand on, however near the view is.

import { expect, it } from "vitest";
import { map as texts } from "../../words/en";
import { SeatLayout } from "../layout/layout";
import { SeatStore } from "../store";
import { outline, section } from "../testing";
import { paintLabels } from "./labels";
import type { Scene } from "./scene";

const cheap = { ...section("B", [10, 40]), price: { amount_minor: 50_000, currency: "TWD", decimals: 2 } };
const store = new SeatStore(outline(section("A", [10, 20], [10, 20]), cheap), () => 0);
const layout = new SeatLayout(store.plan);
const grey = [1, 1, 1] as const;
const theme = new Proxy({}, { get: (_, name) => (name === "font" ? "sans-serif" : grey) });
const scene = {
  ...{ store, layout, theme, texts, locale: "en", mode: "buyer" },
  ...{ dimmed: new Uint8Array(2), band: new Uint8Array([0, 1]), colours: [grey, grey] },
} as unknown as Scene;

/** What is written at a zoom: the size of each text, and whether a halo is under it. */
function written(k: number) {
  const found: { text: string; size: number; halo: boolean }[] = [];
  let under = "";
  const context = {
    ...{ font: "", measureText: (text: string) => ({ width: text.length * 6 }) },
    ...{ translate() {}, rotate() {} },
    strokeText: (text: string) => {
      under = text;
    },
    fillText(text: string) {
      found.push({ text, size: Number(/([\d.]+)px/.exec(this.font)?.[1]), halo: under === text });
      under = "";
    },
  };
  const everything = layout.bounds;
  paintLabels(
    context as unknown as CanvasRenderingContext2D,
    scene,
    { k, x: 0, y: 0 },
    everything,
    k > 4 ? 1 : 0,
  );
  return found;
}

it.each([2, 3, 4.3, 6, 11, 14, 20, 46])("at %d pixels a seat", k => {
  const found = written(k);
  expect(found.length).toBeGreaterThan(0);
  for (const each of found) expect(each).toMatchObject({ halo: true });
  expect(Math.min(...found.map(({ size }) => size))).toBeGreaterThanOrEqual(12);
});

it.each([
  ["sections", 3, "A ①", "B ②"],
  ["subsections", 20, "A 1 ①", "B 1 ②"],
])("a number distinguishes the prices of %s, without colour", (_, k, ...expected) => {
  expect(written(k).map(({ text }) => text)).toEqual(expect.arrayContaining(expected));
});
