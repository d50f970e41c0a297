//! What happens when a seat is pressed, alike in the map and in the list, and the words for a seat's state.
//!
//! Promises: a seat that is taken, or one too many, is refused with a reason and never handed on.

import type { MapTexts } from "../locales/en";
import type { SeatStore } from "../store";
import type { Seat, SeatChoiceProps } from "../types";

export type SeatState = keyof MapTexts["states"];

export function seatState(props: SeatChoiceProps, seat: number, id: string): SeatState {
  const { store, mode = "buyer", selection, mine, claiming } = props;
  if (mode === "seller") return sellerState(store, seat);
  if (mine?.has(id)) return "mine";
  if (selection.has(id) || claiming?.has(id)) return "chosen";
  return store.isFree(seat) ? "free" : "taken";
}

function sellerState(store: SeatStore, seat: number): SeatState {
  const { status } = store.seat(seat);
  return status === "available" ? "free" : status;
}

/** Acts on a pressed seat and answers what to say about it. */
export function pressSeat(props: SeatChoiceProps, texts: MapTexts, seat: number): string {
  const {
    store,
    mode = "buyer",
    selection,
    maxSelectable = Number.POSITIVE_INFINITY,
    onToggleSeat,
    onRefuse,
  } = props;
  const pressed = store.seat(seat);
  const { id } = pressed;
  if (mode === "seller") {
    onToggleSeat?.(pressed);
    return "";
  }
  if (selection.has(id)) {
    onToggleSeat?.(pressed);
    return texts.givenBack(id, selection.size - 1);
  }
  if (seatState(props, seat, id) !== "free") {
    onRefuse?.(pressed, "taken");
    return texts.refusedTaken(id);
  }
  const chosen = beginsAnew(props, pressed) ? 0 : selection.size;
  if (chosen >= maxSelectable) {
    onRefuse?.(pressed, "limit");
    return texts.refusedLimit(maxSelectable);
  }
  onToggleSeat?.(pressed);
  return texts.chosen(id, chosen + 1);
}

function beginsAnew({ store, oneSection, selection }: SeatChoiceProps, { section }: Seat): boolean {
  if (!oneSection) return false;
  const seats = [...selection].map(id => store.directory.seat(id)).filter(seat => seat !== undefined);
  return seats.some(seat => store.seat(seat).section !== section);
}

/** Whether pressing seats means anything at all. */
export function canChoose({ onToggleSeat }: SeatChoiceProps): boolean {
  return onToggleSeat !== undefined;
}
