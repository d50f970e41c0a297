//! Seats as people say them.

import { expect, it } from "vitest";
import { translateIn } from "../i18n/text";
import { base } from "../words/en";
import { seatGroups, seatName, seatRanges, seatWords } from "./seatNames";

it("takes an id apart, whatever the section is called", () => {
  expect(seatName("B 甲-2-13-7")).toEqual({
    id: "B 甲-2-13-7",
    section: "B 甲",
    subsection: 2,
    row: 13,
    seat: 7,
  });
});

it.each([
  [[1], "1"],
  [[1, 2], "1–2"],
  [[3, 4, 5, 8], "3–5, 8"],
  [[2, 4, 6], "2, 4, 6"],
  [[], ""],
])("says the seats %j as “%s”", (seats, said) => {
  expect(seatRanges(seats, ", ")).toBe(said);
});

it("puts the seats of a row together, rows in order, numbers as numbers", () => {
  expect(seatGroups(["A-1-2-10", "A-1-10-1", "A-1-2-9", "A-2-1-1"])).toEqual([
    { section: "A", subsection: 1, row: 2, seats: [9, 10] },
    { section: "A", subsection: 1, row: 10, seats: [1] },
    { section: "A", subsection: 2, row: 1, seats: [1] },
  ]);
});

it.each([
  [["A-1-2-9"], { where: "A 1", which: "Row 2, seat 9" }],
  [["A-1-2-9", "A-1-2-10"], { where: "A 1", which: "Row 2, seats 9–10" }],
])("says the place of %j", (ids, words) => {
  expect(seatGroups(ids).map(group => seatWords(group, translateIn("en", base)))).toEqual([words]);
});
