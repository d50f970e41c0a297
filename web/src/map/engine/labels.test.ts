//! Labels are large enough and set off from what they stand on, however near the view is.

import { expect, it } from "vitest";
import { map as texts } from "../../words/en";
import { SeatLayout } from "../layout/layout";
import { at } from "../plan";
import { SeatStore } from "../store";
import { outline, Reader, Server, section } from "../testing";
import { LEAST_ALPHA, paintLabels } from "./labels";
import type { Scene } from "./scene";

const cheap = { ...section("B", [10, 40]), price: { amount_minor: 50_000, currency: "TWD", decimals: 2 } };
const store = new SeatStore(outline(section("A", [10, 20], [10, 20]), cheap), () => 0);
const layout = new SeatLayout(store.plan);
const grey = [1, 1, 1] as const;
const theme = new Proxy({}, { get: (_, name) => (name === "font" ? "sans-serif" : grey) });
const scene = {
  ...{ store, layout, theme, texts, locale: "en", mode: "buyer" },
  ...{ dimmed: new Uint8Array([0, 1]), band: new Uint8Array([0, 1]), colours: [grey, grey] },
} as unknown as Scene;

interface Written {
  readonly text: string;
  readonly size: number;
  readonly halo: boolean;
  readonly alpha: number;
}

/** What is written at a zoom: the size of each text, whether a halo is under it, and how opaque. */
function written(k: number) {
  const found: Written[] = [];
  let under = "";
  const context = {
    ...{ font: "", globalAlpha: 1, measureText: (text: string) => ({ width: text.length * 6 }) },
    ...{ translate() {}, rotate() {} },
    strokeText: (text: string) => {
      under = text;
    },
    fillText(text: string) {
      const size = Number(/([\d.]+)px/.exec(this.font)?.[1]);
      found.push({ text, size, halo: under === text, alpha: this.globalAlpha });
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

it.each([2, 3, 3.4, 3.8, 4, 4.1, 4.2, 4.3, 4.5, 6, 11, 14, 20, 46])("at %d pixels a seat", k => {
  const found = written(k);
  for (const each of found) expect(each).toMatchObject({ halo: true });
  expect(Math.min(...found.map(({ size }) => size))).toBeGreaterThanOrEqual(12);
  expect(Math.min(...found.map(({ alpha }) => alpha))).toBeGreaterThanOrEqual(LEAST_ALPHA);
  // Besides the stage, of the section that is pointed out and of the other.
  expect(found.filter(({ text }) => text.startsWith("A ")).length).toBeGreaterThan(0);
  expect(found.filter(({ text }) => text.startsWith("B ")).length).toBeGreaterThan(0);
});

it.each([
  ["sections", 3, "A ①", "B ②"],
  ["subsections", 20, "A 1 ①", "B 1 ②"],
])("a number distinguishes the prices of %s, without colour", (_, k, ...expected) => {
  expect(written(k).map(({ text }) => text)).toEqual(expect.arrayContaining(expected));
});

it("a section without free seats says whether some are only held", () => {
  const server = new Server(store);
  const [first, second, third] = [0, 1, 2].map(block => at(store.plan.blocks, block));
  for (const [block, code] of [
    [first, 1],
    [second, 2],
    [third, 2],
  ] as const) {
    if (!block) continue;
    for (let seat = block.first; seat < block.first + block.seats; seat += 1) server.set(block, seat, code);
  }
  new Reader(store).read(server.snapshot());
  const words = written(3).map(({ text }) => text);
  expect(words.filter(text => text === texts.allHeld || text === texts.soldOut)).toEqual([
    "All in carts",
    "Sold out",
  ]);
});
