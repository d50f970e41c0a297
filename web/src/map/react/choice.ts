//! What happens when a seat is pressed, alike in the map and in the list, and the words for a
//! seat's state.
//!
//! Promises: a seat that is taken, or one too many, is refused with a reason and never handed on.

import type { MapTexts } from "../../words/en";
import type { Seat, SeatChoiceProps } from "../types";

export type SeatState = keyof MapTexts["states"];

/** Buyers see that a seat is held or sold, never by whom. */
export function seatState(props: SeatChoiceProps, seat: number, id: string): SeatState {
  const { store, mode = "buyer", selection, mine, claiming } = props;
  if (mode === "buyer") {
    if (mine?.has(id)) return "mine";
    if (selection.has(id) || claiming?.has(id)) return "chosen";
  }
  const { status } = store.seat(seat);
  return status === "available" ? "free" : status;
}

/** The outcome of a press, in words; a refusal is visible, too. */
export interface Answer {
  readonly said: string;
  readonly refused: boolean;
}

/** Acts on a pressed seat. */
export function pressSeat(props: SeatChoiceProps, texts: MapTexts, seat: number): Answer {
  const { store, mode = "buyer", selection, maxSelectable = Number.POSITIVE_INFINITY, onToggleSeat } = props;
  const pressed = store.seat(seat);
  const { id } = pressed;
  if (mode === "seller") {
    onToggleSeat?.(pressed);
    return done("");
  }
  if (selection.has(id)) {
    onToggleSeat?.(pressed);
    return done(texts.givenBack(id, selection.size - 1));
  }
  if (seatState(props, seat, id) !== "free") {
    return refused(texts.refusedTaken(id));
  }
  const chosen = beginsAnew(props, pressed) ? 0 : selection.size;
  if (chosen >= maxSelectable) {
    return refused(texts.refusedLimit(maxSelectable));
  }
  onToggleSeat?.(pressed);
  return done(texts.chosen(id, chosen + 1));
}

const done = (said: string): Answer => ({ said, refused: false });
const refused = (said: string): Answer => ({ said, refused: true });

function beginsAnew({ store, oneSection, selection }: SeatChoiceProps, { section }: Seat): boolean {
  if (!oneSection) return false;
  const seats = [...selection].map(id => store.directory.seat(id)).filter(seat => seat !== undefined);
  return seats.some(seat => store.seat(seat).section !== section);
}

/** Whether pressing seats means anything at all. */
export function canChoose({ onToggleSeat }: SeatChoiceProps): boolean {
  return onToggleSeat !== undefined;
}
