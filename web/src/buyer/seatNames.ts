//! Seats as people say them, the same on every page of a buyer. An id is
//! `section-subsection-row-seat`; a section's name has no dash.

import type { Booking, Ticket } from "#api";
import { type BaseT, useWords } from "../lib/useWords";

export interface SeatName {
  readonly id: string;
  readonly section: string;
  readonly subsection: number;
  readonly row: number;
  readonly seat: number;
}

export function seatName(id: string): SeatName {
  const [section = "", subsection = "", row = "", seat = ""] = id.split("-");
  return { id, section, subsection: Number(subsection), row: Number(row), seat: Number(seat) };
}

/** Neighbours together: `A 1 · row 2 · 3–5` is one group. */
export interface SeatGroup {
  readonly section: string;
  readonly subsection: number;
  readonly row: number;
  readonly seats: readonly number[];
}

export function seatGroups(ids: readonly string[]): SeatGroup[] {
  const groups = new Map<string, { section: string; subsection: number; row: number; seats: number[] }>();
  for (const name of ids.map(seatName)) {
    const key = `${name.section}-${name.subsection}-${name.row}`;
    const group = groups.get(key) ?? {
      section: name.section,
      subsection: name.subsection,
      row: name.row,
      seats: [],
    };
    group.seats.push(name.seat);
    groups.set(key, group);
  }
  const sorted = [...groups.values()].sort((a, b) => a.subsection - b.subsection || a.row - b.row);
  for (const group of sorted) group.seats.sort((a, b) => a - b);
  return sorted;
}

/** `3–5, 8`, by the separator of the language. */
export function seatRanges(seats: readonly number[], separator: string): string {
  const parts: string[] = [];
  let first: number | undefined;
  seats.forEach((seat, index) => {
    first ??= seat;
    if (seats[index + 1] === seat + 1) return;
    parts.push(first === seat ? `${seat}` : `${first}–${seat}`);
    first = undefined;
  });
  return parts.join(separator);
}

export interface SeatWords {
  /** The section and the subsection. */
  readonly where: string;
  /** The row and the seats. */
  readonly which: string;
}

export function seatWords({ section, subsection, row, seats }: SeatGroup, t: BaseT): SeatWords {
  const ranges = seatRanges(seats, t("common.separator"));
  return {
    where: t("pick.sectionShort", { section, subsection }),
    which:
      seats.length === 1
        ? t("pick.seat", { row, seat: ranges })
        : t("pick.rowOfSeats", { row, seats: ranges }),
  };
}

/** The seats of a booking, one line per row of seats. */
export function useSeatLines({ seats }: Booking): readonly SeatWords[] {
  const { t } = useWords();
  return seatGroups(seats).map(group => seatWords(group, t));
}

/** What a ticket says of its place: names and values. */
export function useTicketPlace(ticket: Ticket): readonly (readonly [name: string, value: string | number])[] {
  const { t } = useWords();
  const { section, subsection, row, seat } = seatName(ticket.seat);
  return [
    [t("ticket.section"), section],
    [t("ticket.subsection"), subsection],
    [t("ticket.row"), row],
    [t("ticket.seat"), seat],
  ];
}
