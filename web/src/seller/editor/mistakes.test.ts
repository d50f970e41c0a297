import { expect, test } from "vitest";
import { type Mistake, mistakesOf, mistakesSaid, mistakesWithin } from "./mistakes";
import { type Draft, emptyDraft, generate, type Section, setBlock } from "./model";

const NOW = Date.parse("2026-06-01T00:00:00Z");

function good(): Draft {
  return {
    ...emptyDraft("Asia/Taipei", "TWD"),
    name: "Gala",
    date: "2030-05-01",
    sections: generate(
      {
        sections: 2,
        subsections: 2,
        rows: 10,
        seatsPerRow: 20,
        names: "letters",
        firstPrice: "900",
        lastPrice: "500",
      },
      "TWD",
    ),
  };
}

const first = (change: Partial<Section>) => (draft: Draft) => ({
  ...draft,
  sections: draft.sections.map((section, index) => (index === 0 ? { ...section, ...change } : section)),
});

const got = (mistakes: readonly Mistake[]) => mistakes.map(({ pointer, code }) => `${pointer} ${code}`);

test("a good draft has no mistakes", () => {
  expect(mistakesOf(good(), NOW)).toEqual([]);
});

test.each<[string, (draft: Draft) => Draft, string[]]>([
  ["no name", draft => ({ ...draft, name: "  " }), ["/name empty"]],
  ["a name too long", draft => ({ ...draft, name: "x".repeat(201) }), ["/name too_long"]],
  ["two hundred letters outside the first plane", draft => ({ ...draft, name: "🎭".repeat(200) }), []],
  ["no date", draft => ({ ...draft, date: "" }), ["/starts_at empty"]],
  ["the past", draft => ({ ...draft, date: "2026-05-31" }), ["/starts_at past"]],
  ["a day that does not exist", draft => ({ ...draft, date: "2030-02-31" }), ["/starts_at no_time"]],
  [
    "an hour that the clocks jump over",
    draft => ({ ...draft, timeZone: "Europe/Berlin", date: "2030-03-31", time: "02:30" }),
    ["/starts_at no_time"],
  ],
  [
    "an hour that comes twice",
    draft => ({ ...draft, timeZone: "Europe/Berlin", date: "2030-10-27", time: "02:30" }),
    [],
  ],
  ["no time of day", draft => ({ ...draft, time: "25:00" }), ["/starts_at/time time"]],
  ["no time yet", draft => ({ ...draft, time: " " }), ["/starts_at empty"]],
  ["a time without its mark", draft => ({ ...draft, time: "730" }), []],
  ["no such zone", draft => ({ ...draft, timeZone: "Mars/Base" }), ["/time_zone unknown"]],
  ["no sections", draft => ({ ...draft, sections: [] }), ["/seating/sections no_sections"]],
  ["a section without a name", first({ name: "" }), ["/seating/sections/0/name empty"]],
  ["a name with a hyphen", first({ name: "A-1" }), ["/seating/sections/0/name section_name"]],
  ["a name of 33 letters", first({ name: "x".repeat(33) }), ["/seating/sections/0/name section_name"]],
  ["a Chinese name", first({ name: "搖滾區 1" }), []],
  ["the same name twice", first({ name: "B" }), ["/seating/sections/1/name duplicate"]],
  ["no price", first({ price: "" }), ["/seating/sections/0/price_minor empty"]],
  ["a price of words", first({ price: "free" }), ["/seating/sections/0/price_minor no_price"]],
  ["a price of nothing is a price", first({ price: "0" }), []],
  ["too many decimals", first({ price: "1.0005" }), ["/seating/sections/0/price_minor price_decimals"]],
  [
    "a price beyond the limit",
    first({ price: "1000000000.01" }),
    ["/seating/sections/0/price_minor price_limit"],
  ],
  ["no subsections", first({ blocks: [] }), ["/seating/sections/0/subsections blocks"]],
  [
    "rows that no subsection can have",
    first({ rows: "1001" }),
    ["/seating/sections/0/subsections/0/rows rows", "/seating/sections/0/subsections/1/rows rows"],
  ],
  [
    "one subsection's own mistake",
    draft => ({
      ...draft,
      sections: draft.sections.map((one, n) => (n ? one : setBlock(one, 2, { seatsPerRow: "" }))),
    }),
    ["/seating/sections/0/subsections/1/seats_per_row seats"],
  ],
  ["half a million and some", first({ rows: "1000", seatsPerRow: "1000" }), ["/seating event_seats"]],
])("%s", (_, change, expected) => {
  expect(got(mistakesOf(change(good()), NOW))).toEqual(expected);
});

test("a yen has no decimals", () => {
  const yen = first({ price: "100.5" })({ ...good(), currency: "JPY" });
  expect(got(mistakesOf(yen, NOW))).toEqual(["/seating/sections/0/price_minor price_decimals"]);
});

test("more sections than there may be, and more subsections than one request carries", () => {
  const pattern = {
    subsections: 1,
    rows: 1,
    seatsPerRow: 1,
    names: "letters",
    firstPrice: "1",
    lastPrice: "1",
  } as const;
  const many = { ...good(), sections: generate({ ...pattern, sections: 101 }, "TWD") };
  expect(got(mistakesOf(many, NOW))).toEqual(["/seating/sections sections"]);
  const heavy = { ...good(), sections: generate({ ...pattern, sections: 50, subsections: 1_000 }, "TWD") };
  expect(got(mistakesOf(heavy, NOW))).toEqual(["/seating too_large"]);
});

test("what the program says stands at the same places", () => {
  const said = mistakesSaid([{ pointer: "/seating/sections/3/subsections/0/rows", code: "out-of-range" }]);
  expect(mistakesWithin(said, "/seating/sections/3")).toBe(1);
  expect(mistakesWithin(said, "/seating/sections/30")).toBe(0);
  expect(got(said)).toEqual(["/seating/sections/3/subsections/0/rows said"]);
  expect(got(mistakesSaid([{ pointer: "/currency", code: "invalid-format" }]))).toEqual([
    "/currency unknown",
  ]);
});
