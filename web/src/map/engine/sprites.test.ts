//! The states of a seat differ in shape, so that nobody needs colours to distinguish them.

import { afterEach, expect, it, vi } from "vitest";
import type { Scene } from "./scene";
import { makeSprites } from "./sprites";

const grey = [1, 1, 1] as const;
const white = [250, 250, 250] as const;
const theme = new Proxy({}, { get: (_, name) => (name === "paper" ? white : grey) });

afterEach(() => vi.unstubAllGlobals());

/** The pictures, and how free, reserved and sold are drawn: what is filled and what is stroked. */
function drawnFor(mode: "buyer" | "seller", unit: number) {
  const drawn: string[][] = [];
  let path = "";
  const calls = {
    setTransform: () => drawn.push([]),
    beginPath: () => {
      path = "";
    },
    arc(_x: number, _y: number, radius: number, from: number, to: number) {
      path += `arc ${(radius / unit).toFixed(2)} ${((to - from) / Math.PI).toFixed(0)}π `;
    },
    lineTo: () => {
      path += "line ";
    },
    fill: () => drawn.at(-1)?.push(`filled ${path.trim()}`),
    stroke: () => drawn.at(-1)?.push(`line along ${path.trim()}`),
  };
  const context = new Proxy<Record<string, unknown>>(calls, {
    get: (own, name: string) => own[name] ?? (() => {}),
  });
  vi.stubGlobal("document", { createElement: () => ({ getContext: () => context }) });
  const scene = { theme, mode, colours: [grey] } as unknown as Scene;
  const sprites = makeSprites(scene, unit, 1);
  const shapes = [0, 1, 2].map(code => drawn[sprites.of(0, code, false)]?.join(", "));
  return { sprites, shapes };
}

it("buyers distinguish free, reserved and sold seats by their shape", () => {
  const ring = "line along arc 0.33 2π";
  expect(drawnFor("buyer", 20).shapes).toEqual([
    "filled arc 0.40 2π",
    ring,
    "filled arc 0.34 2π, line along line line",
  ]);
  expect(drawnFor("buyer", 6).shapes).toEqual(["filled arc 0.40 2π", ring, "filled arc 0.24 2π"]);
});

it.each([6, 20])("sellers, too, at %d pixels a seat", unit => {
  const ring = "line along arc 0.33 2π";
  expect(drawnFor("seller", unit).shapes).toEqual([
    ring,
    `${ring}, filled arc 0.36 1π`,
    "filled arc 0.40 2π",
  ]);
});

it("a number is read on what is behind it: a buyer's disc, a seller's floor within a ring", () => {
  const [paper, ink] = ["rgb(250 250 250 / 1)", "rgb(1 1 1 / 1)"];
  expect(drawnFor("buyer", 20).sprites).toMatchObject({ ink: [paper], room: expect.closeTo(0.8) });
  expect(drawnFor("seller", 20).sprites).toMatchObject({ ink: [ink], room: expect.closeTo(0.56) });
});
