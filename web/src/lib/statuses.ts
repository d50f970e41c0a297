//! The states of bookings and tickets as the pages show them: one row for each.
//!
//! To add a state: its row here, and its group of words in each language (`booking.states`,
//! `ticket.states`). The compiler asks for the row when the words are there, and for the words when
//! the row is.
//!
//! Promises: a state that is newer than the page is named as the server names it, is followed, and
//! offers nothing that it may not allow.

import type { Booking } from "#api";
import type { BaseWords } from "../words/en";
import { failureWords } from "./problemWords";
import type { BaseT } from "./useWords";

type Tone = "good" | "accent" | "plain";

export interface BookingState {
  /** Of the badge. */
  readonly tone: Tone;
  /** What the booking's own page shows. */
  readonly page: "search" | "checkout" | "tickets" | "notice";
  /** Of a notice. */
  readonly icon?: "clock" | "seat" | "ticket";
  /** It changes without a press of the buyer: the page follows it. */
  readonly open?: true;
  /** The list of the own bookings that asks for it; what waits for payment has its own place. */
  readonly list?: "shows" | "ended";
  /** Its seats are, or were to be, paid for: the total is shown beside it. */
  readonly priced?: true;
  /** It ended without seats: they can be asked for again. */
  readonly ended?: true;
}

const BOOKING = {
  processing: { tone: "plain", page: "search", open: true },
  pending_payment: { tone: "accent", page: "checkout", open: true, priced: true },
  paid: { tone: "good", page: "tickets", list: "shows", priced: true },
  failed: { tone: "plain", page: "notice", list: "ended", icon: "seat", ended: true },
  cancelled: { tone: "plain", page: "notice", list: "ended", icon: "seat", ended: true },
  // A reason of `cancelled`.
  expired: { tone: "plain", page: "notice", icon: "clock", ended: true },
  newer: { tone: "plain", page: "notice", icon: "ticket", open: true, priced: true },
} as const satisfies Readonly<Record<keyof BaseWords["booking"]["states"], BookingState>>;

export interface TicketState {
  /** Its code opens the gate. */
  readonly admits: boolean;
  /** How its seat is on the map; undefined: either way. */
  readonly seat?: 0 | 1 | 2;
}

const TICKET = {
  available: { admits: false, seat: 0 },
  reserved: { admits: false, seat: 1 },
  sold: { admits: true, seat: 2 },
  // The gate decides what it does not know here.
  newer: { admits: true },
} as const satisfies Readonly<Record<keyof BaseWords["ticket"]["states"], TicketState>>;

type Named = Pick<Booking, "status" | "cancel_reason">;

/** The reason of an end is a state of its own where it has a row. */
function nameOf({ status, cancel_reason }: Named): keyof typeof BOOKING {
  const name = [cancel_reason ?? "", status].find(each => each !== "newer" && Object.hasOwn(BOOKING, each));
  return (name as keyof typeof BOOKING | undefined) ?? "newer";
}

export function bookingState(booking: Named): BookingState {
  return BOOKING[nameOf(booking)];
}

/** Its seats cost nothing: it is confirmed instead of paid. */
export function isFree({ total }: Pick<Booking, "total">): boolean {
  return total?.amount_minor === 0;
}

/** What the server calls the states of a list. */
export function listed(list: BookingState["list"]): string[] {
  const rows: Readonly<Record<string, BookingState>> = BOOKING;
  return Object.keys(rows).filter(name => rows[name]?.list === list);
}

/** The parts of a state's words; a state has those that its page needs. */
type Part = "name" | "news" | "title" | "detail" | "more";

/** `time`: when it got this state, as the words name it. */
export function stateWords(booking: Booking, part: Part, t: BaseT, time = ""): string | undefined {
  const name = nameOf(booking);
  if (name === "failed" && part === "detail") return failureWords(booking, t);
  const key = `booking.states.${name}.${part}`;
  return t.has(key) ? t(key, { time, code: booking.status }) : undefined;
}

/** What a seat of the map is called, by its number there: the first row with that number. */
export function seatStatus(code: number): keyof typeof TICKET {
  const rows: readonly [string, TicketState][] = Object.entries(TICKET);
  return ticketName(rows.find(([, state]) => state.seat === code)?.[0] ?? "available");
}

function ticketName(status: string): keyof typeof TICKET {
  return Object.hasOwn(TICKET, status) ? (status as keyof typeof TICKET) : "newer";
}

export function ticketState(status: string): TicketState {
  return TICKET[ticketName(status)];
}

export function ticketStateWords(status: string, t: BaseT): string {
  return t(`ticket.states.${ticketName(status)}`, { code: status });
}

/** The provider is being asked how a payment ended. */
export function isUnsure({ payment }: Booking): boolean {
  return payment?.status === "unknown" || payment?.status === "pending";
}
