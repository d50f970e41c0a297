//! The server's words, as its own tests write them, and words that it never says.

import { describe, expect, it } from "vitest";
import { Directory, planOf } from "./plan";
import { outline, section } from "./testing";
import { readCounts, readSeats, readSnapshot } from "./wire";

const plan = planOf(outline(section("A", [3, 3]), section("特 區_1", [1, 2])));
const directory = new Directory(plan);

const SUBSECTION = { number: 1, rows: 3, seats_per_row: 3, available: 6, reserved: 2, sold: 1 };

function snapshot(subsection: object, name = "A"): string {
  const price = { amount_minor: 300_000, currency: "TWD", decimals: 2 };
  return JSON.stringify({
    event_id: "e",
    position: "1a2b3c4d.7",
    sections: [{ name, price, subsections: [subsection] }],
  });
}

describe("a snapshot", () => {
  it("has two bits a seat, the first in the lowest", () => {
    // Seats 0 and 3 are reserved, seat 8 is sold: the bytes of `packed.rs`.
    const states = btoa(String.fromCharCode(0b0100_0001, 0, 0b10));
    const read = readSnapshot(snapshot({ ...SUBSECTION, states }), directory);
    expect(read.position).toBe("1a2b3c4d.7");
    expect(read.prices.get(0)).toEqual({ amount_minor: 300_000, currency: "TWD", decimals: 2 });
    expect(read.blocks[0]?.counts).toEqual({ available: 6, reserved: 2, sold: 1 });
    expect(read.blocks[0]?.packed).toEqual(Uint8Array.of(0b0100_0001, 0, 0b10));
  });

  it("without states is all free, and leaves out sections that the plan does not know", () => {
    expect(readSnapshot(snapshot({ ...SUBSECTION, states: null }), directory).blocks[0]?.packed).toBeNull();
    expect(readSnapshot(snapshot({ ...SUBSECTION, states: null }, "Z"), directory).blocks).toEqual([]);
  });

  it.each([
    ["too few states", snapshot({ ...SUBSECTION, states: btoa("x") })],
    ["no counts", snapshot({ number: 1, states: null })],
    ["a negative count", snapshot({ ...SUBSECTION, sold: -1, states: null })],
    ["no sections", JSON.stringify({ position: "1.1" })],
    ["no JSON", "<html>"],
  ])("is refused with %s", (_, data) => {
    expect(() => readSnapshot(data, directory)).toThrow();
  });
});

describe("changes", () => {
  it("name seats in sections of any script", () => {
    const changes = [
      { id: "特 區_1-1-1-2", status: "sold" },
      { id: "特 區_1-1-1-1", status: "available" },
    ];
    const data = JSON.stringify({ section: "特 區_1", subsection: 1, changes });
    expect(readSeats(data, directory)).toEqual({ seats: [10, 9], codes: [2, 0] });
  });

  it("carry counts", () => {
    const data = JSON.stringify({ section: "A", subsection: 1, available: 1, reserved: 2, sold: 6 });
    expect(readCounts(data, directory)?.counts).toEqual({ available: 1, reserved: 2, sold: 6 });
  });

  it("of a subsection that the plan does not know are left out", () => {
    expect(
      readSeats(JSON.stringify({ section: "A", subsection: 9, changes: [] }), directory),
    ).toBeUndefined();
  });

  it.each([
    { id: "A-1-4-1", status: "sold" },
    { id: "A-1-1-0", status: "sold" },
    { id: "A-1-1-x", status: "sold" },
    { id: "A-1-1-1", status: "gone" },
  ])("are refused with $id $status", change => {
    const data = JSON.stringify({ section: "A", subsection: 1, changes: [change] });
    expect(() => readSeats(data, directory)).toThrow();
  });
});
