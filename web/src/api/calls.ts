//! Every call that the application makes, by its name in the product. The generated client does the
//! work.
//!
//! Promises: an answer, or a `Refused` or `Unreachable` thrown; no call waits longer than its
//! deadline.

import {
  type Booking,
  deleteV1SessionsCurrent,
  type Event,
  getV1Bookings,
  getV1BookingsById,
  getV1Events,
  getV1EventsById,
  getV1Me,
  getV1PaymentMethods,
  getV1Tickets,
  type ListBooking,
  type ListEventEntry,
  type ListTicket,
  type NewBooking,
  type NewUser,
  type PaymentMethod,
  type Problem,
  postV1Bookings,
  postV1BookingsByIdCancel,
  postV1BookingsByIdPay,
  postV1Sessions,
  postV1Users,
  type Session,
  type User,
} from "#api";
import { learnServerTime } from "../lib/countdown";
import { Refused, Unreachable } from "./problem";

const DEADLINE_MS = 20_000;

/** How the generated client answers when it throws nothing. */
interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response?: Response | undefined;
}

/**
 * Runs one generated call. Every call of the application goes through here, those of the seller's
 * pages too.
 */
export async function call<T>(
  ask: (options: { throwOnError: false; signal: AbortSignal; baseUrl: "" }) => Promise<Answer<T>>,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const until = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const answer = await ask({ throwOnError: false, signal: until, baseUrl: "" }).catch(error => {
    if (signal?.aborted) throw error;
    throw new Unreachable(error);
  });
  const { data, error, response } = answer;
  learnServerTime(response?.headers.get("date") ?? null);
  if (!response) {
    signal?.throwIfAborted();
    throw new Unreachable(error);
  }
  if (!response.ok) throw refusal(response, error);
  return data as T;
}

function refusal(response: Response, error: unknown): Refused {
  const body = typeof error === "object" && error !== null ? (error as Partial<Problem>) : {};
  const seconds = Number(response.headers.get("retry-after"));
  return new Refused(response.status, body, seconds > 0 ? seconds * 1_000 : undefined);
}

export interface Page {
  readonly after?: string | undefined;
  readonly limit?: number;
}

function pageQuery({ after, limit }: Page) {
  return { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) };
}

export function listEvents(
  { q, ...page }: Page & { q?: string },
  signal?: AbortSignal,
): Promise<ListEventEntry> {
  const query = { ...pageQuery(page), ...(q && { q }) };
  return call(options => getV1Events({ ...options, query }), signal);
}

export function readEvent(id: string, signal?: AbortSignal): Promise<Event> {
  return call(options => getV1EventsById({ ...options, path: { id } }), signal);
}

export function whoAmI(signal?: AbortSignal): Promise<User> {
  return call(options => getV1Me(options), signal);
}

export function register(body: NewUser): Promise<User> {
  return call(options => postV1Users({ ...options, body }));
}

export function signIn(email: string, password: string): Promise<Session> {
  return call(options => postV1Sessions({ ...options, body: { email, password } }));
}

export async function signOut(): Promise<void> {
  await call(options => deleteV1SessionsCurrent(options));
}

export function book(body: NewBooking, idempotencyKey: string): Promise<Booking> {
  const headers = { "Idempotency-Key": idempotencyKey };
  return call(options => postV1Bookings({ ...options, body, headers }));
}

export function readBooking(id: string, signal?: AbortSignal): Promise<Booking> {
  return call(options => getV1BookingsById({ ...options, path: { id } }), signal);
}

/** The booking once it is decided, or as it is after ten seconds. */
export function decidedBooking(id: string): Promise<Booking> {
  return call(options => getV1BookingsById({ ...options, path: { id }, query: { wait: 10 } }));
}

export function listBookings(
  { status, ...page }: Page & { status?: string },
  signal?: AbortSignal,
): Promise<ListBooking> {
  const query = { ...pageQuery(page), ...(status && { status }) };
  return call(options => getV1Bookings({ ...options, query }), signal);
}

export async function listPaymentMethods(signal?: AbortSignal): Promise<PaymentMethod[]> {
  const { data } = await call(options => getV1PaymentMethods(options), signal);
  return data;
}

export function pay(id: string, paymentMethod: string, idempotencyKey: string): Promise<Booking> {
  const headers = { "Idempotency-Key": idempotencyKey };
  const body = { payment_method: paymentMethod };
  return call(options => postV1BookingsByIdPay({ ...options, path: { id }, body, headers }));
}

export function cancelBooking(id: string): Promise<Booking> {
  return call(options => postV1BookingsByIdCancel({ ...options, path: { id } }));
}

export function listTickets(page: Page, signal?: AbortSignal): Promise<ListTicket> {
  return call(options => getV1Tickets({ ...options, query: pageQuery(page) }), signal);
}
