//! Seats as people say them. An id is `section-subsection-row-seat`; a section's name has no dash.

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
