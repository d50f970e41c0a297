//! An event while its seller writes it: what was typed, as it was typed, and every change that can
//! be made to it.
//!
//! Promises: every change is a function from one draft to the next, so it can be undone by keeping
//! the old one; a key stays with its section through every change. Never: knows React, the network
//! or words.

import type { Event, EventChange, NewEvent, NewSection } from "#api";
import { decimals } from "../../lib/currency";
import { SEATS_PER_BOOKING_DEFAULT } from "./limits";
import { parsePrice, typedPrice } from "./money";
import { atVenue, instantOf, readTime } from "./venueTime";

/** A subsection. Null: as the section says. */
export interface Block {
  readonly number: number;
  readonly rows: string | null;
  readonly seatsPerRow: string | null;
}

export interface Section {
  readonly key: string;
  readonly name: string;
  /** In major units. */
  readonly price: string;
  readonly rows: string;
  readonly seatsPerRow: string;
  readonly blocks: readonly Block[];
}

export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly venueName: string;
  readonly timeZone: string;
  /** `2030-05-01`, at the venue. */
  readonly date: string;
  /** `19:30`, at the venue; as it is typed, until the field is left. */
  readonly time: string;
  readonly currency: string;
  readonly maxSeats: number;
  readonly sections: readonly Section[];
}

let lastKey = 0;

/** A key that no other section has, in this page or one before it. */
function newKey(): string {
  lastKey += 1;
  return `${Date.now().toString(36)}-${lastKey}`;
}

export function emptyDraft(timeZone: string, currency: string): Draft {
  return {
    name: "",
    description: "",
    venueName: "",
    timeZone,
    date: "",
    time: "19:30",
    currency,
    maxSeats: SEATS_PER_BOOKING_DEFAULT,
    sections: [],
  };
}

/** A whole number from a text; undefined for anything else. */
export function whole(text: string): number | undefined {
  const digits = text.trim();
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}

export function rowsOf(section: Section, block: Block): string {
  return block.rows ?? section.rows;
}

export function seatsPerRowOf(section: Section, block: Block): string {
  return block.seatsPerRow ?? section.seatsPerRow;
}

export function seatsOfBlock(section: Section, block: Block): number {
  return (whole(rowsOf(section, block)) ?? 0) * (whole(seatsPerRowOf(section, block)) ?? 0);
}

export function seatsOfSection(section: Section): number {
  return section.blocks.reduce((sum, block) => sum + seatsOfBlock(section, block), 0);
}

export function seatsOf(draft: Draft): number {
  return draft.sections.reduce((sum, section) => sum + seatsOfSection(section), 0);
}

/** What the house brings when every seat is sold, in minor units. */
export function worthOf(draft: Draft): number {
  const digits = decimals(draft.currency);
  return draft.sections.reduce(
    (sum, section) => sum + seatsOfSection(section) * (parsePrice(section.price, digits) ?? 0),
    0,
  );
}

export function isOverridden(block: Block): boolean {
  return block.rows !== null || block.seatsPerRow !== null;
}

// ── Changes of sections
// ──────────────────────────────────────────────────────

export function withSection(draft: Draft, key: string, change: (section: Section) => Section): Draft {
  return {
    ...draft,
    sections: draft.sections.map(section => (section.key === key ? change(section) : section)),
  };
}

export function addSection(draft: Draft): Draft {
  const last = draft.sections.at(-1);
  const section: Section = {
    key: newKey(),
    name: freeName(draft.sections),
    price: last?.price ?? "",
    rows: last?.rows ?? "10",
    seatsPerRow: last?.seatsPerRow ?? "20",
    blocks: blocks(1),
  };
  return { ...draft, sections: [...draft.sections, section] };
}

export function duplicateSection(draft: Draft, key: string): Draft {
  const index = draft.sections.findIndex(section => section.key === key);
  const original = draft.sections[index];
  if (!original) return draft;
  const copy = { ...original, key: newKey(), name: freeName(draft.sections) };
  return { ...draft, sections: draft.sections.toSpliced(index + 1, 0, copy) };
}

export function removeSection(draft: Draft, key: string): Draft {
  return { ...draft, sections: draft.sections.filter(section => section.key !== key) };
}

/** Moves a section by so many places; at the ends it stays. */
export function moveSection(draft: Draft, key: string, by: number): Draft {
  const from = draft.sections.findIndex(section => section.key === key);
  const moved = draft.sections[from];
  const to = from + by;
  if (!moved || to < 0 || to >= draft.sections.length) return draft;
  return { ...draft, sections: draft.sections.toSpliced(from, 1).toSpliced(to, 0, moved) };
}

// ── Changes of subsections
// ──────────────────────────────────────────────────────

function blocks(count: number, first = 1): Block[] {
  return Array.from({ length: count }, (_, index) => ({
    number: first + index,
    rows: null,
    seatsPerRow: null,
  }));
}

/** More are numbered on; fewer takes them off the end. */
export function setBlockCount(section: Section, count: number): Section {
  const missing = count - section.blocks.length;
  if (missing <= 0) return { ...section, blocks: section.blocks.slice(0, Math.max(count, 0)) };
  const next = Math.max(0, ...section.blocks.map(({ number }) => number)) + 1;
  return { ...section, blocks: [...section.blocks, ...blocks(missing, next)] };
}

/** What is the section's own is no override. */
export function setBlock(
  section: Section,
  number: number,
  change: Partial<Pick<Block, "rows" | "seatsPerRow">>,
): Section {
  const changed = (block: Block): Block => {
    const { rows, seatsPerRow } = { ...block, ...change };
    return {
      ...block,
      rows: rows === section.rows ? null : rows,
      seatsPerRow: seatsPerRow === section.seatsPerRow ? null : seatsPerRow,
    };
  };
  return {
    ...section,
    blocks: section.blocks.map(block => (block.number === number ? changed(block) : block)),
  };
}

export function removeBlock(section: Section, number: number): Section {
  return { ...section, blocks: section.blocks.filter(block => block.number !== number) };
}

// ── The generator
// ──────────────────────────────────────────────────────

export interface Pattern {
  readonly sections: number;
  readonly subsections: number;
  readonly rows: number;
  readonly seatsPerRow: number;
  readonly names: "letters" | "numbers";
  /**
   * In major units, of the first and the last section; those between lie evenly on round prices.
   */
  readonly firstPrice: string;
  readonly lastPrice: string;
}

export function seatsOfPattern({ sections, subsections, rows, seatsPerRow }: Pattern): number {
  return sections * subsections * rows * seatsPerRow;
}

/** The sections of a pattern, named so that none has the name of one that stays. */
export function generate(pattern: Pattern, currency: string, staying: readonly Section[] = []): Section[] {
  const taken = new Set(staying.map(({ name }) => name));
  const made: Section[] = [];
  const prices = pricesBetween(pattern, currency);
  for (let index = 0; made.length < pattern.sections; index += 1) {
    const name = pattern.names === "letters" ? letters(index) : String(index + 1);
    if (taken.has(name)) continue;
    made.push({
      key: newKey(),
      name,
      price: prices[made.length] ?? pattern.firstPrice,
      rows: String(pattern.rows),
      seatsPerRow: String(pattern.seatsPerRow),
      blocks: blocks(pattern.subsections),
    });
  }
  return made;
}

/** A, B … Z, AA, AB … */
export function letters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

function pricesBetween({ sections, firstPrice, lastPrice }: Pattern, currency: string): string[] {
  const digits = decimals(currency);
  const first = parsePrice(firstPrice, digits);
  const last = parsePrice(lastPrice, digits);
  if (first === undefined || last === undefined || sections < 2) return [firstPrice];
  const gap = (last - first) / (sections - 1);
  const step = roundStep(Math.abs(gap) / 4);
  const between = (index: number) => Math.round((first + gap * index) / step) * step;
  return Array.from({ length: sections }, (_, index) => {
    const minor = index === 0 ? first : index === sections - 1 ? last : between(index);
    return typedPrice(minor, digits);
  });
}

/** The largest of 1, 2, 5, 10, 20, 50 … that is no more than this; at least 1. */
function roundStep(most: number): number {
  if (most < 1) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const digit = most / power;
  return power * (digit >= 5 ? 5 : digit >= 2 ? 2 : 1);
}

/** The first letter or letters that no section is called yet. */
function freeName(sections: readonly Section[]): string {
  const taken = new Set(sections.map(({ name }) => name.trim()));
  let index = 0;
  while (taken.has(letters(index))) index += 1;
  return letters(index);
}

// ── To and from the program
// ──────────────────────────────────────────────────────

/** An event that the program keeps, as one would have typed it. */
export function draftOf(event: Event): Draft {
  const { date, time } = atVenue(event.starts_at, event.time_zone);
  return {
    name: event.name,
    description: event.description,
    venueName: event.venue_name,
    timeZone: event.time_zone,
    date,
    time,
    currency: event.currency,
    maxSeats: event.max_seats_per_booking,
    sections: event.sections.map(({ name, price, subsections }): Section => {
      const rows = String(mostCommon(subsections.map(part => part.rows)));
      const seatsPerRow = String(mostCommon(subsections.map(part => part.seats_per_row)));
      const own = (value: number, common: string) => (String(value) === common ? null : String(value));
      return {
        key: newKey(),
        name,
        price: typedPrice(price.amount_minor, price.decimals),
        rows,
        seatsPerRow,
        blocks: subsections.map(part => ({
          number: part.number,
          rows: own(part.rows, rows),
          seatsPerRow: own(part.seats_per_row, seatsPerRow),
        })),
      };
    }),
  };
}

function mostCommon(values: readonly number[]): number {
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return [...times].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 1;
}

/**
 * What the program is sent. Only for drafts without mistakes: what cannot be read is sent as zero,
 * which the program refuses.
 */
export function requestOf(draft: Draft): NewEvent {
  return {
    ...detailsOf(draft),
    currency: draft.currency,
    max_seats_per_booking: draft.maxSeats,
    seating: { sections: draft.sections.map(section => sectionOf(section, draft.currency)) },
  };
}

/** What may be changed even while an event is on sale. */
export function detailsOf(draft: Draft) {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    venue_name: draft.venueName.trim(),
    time_zone: draft.timeZone,
    starts_at: instantOf(draft.date, draft.time, draft.timeZone) ?? "",
  };
}

/**
 * What of a request differs from the draft that the program has. A start that was not touched stays
 * as it is: of a night with two times 02:30 the form cannot name the second.
 */
export function changesOf<T extends EventChange>(
  of: (draft: Draft) => T,
  from: Draft,
  to: Draft,
): Partial<T> {
  const before = of(from);
  const isOther = (name: string, value: unknown) =>
    name === "starts_at"
      ? from.date !== to.date || readTime(from.time) !== readTime(to.time) || from.timeZone !== to.timeZone
      : JSON.stringify(value) !== JSON.stringify(before[name as keyof T]);
  return Object.fromEntries(
    Object.entries(of(to)).filter(([name, value]) => isOther(name, value)),
  ) as Partial<T>;
}

function sectionOf(section: Section, currency: string): NewSection {
  return {
    name: section.name.trim(),
    price_minor: parsePrice(section.price, decimals(currency)) ?? -1,
    subsections: subsectionsOf(section),
  };
}

/** The subsections as the program takes them; what cannot be read is zero. */
export function subsectionsOf(section: Section): NewSection["subsections"] {
  return section.blocks.map(block => ({
    number: block.number,
    rows: whole(rowsOf(section, block)) ?? 0,
    seats_per_row: whole(seatsPerRowOf(section, block)) ?? 0,
  }));
}
