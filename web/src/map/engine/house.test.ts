//! A block without free seats shows from afar whether some of its seats are only held.

import { expect, it } from "vitest";
import { SeatLayout } from "../layout/layout";
import { at } from "../plan";
import { SeatStore } from "../store";
import { outline, Reader, Server, section } from "../testing";
import { paintBlocks } from "./house";
import type { Scene } from "./scene";

const theme = {
  ...{ surface: [250, 250, 250], paper: [255, 255, 255], ink: [0, 0, 0] },
  ...{ taken: [200, 200, 200], takenMark: [90, 90, 90], good: [0, 100, 0] },
};

/** How each block is drawn in grey: filled, or filled and outlined. */
function drawn(mode: "buyer" | "seller") {
  const store = new SeatStore(outline(section("A", [2, 2], [2, 2], [2, 2])));
  const server = new Server(store);
  for (const [place, code] of [
    [0, 1],
    [1, 2],
  ] as const) {
    const block = at(store.plan.blocks, place);
    for (let seat = block.first; seat < block.first + block.seats; seat += 1) server.set(block, seat, code);
  }
  new Reader(store).read(server.snapshot());
  const layout = new SeatLayout(store.plan);
  const shapes: string[][] = [];
  const calls = {
    fill: () => shapes.push(["filled"]),
    stroke: () => shapes.at(-1)?.push("outlined"),
  };
  const context = new Proxy<Record<string, unknown>>(calls, {
    get: (own, name: string) => own[name] ?? (() => {}),
  });
  const colour = [10, 20, 30] as const;
  const scene = {
    ...{ store, layout, theme, mode, dimmed: new Uint8Array(1), band: new Uint8Array(1), colours: [colour] },
  } as unknown as Scene;
  paintBlocks(context as unknown as CanvasRenderingContext2D, scene, layout.bounds, 1);
  return layout.blocks.map(({ block }, place) => [block.number, ...(shapes[place] ?? [])]);
}

it("buyers see the outline of what may come back", () => {
  expect(drawn("buyer").toSorted()).toEqual([
    [1, "filled", "outlined"],
    [2, "filled"],
    [3, "filled"],
  ]);
});

it("sellers see what is sold", () => {
  expect(drawn("seller").flat()).not.toContain("outlined");
});
