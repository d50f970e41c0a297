//! Fewer seats than were asked for: why, and one press to continue, to get the rest elsewhere, or
//! to choose again.

import { useNavigate } from "@tanstack/react-router";
import type { Booking, Event, Section } from "#api";
import { useWords } from "../lib/useWords";
import { Button } from "../ui/Button";
import { BookingError } from "./BookPanel";
import css from "./Checkout.module.css";
import { useBook } from "./useBook";

export function Partial({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const booked = useBook(({ id }) => navigate({ to: "/bookings/$bookingId", params: { bookingId: id } }));
  const got = booking.seats.length;
  const missing = booking.requested - got;
  const elsewhere = nearestInPrice(event, booking, missing);
  const more = (section: string) =>
    booked.mutate({ event_id: event.id, section, mode: "best_available", quantity: missing });
  return (
    <section className={css.partial} aria-labelledby="partial">
      <h2 id="partial">{t("booking.partialTitle", { got, asked: booking.requested })}</h2>
      <p>{t("booking.partialDetail")}</p>
      {booked.error && (
        <div role="alert">
          <BookingError error={booked.error} />
        </div>
      )}
      <div className="row">
        <Button onPress={() => document.getElementById("pay-title")?.scrollIntoView({ behavior: "smooth" })}>
          {t("booking.partialKeep", { got })}
        </Button>
        {elsewhere && (
          <Button busy={booked.isPending} onPress={() => more(elsewhere.name)}>
            {t("booking.partialMore", { count: missing, section: elsewhere.name })}
          </Button>
        )}
      </div>
      <p className="small soft">{elsewhere ? t("booking.partialMoreHint") : t("booking.partialNone")}</p>
    </section>
  );
}

/**
 * Where enough seats are free, at the price that is nearest: the same section, unless it has just
 * said that it has no more, else another.
 */
export function nearestInPrice(event: Event, booking: Booking, seats: number): Section | undefined {
  const { section, mode, subsection } = booking;
  const hasNoMore = mode === "best_available" && !subsection && booking.seats.length < booking.requested;
  const price = event.sections.find(one => one.name === section)?.price.amount_minor ?? 0;
  const distance = (one: Section) => (one.name === section ? -1 : Math.abs(one.price.amount_minor - price));
  return event.sections
    .filter(one => one.available >= seats && !(hasNoMore && one.name === section))
    .sort((a, b) => distance(a) - distance(b))[0];
}
