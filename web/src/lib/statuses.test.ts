import { expect, test } from "vitest";
import type { Booking } from "#api";
import { translateIn } from "../i18n/text";
import { base } from "../words/en";
import { bookingState, listed, seatStatus, stateWords, ticketState, ticketStateWords } from "./statuses";
import type { BaseT } from "./useWords";

const t: BaseT = translateIn("en", base);
const booking = (status: string, more: Partial<Booking> = {}) => ({ status, ...more }) as Booking;

test.each<[string, Booking, string, string]>([
  ["processing", booking("processing"), "search", "Finding seats"],
  ["a hold", booking("pending_payment"), "checkout", "Waiting for payment"],
  ["paid", booking("paid"), "tickets", "Paid"],
  ["failed", booking("failed"), "notice", "No seats"],
  ["given back", booking("cancelled", { cancel_reason: "buyer" }), "notice", "Cancelled"],
  ["expired", booking("cancelled", { cancel_reason: "expired" }), "notice", "Expired"],
  ["a newer state", booking("refunding"), "notice", "Changed (refunding)"],
  ["a newer reason", booking("cancelled", { cancel_reason: "event" }), "notice", "Cancelled"],
  ["a state like a row's name", booking("newer"), "notice", "Changed (newer)"],
  ["a state like a method's name", booking("toString"), "notice", "Changed (toString)"],
])("%s", (_, given, page, name) => {
  const state = bookingState(given);
  expect([state.page, stateWords(given, "name", t)]).toEqual([page, name]);
  if (state.page !== "notice") return;
  for (const part of ["title", "detail"] as const) expect(stateWords(given, part, t)).toBeTruthy();
});

test("a newer state is followed, and its seats are not offered again", () => {
  expect(bookingState(booking("refunding"))).toMatchObject({ open: true });
  expect(bookingState(booking("refunding")).ended).toBeUndefined();
});

test("an end says when, and why", () => {
  const expired = booking("cancelled", { cancel_reason: "expired" });
  expect(stateWords(expired, "detail", t, "12:15")).toContain("12:15");
  const failed = booking("failed", { failure: { code: "seats-taken", detail: "" } });
  expect(stateWords(failed, "detail", t)).toContain("taken");
});

const STATES = Object.keys(base.booking.states).filter(name => name !== "newer");

test.each(STATES)("%s has the words of its page", name => {
  const given = booking(name);
  const needed =
    bookingState(given).page === "notice" ? (["name", "title", "detail"] as const) : ["name" as const];
  for (const part of needed) expect(stateWords(given, part, t), part).toBeTruthy();
});

test("each list asks for states that the server has", () => {
  const lists = [...listed("shows"), ...listed("ended")];
  expect(lists).toEqual(expect.arrayContaining(["paid", "failed", "cancelled"]));
  // `expired` is a reason.
  const closed = STATES.filter(name => name !== "expired" && !bookingState(booking(name)).open);
  expect(lists.sort(), "what does not change any more is listed").toEqual(closed.sort());
});

test("a ticket's state says whether its code is shown", () => {
  expect(ticketState("sold").admits).toBe(true);
  expect(ticketState("reserved").admits).toBe(false);
  expect(ticketState("checked_in")).toEqual({ admits: true });
  expect(ticketStateWords("checked_in", t)).toBe("checked_in");
  expect([0, 1, 2, 9].map(seatStatus)).toEqual(["available", "reserved", "sold", "available"]);
});
