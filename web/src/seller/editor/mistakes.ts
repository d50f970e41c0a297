//! What is wrong with a draft, each mistake at its place. Places are the JSON pointers of the
//! request, so that the program's own refusals (which come as pointers too) are shown at the same
//! fields. The time of day, which has a field of its own, has a place below its moment's.
//!
//! Promises: a draft without mistakes keeps every rule that the program is known to check. Never:
//! words; those are chosen where they are shown.

import type { Rule } from "../../api/problem";
import { CURRENCIES, decimals } from "../../lib/currency";
import * as limits from "./limits";
import type { Draft, Section } from "./model";
import { requestOf, rowsOf, seatsOf, seatsPerRowOf, whole } from "./model";
import { readPrice } from "./money";
import { instantOf, isZone, readTime } from "./venueTime";

export type MistakeCode =
  | "empty"
  | "too_long"
  | "time"
  | "no_time"
  | "past"
  | "unknown"
  | "section_name"
  | "duplicate"
  | "no_price"
  | "price_decimals"
  | "price_limit"
  | "rows"
  | "seats"
  | "blocks"
  | "no_sections"
  | "sections"
  | "event_seats"
  | "too_large"
  /** Said by the program. */
  | "said";

export interface Mistake {
  readonly pointer: string;
  readonly code: MistakeCode;
  /** A number that the words name: a limit, or how many decimals. */
  readonly most?: number;
  /** Only of `said`: the program's code of the rule. */
  readonly rule?: string;
}

export function mistakesOf(draft: Draft, now: number): Mistake[] {
  return [...detailMistakes(draft, now), ...seatingMistakes(draft)];
}

export function detailMistakes(draft: Draft, now: number): Mistake[] {
  const found: Mistake[] = [];
  const length = (text: string) => [...text.trim()].length;
  if (length(draft.name) === 0) found.push({ pointer: "/name", code: "empty" });
  const longest = [
    ["/name", draft.name, limits.EVENT_NAME_CHARS],
    ["/venue_name", draft.venueName, limits.EVENT_NAME_CHARS],
    ["/description", draft.description, limits.EVENT_DESCRIPTION_CHARS],
  ] as const;
  for (const [pointer, text, most] of longest) {
    if (length(text) > most) found.push({ pointer, code: "too_long", most });
  }
  const zoneKnown = isZone(draft.timeZone);
  if (!zoneKnown) found.push({ pointer: "/time_zone", code: "unknown" });
  found.push(...timeMistakes(draft, zoneKnown, now));
  if (!CURRENCIES.includes(draft.currency)) found.push({ pointer: "/currency", code: "unknown" });
  return found;
}

function timeMistakes(draft: Draft, zoneKnown: boolean, now: number): Mistake[] {
  const pointer = "/starts_at";
  if (draft.date === "" || draft.time.trim() === "") return [{ pointer, code: "empty" }];
  if (readTime(draft.time) === undefined) return [{ pointer: `${pointer}/time`, code: "time" }];
  if (!zoneKnown) return [];
  const at = instantOf(draft.date, draft.time, draft.timeZone);
  if (at === undefined) return [{ pointer, code: "no_time" }];
  return Date.parse(at) <= now ? [{ pointer, code: "past" }] : [];
}

function seatingMistakes(draft: Draft): Mistake[] {
  const { sections, currency } = draft;
  const pointer = "/seating/sections";
  if (sections.length === 0) return [{ pointer, code: "no_sections" }];
  const found: Mistake[] = [];
  if (sections.length > limits.SECTIONS_PER_EVENT) {
    found.push({ pointer, code: "sections", most: limits.SECTIONS_PER_EVENT });
  }
  const names = new Set<string>();
  sections.forEach((section, index) => {
    found.push(...sectionMistakes(section, `${pointer}/${index}`, currency, names));
  });
  if (seatsOf(draft) > limits.SEATS_PER_EVENT) {
    found.push({ pointer: "/seating", code: "event_seats", most: limits.SEATS_PER_EVENT });
  }
  if (found.length === 0 && new Blob([JSON.stringify(requestOf(draft))]).size > limits.REQUEST_BODY_BYTES) {
    found.push({ pointer: "/seating", code: "too_large" });
  }
  return found;
}

function sectionMistakes(section: Section, at: string, currency: string, names: Set<string>): Mistake[] {
  const found: Mistake[] = [];
  const name = section.name.trim();
  if (!isSectionName(name)) {
    found.push({
      pointer: `${at}/name`,
      code: name === "" ? "empty" : "section_name",
      most: limits.SECTION_NAME_CHARS,
    });
  } else if (names.has(name)) {
    found.push({ pointer: `${at}/name`, code: "duplicate" });
  }
  names.add(name);
  const price = priceMistake(section.price, `${at}/price_minor`, currency);
  if (price) found.push(price);
  const most = limits.SUBSECTIONS_PER_SECTION;
  if (section.blocks.length === 0 || section.blocks.length > most) {
    found.push({ pointer: `${at}/subsections`, code: "blocks", most });
  }
  section.blocks.forEach((block, index) => {
    const within = `${at}/subsections/${index}`;
    const rows = rangeMistake(rowsOf(section, block), `${within}/rows`, "rows", limits.ROWS_PER_SUBSECTION);
    const seats = rangeMistake(
      seatsPerRowOf(section, block),
      `${within}/seats_per_row`,
      "seats",
      limits.SEATS_PER_ROW,
    );
    if (rows) found.push(rows);
    if (seats) found.push(seats);
  });
  return found;
}

function isSectionName(name: string): boolean {
  return [...name].length <= limits.SECTION_NAME_CHARS && /^[\p{Alphabetic}\p{N} _]+$/u.test(name);
}

export function priceMistake(text: string, pointer: string, currency: string): Mistake | undefined {
  if (text.trim() === "") return { pointer, code: "empty" };
  const digits = decimals(currency);
  const read = readPrice(text, digits);
  if ("fault" in read) return { pointer, code: read.fault, most: digits };
  return read.minor > limits.PRICE_MINOR
    ? { pointer, code: "price_limit", most: limits.PRICE_MINOR }
    : undefined;
}

function rangeMistake(
  text: string,
  pointer: string,
  code: "rows" | "seats",
  most: number,
): Mistake | undefined {
  const number = whole(text);
  return number !== undefined && number >= 1 && number <= most ? undefined : { pointer, code, most };
}

/** Fields whose values are chosen from a list. */
const CHOSEN: ReadonlySet<string> = new Set(["/currency", "/time_zone"]);

/** The program's refusal as mistakes at their places. */
export function mistakesSaid(rules: readonly Rule[]): Mistake[] {
  return rules.map(({ pointer, code }) =>
    CHOSEN.has(pointer) && code === "invalid-format"
      ? { pointer, code: "unknown" }
      : { pointer, code: "said", rule: code },
  );
}

/** The mistake to show at a field; one of several is enough at a time. */
export function mistakeAt(mistakes: readonly Mistake[], pointer: string): Mistake | undefined {
  return mistakes.find(mistake => mistake.pointer === pointer);
}

/** Whether any of a section's own mistakes stands at or below this place. */
export function mistakesWithin(mistakes: readonly Mistake[], pointer: string): number {
  return mistakes.filter(mistake => mistake.pointer === pointer || mistake.pointer.startsWith(`${pointer}/`))
    .length;
}
