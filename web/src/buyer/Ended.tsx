//! A booking in a state that is only said: why it ended, and one press to try again.

import { useNavigate } from "@tanstack/react-router";
import type { Booking, Event } from "#api";
import { clock } from "../lib/format";
import { bookingState, stateWords } from "../lib/statuses";
import { useWords } from "../lib/useWords";
import { Button, LinkButton } from "../ui/Button";
import { Notice } from "../ui/states";
import { BookingError } from "./BookPanel";
import { nearestInPrice } from "./Partial";
import { useBook } from "./useBook";

export function Ended({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const { t, language } = useWords();
  const time = clock(booking.cancelled_at ?? booking.created_at, language);
  const { icon, ended } = bookingState(booking);
  const more = stateWords(booking, "more", t, time);
  return (
    <Notice
      level="h1"
      tone="warn"
      {...(icon && { icon })}
      title={stateWords(booking, "title", t) ?? ""}
      actions={ended && <WaysOn booking={booking} event={event} />}
    >
      <p>{stateWords(booking, "detail", t, time)}</p>
      {more && <p>{more}</p>}
    </Notice>
  );
}

function WaysOn({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const booked = useBook(({ id }) => navigate({ to: "/bookings/$bookingId", params: { bookingId: id } }));
  const quantity = booking.requested;
  const section = nearestInPrice(event, booking, quantity)?.name;
  const same = {
    event_id: event.id,
    section: booking.section,
    mode: "manual",
    seats: booking.seats,
  } as const;
  return (
    <>
      {booked.error && (
        <div role="alert">
          <BookingError error={booked.error} />
        </div>
      )}
      {booking.seats.length > 0 && (
        <Button look="action" busy={booked.isPending} onPress={() => booked.mutate(same)}>
          {t("booking.again")}
        </Button>
      )}
      {booking.seats.length === 0 && section !== undefined && (
        <Button
          look="action"
          busy={booked.isPending}
          onPress={() => booked.mutate({ event_id: event.id, section, mode: "best_available", quantity })}
        >
          {t("booking.nearest", { count: quantity, section })}
        </Button>
      )}
      <LinkButton
        to="/events/$eventId/seats"
        params={{ eventId: event.id }}
        search={{ section: section ?? booking.section, quantity }}
      >
        {t("booking.pickAgain")}
      </LinkButton>
    </>
  );
}
