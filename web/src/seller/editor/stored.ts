//! The draft that a browser keeps, so that nothing typed is lost to a reload, a crash or a dead
//! battery.
//!
//! Promises: what cannot be read back is as if it were not there. Never: shows one seller's draft
//! to another; the key names whose it is.

import { forget, keep, recall } from "../../lib/storage";
import type { Draft, Section } from "./model";

export interface Stored {
  readonly draft: Draft;
  /** When it was typed, in milliseconds. */
  readonly at: number;
}

/** `event`: the id of the event that is edited; undefined for a new one. */
export function storageKey(seller: string, event: string | undefined): string {
  return `event-draft:${seller}:${event ?? "new"}`;
}

export function store(key: string, draft: Draft, at: number): void {
  keep(key, JSON.stringify({ draft, at }));
}

export function clearStored(key: string): void {
  forget(key);
}

export function readStored(key: string): Stored | undefined {
  const text = recall(key);
  if (text === undefined) return undefined;
  try {
    const stored = JSON.parse(text) as Partial<Stored> | null;
    return stored && typeof stored.at === "number" && isDraft(stored.draft) ? (stored as Stored) : undefined;
  } catch {
    return undefined;
  }
}

const TEXTS = ["name", "description", "venueName", "timeZone", "date", "time", "currency"] as const;

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  const draft = value as Partial<Draft>;
  return (
    TEXTS.every(name => typeof draft[name] === "string") &&
    Number.isInteger(draft.maxSeats) &&
    Array.isArray(draft.sections) &&
    draft.sections.every(isSection)
  );
}

function isSection(value: unknown): value is Section {
  if (typeof value !== "object" || value === null) return false;
  const section = value as Partial<Section>;
  const texts = [section.key, section.name, section.price, section.rows, section.seatsPerRow];
  const ownOrNull = (text: unknown) => text === null || typeof text === "string";
  return (
    texts.every(text => typeof text === "string") &&
    Array.isArray(section.blocks) &&
    section.blocks.every(
      block => Number.isInteger(block?.number) && ownOrNull(block.rows) && ownOrNull(block.seatsPerRow),
    )
  );
}
