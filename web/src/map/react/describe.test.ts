//! What is said of a section or a subsection without free seats: held is not sold.

import { expect, it } from "vitest";
import { map as en } from "../../words/en";
import { map as zhTW } from "../../words/zh-TW";
import { at } from "../plan";
import { SeatStore } from "../store";
import { outline, Reader, Server, section } from "../testing";
import { availabilityWords, describeTarget } from "./describe";

/** Section A: a block with one held seat and one sold, and one that is sold. Section B is free. */
function hall(): SeatStore {
  const store = new SeatStore(outline(section("A", [1, 2], [1, 2]), section("B", [1, 2])));
  const server = new Server(store);
  const [first, second] = [at(store.plan.blocks, 0), at(store.plan.blocks, 1)];
  server.set(first, first.first, 1);
  server.set(first, first.first + 1, 2);
  for (const seat of [0, 1]) server.set(second, second.first + seat, 2);
  new Reader(store).read(server.snapshot());
  return store;
}

it("a section of which some seats are held is not sold out", () => {
  const store = hall();
  const said = (kind: "section" | "block", index: number) =>
    describeTarget({ store, selection: new Set() }, en, "en", { kind, index }).state;
  expect([said("section", 0), said("section", 1)]).toEqual(["All in carts", "2 of 2 free"]);
  expect([said("block", 0), said("block", 1)]).toEqual(["All in carts", "Sold out"]);
  expect(availabilityWords(zhTW, "zh-TW", store.countsOfSection(0))).toBe("全被保留中");
});
