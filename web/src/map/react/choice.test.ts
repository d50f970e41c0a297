//! What pressing a seat does.

import { describe, expect, it } from "vitest";
import { moneyOf } from "../../lib/currency";
import { map as en } from "../../words/en";
import { map as zhTW } from "../../words/zh-TW";
import { formatMoney } from "../money";
import { SeatStore } from "../store";
import { outline, Reader, Server, section } from "../testing";
import type { SeatChoiceProps } from "../types";
import { pressSeat, seatState } from "./choice";

function hall(over: Partial<SeatChoiceProps> = {}) {
  const store = new SeatStore(outline(section("A", [2, 3]), section("B", [1, 1])));
  const server = new Server(store);
  const [block] = store.plan.blocks;
  if (block) server.set(block, 1, 1);
  if (block) server.set(block, 4, 2);
  new Reader(store).read(server.snapshot());
  const heard: string[] = [];
  const props: SeatChoiceProps = {
    store,
    selection: new Set(["A-1-1-1"]),
    mine: new Set(["A-1-2-3"]),
    maxSelectable: 2,
    onToggleSeat: seat => void heard.push(seat.id),
    ...over,
  };
  return { props, heard };
}

describe("pressing", () => {
  it.each([
    ["a free seat chooses it", 2, {}, "A-1-1-3", "A-1-1-3 chosen. 2 seats in all."],
    ["a chosen seat gives it back", 0, {}, "A-1-1-1", "A-1-1-1 no longer chosen. None left."],
    ["a taken seat is refused", 1, {}, null, "A-1-1-2 is taken."],
    ["my own seat is refused", 5, {}, null, "A-1-2-3 is taken."],
    ["one seat too many is refused", 2, { maxSelectable: 1 }, null, "You can choose up to 1 seat."],
    [
      "a seat of another section starts a new choice, however many are chosen",
      6,
      { maxSelectable: 1, oneSection: true },
      "B-1-1-1",
      "B-1-1-1 chosen. 1 seat in all.",
    ],
    ["a seller sees any seat", 1, { mode: "seller" as const }, "A-1-1-2", ""],
  ])("%s", (_, seat, over, heard, said) => {
    const press = hall(over);
    expect(pressSeat(press.props, en, seat)).toEqual({ said, refused: heard === null });
    expect(press.heard).toEqual(heard === null ? [] : [heard]);
  });
});

it("distinguishes states for buyers and for sellers", () => {
  const { props } = hall();
  const states = (mode: "buyer" | "seller") =>
    [0, 1, 2, 4, 5].map(seat => seatState({ ...props, mode }, seat, props.store.seat(seat).id));
  expect(states("buyer")).toEqual(["chosen", "reserved", "free", "sold", "mine"]);
  expect(states("seller")).toEqual(["free", "reserved", "free", "sold", "free"]);
});

it("says a lost seat in both languages", () => {
  expect(en.lost(["A-1-1-1"])).toContain("A-1-1-1");
  expect(zhTW.lost(["A-1-1-1", "A-1-1-2"])).toContain("A-1-1-1、A-1-1-2");
});

it("writes money without needless decimals", () => {
  expect(formatMoney(moneyOf(300_000, "TWD"), "en")).toBe("NT$3,000");
  expect(formatMoney(moneyOf(1_250, "USD"), "en")).toBe("$12.50");
  expect(formatMoney(moneyOf(300_000, "TWD"), "zh-TW")).toBe("NT$3,000");
  expect(formatMoney(moneyOf(1_250, "USD"), "zh-TW")).toBe("US$12.50");
  expect(formatMoney(moneyOf(500, "JPY"), "en")).toBe("¥500");
});
