import { describe, expect, test } from "vitest";
import type { Event } from "#api";
import {
  addSection,
  changesOf,
  type Draft,
  detailsOf,
  draftOf,
  duplicateSection,
  emptyDraft,
  generate,
  letters,
  moveSection,
  type Pattern,
  removeBlock,
  removeSection,
  requestOf,
  seatsOf,
  setBlock,
  setBlockCount,
  worthOf,
} from "./model";

const ARENA: Pattern = {
  sections: 10,
  subsections: 10,
  rows: 25,
  seatsPerRow: 20,
  names: "letters",
  firstPrice: "3000",
  lastPrice: "800",
};

function arena(): Draft {
  return { ...emptyDraft("Asia/Taipei", "TWD"), sections: generate(ARENA, "TWD") };
}

const names = (draft: Draft) => draft.sections.map(section => section.name).join(" ");

describe("the generator", () => {
  test("makes fifty thousand seats with falling round prices", () => {
    const draft = arena();
    expect(seatsOf(draft)).toBe(50_000);
    expect(names(draft)).toBe("A B C D E F G H I J");
    expect(draft.sections.map(({ price }) => price)).toEqual([
      "3000",
      "2750",
      "2500",
      "2250",
      "2000",
      "1800",
      "1550",
      "1300",
      "1050",
      "800",
    ]);
  });

  test("keeps decimals exact and ends on the prices that were asked for", () => {
    const made = generate({ ...ARENA, sections: 3, firstPrice: "19.99", lastPrice: "9.95" }, "EUR");
    expect(made.map(({ price }) => price)).toEqual(["19.99", "15", "9.95"]);
  });

  test("has one price when there is one, whatever its form", () => {
    for (const [firstPrice, lastPrice] of [
      ["500", "500"],
      ["500", "nonsense"],
      ["", ""],
    ] as const) {
      const made = generate({ ...ARENA, sections: 2, firstPrice, lastPrice }, "TWD");
      expect(made.map(({ price }) => price)).toEqual([firstPrice, firstPrice]);
    }
  });

  test("takes no name that stays", () => {
    const staying = generate({ ...ARENA, sections: 2 }, "TWD");
    const made = generate({ ...ARENA, sections: 2 }, "TWD", staying);
    expect(made.map(({ name }) => name)).toEqual(["C", "D"]);
    expect(new Set([...staying, ...made].map(({ key }) => key)).size).toBe(4);
  });

  test("names more than twenty-six sections", () => {
    expect([0, 25, 26, 51, 52, 99].map(letters)).toEqual(["A", "Z", "AA", "AZ", "BA", "CV"]);
    expect(generate({ ...ARENA, names: "numbers", sections: 3 }, "TWD").map(({ name }) => name)).toEqual([
      "1",
      "2",
      "3",
    ]);
  });
});

describe("sections", () => {
  const three = () => ({ ...arena(), sections: arena().sections.slice(0, 3) });
  const key = (draft: Draft, index: number) => draft.sections[index]?.key ?? "";

  test("are moved, and stay at the ends", () => {
    const draft = three();
    expect(names(moveSection(draft, key(draft, 2), -1))).toBe("A C B");
    expect(names(moveSection(draft, key(draft, 0), 2))).toBe("B C A");
    expect(moveSection(draft, key(draft, 0), -1)).toBe(draft);
    expect(moveSection(draft, key(draft, 2), 1)).toBe(draft);
  });

  test("are duplicated behind themselves with a name of their own", () => {
    const draft = three();
    const twice = duplicateSection(draft, key(draft, 0));
    expect(names(twice)).toBe("A D B C");
    expect(seatsOf(twice)).toBe(20_000);
    expect(key(twice, 1)).not.toBe(key(twice, 0));
  });

  test("are removed and added with a name that is free", () => {
    const draft = three();
    const fewer = removeSection(draft, key(draft, 1));
    expect(names(fewer)).toBe("A C");
    expect(names(addSection(fewer))).toBe("A C B");
  });
});

describe("subsections", () => {
  const [section] = generate({ ...ARENA, sections: 1, subsections: 3 }, "TWD");
  if (!section) throw new Error("a section is made");
  const numbers = (of: typeof section) => of.blocks.map(({ number }) => number);

  test("are numbered on, and taken off the end", () => {
    expect(numbers(setBlockCount(section, 5))).toEqual([1, 2, 3, 4, 5]);
    expect(numbers(setBlockCount(section, 1))).toEqual([1]);
    expect(numbers(setBlockCount(removeBlock(section, 2), 3))).toEqual([1, 3, 4]);
  });

  test("have rows and seats of their own only while these differ", () => {
    const own = setBlock(section, 2, { rows: "5" });
    const draft = { ...arena(), sections: [own] };
    expect(seatsOf(draft)).toBe(500 + 100 + 500);
    expect(seatsOf({ ...draft, sections: [{ ...own, seatsPerRow: "10" }] })).toBe(250 + 50 + 250);
    expect(setBlock(own, 2, { rows: "25" })).toEqual(section);
  });
});

test("a full house is worth its prices, as far as they can be read", () => {
  const draft = arena();
  expect(worthOf(draft)).toBe(
    5_000 * (3_000 + 2_750 + 2_500 + 2_250 + 2_000 + 1_800 + 1_550 + 1_300 + 1_050 + 800) * 100,
  );
  const broken = { ...draft, sections: draft.sections.map(section => ({ ...section, price: "?" })) };
  expect(worthOf(broken)).toBe(0);
});

test("an event that was saved is typed again as it was, with subsections that differ", () => {
  const counts = { available: 0, reserved: 0, sold: 0 };
  const event: Event = {
    ...counts,
    id: "evt_1",
    name: "Gala",
    description: "An evening",
    venue_name: "Hall",
    time_zone: "Europe/Berlin",
    starts_at: "2030-07-01T18:00:00.000Z",
    currency: "EUR",
    status: "draft",
    max_seats_per_booking: 6,
    seller_id: "usr_1",
    created_at: "2026-01-01T00:00:00.000Z",
    sections: [
      {
        ...counts,
        name: "Parkett",
        price: { amount_minor: 4_950, currency: "EUR", decimals: 2 },
        subsections: [
          { ...counts, number: 1, rows: 10, seats_per_row: 20 },
          { ...counts, number: 2, rows: 8, seats_per_row: 20 },
          { ...counts, number: 7, rows: 10, seats_per_row: 20 },
        ],
      },
    ],
  };
  const draft = draftOf(event);
  expect([draft.date, draft.time]).toEqual(["2030-07-01", "20:00"]);
  expect(draft.sections[0]).toMatchObject({ price: "49.50", rows: "10", seatsPerRow: "20" });
  expect(draft.sections[0]?.blocks.map(({ rows }) => rows)).toEqual([null, "8", null]);
  const { sections, ...said } = event;
  expect(requestOf(draft)).toEqual({
    name: said.name,
    description: said.description,
    venue_name: said.venue_name,
    time_zone: said.time_zone,
    starts_at: said.starts_at,
    currency: said.currency,
    max_seats_per_booking: said.max_seats_per_booking,
    seating: {
      sections: sections.map(({ name, price, subsections }) => ({
        name,
        price_minor: price.amount_minor,
        subsections: subsections.map(({ number, rows, seats_per_row }) => ({ number, rows, seats_per_row })),
      })),
    },
  });
});

describe("what is sent of a change", () => {
  const event = {
    ...{ name: "Night", description: "", venue_name: "Hall", currency: "EUR", max_seats_per_booking: 4 },
    // The second 02:30 of a night in which the clocks are put back.
    ...{ starts_at: "2030-10-27T01:30:00.000Z", time_zone: "Europe/Berlin" },
    sections: [
      {
        name: "A",
        price: { amount_minor: 1_000, currency: "EUR", decimals: 2 },
        subsections: [{ number: 1, rows: 1, seats_per_row: 2 }],
      },
    ],
  } as unknown as Event;
  const before = draftOf(event);

  test.each<[string, Partial<Draft>, object]>([
    ["nothing", {}, {}],
    ["a name", { name: "Long night" }, { name: "Long night" }],
    ["a time", { time: "20:00" }, { starts_at: "2030-10-27T19:00:00.000Z" }],
    ["the same time, typed otherwise", { time: "0230" }, {}],
    ["the zone", { timeZone: "UTC" }, { time_zone: "UTC", starts_at: "2030-10-27T02:30:00.000Z" }],
  ])("%s", (_, change, sent) => {
    expect(changesOf(detailsOf, before, { ...before, ...change })).toEqual(sent);
    expect(changesOf(requestOf, before, { ...before, ...change })).toEqual(sent);
  });

  test("a price goes with the seating", () => {
    const dearer = { ...before, sections: before.sections.map(section => ({ ...section, price: "12,50" })) };
    expect(Object.keys(changesOf(requestOf, before, dearer))).toEqual(["seating"]);
  });
});
