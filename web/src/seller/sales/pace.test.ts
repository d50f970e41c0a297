import { describe, expect, test } from "vitest";
import { axisOf, barsOf, frameOf, MINUTE, type Minute, minutesLeft, minutesOf, paceOf, tickOf } from "./pace";

const at = (text: string) => Date.parse(`2030-05-01T${text}Z`);
const sold = (text: string, seats: number): Minute => ({ at: at(text), sold: seats, revenue: seats * 100 });
const NOW = at("12:30:20");

describe("bars", () => {
  test("of an hour are sixty minutes, the running one last, also where nothing was sold", () => {
    const frame = frameOf([], "hour", NOW);
    const bars = barsOf([sold("12:30:00", 5), sold("11:31:00", 2), sold("11:30:00", 9)], frame);
    expect(bars).toHaveLength(60);
    expect([bars[0]?.at, bars[0]?.sold]).toEqual([at("11:31:00"), 2]);
    expect([bars.at(-1)?.at, bars.at(-1)?.sold]).toEqual([at("12:30:00"), 5]);
    expect(bars.reduce((sum, bar) => sum + bar.sold, 0)).toBe(7);
  });

  test("of a day put minutes together and begin on round times", () => {
    const minutes = [sold("11:59:00", 1), sold("12:00:00", 2), sold("12:29:00", 3), sold("12:30:00", 4)];
    const frame = frameOf(minutes, "day", NOW);
    expect(frame.step).toBe(30 * MINUTE);
    expect(frame.from % frame.step).toBe(0);
    const bars = barsOf(minutes, frame);
    expect(bars.slice(-3).map(bar => [bar.sold, bar.revenue])).toEqual([
      [1, 100],
      [5, 500],
      [4, 400],
    ]);
  });

  test.each([
    ["12:20:00", MINUTE],
    ["09:00:00", 5 * MINUTE],
    ["00:00:00", 15 * MINUTE],
  ])("of all since %s hold every sale and are never too many", (since, step) => {
    const minutes = [sold(since, 1), sold("12:30:00", 1)];
    const frame = frameOf(minutes, "all", NOW);
    const bars = barsOf(minutes, frame);
    expect(frame.step).toBe(step);
    expect(bars.length).toBeLessThanOrEqual(73);
    expect(bars.reduce((sum, bar) => sum + bar.sold, 0)).toBe(2);
  });

  test("of a year are whole days", () => {
    const minutes = [{ ...sold("12:30:00", 1), at: NOW - 365 * 24 * 60 * MINUTE }, sold("12:30:00", 1)];
    const frame = frameOf(minutes, "all", NOW);
    expect(frame.step % (24 * 60 * MINUTE)).toBe(0);
    expect(barsOf(minutes, frame).reduce((sum, bar) => sum + bar.sold, 0)).toBe(2);
  });
});

describe("pace", () => {
  test("counts the running minute as far as it has come", () => {
    const minutes = [sold("12:20:00", 900), sold("12:26:00", 10), sold("12:28:00", 13), sold("12:30:00", 3)];
    const { perMinute, peak } = paceOf(minutes, NOW);
    expect(perMinute).toBeCloseTo(26 / (4 + 1 / 3));
    expect(peak?.sold).toBe(900);
  });

  test("of the first seconds is not blown up", () => {
    expect(paceOf([sold("12:30:00", 50)], at("12:30:01")).perMinute).toBeLessThan(50);
  });

  test("says nothing about what is left without sales, or without seats", () => {
    expect(paceOf([], NOW)).toEqual({ perMinute: 0, peak: undefined });
    const minutes = [sold("12:20:00", 5)];
    expect(minutesLeft(100, 0, minutes, NOW)).toBeUndefined();
    expect(minutesLeft(0, 5, minutes, NOW)).toBeUndefined();
    expect(minutesLeft(101, 10, minutes, NOW)).toBe(11);
    expect(minutesLeft(101, 10, minutes, at("12:21:59"))).toBeUndefined();
    expect(minutesLeft(101, 10, minutes, at("12:22:00"))).toBe(11);
  });
});

test.each([
  [0, 1, 1],
  [3, 3, 1],
  [7, 8, 2],
  [98, 100, 25],
  [240, 300, 100],
  [50_000, 60_000, 20_000],
])("an axis for %s ends at %s in steps of %s", (largest, end, step) => {
  const axis = axisOf(largest);
  expect(axis.end).toBeGreaterThanOrEqual(largest);
  expect(axis.end % axis.step).toBe(0);
  expect(axis.end / axis.step).toBeLessThanOrEqual(4);
  expect(axis).toEqual({ end, step });
});

test("times below a chart are round and have room", () => {
  expect(tickOf(MINUTE, 7, new Date(NOW)).every).toBe(10 * MINUTE);
  expect(tickOf(30 * MINUTE, 7, new Date(NOW)).every).toBe(6 * 60 * MINUTE);
});

test("minutes are read from the program's figures", () => {
  const revenue = { amount_minor: 600, currency: "TWD", decimals: 2 };
  expect(minutesOf([{ at: "2030-05-01T12:30:00.000Z", sold: 2, revenue }])).toEqual([
    { at: at("12:30:00"), sold: 2, revenue: 600 },
  ]);
});
