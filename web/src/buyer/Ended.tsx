//! A failed or cancelled booking: why, and one press to try again.

import { useNavigate } from "@tanstack/react-router";
import type { Booking, Event } from "#api";
import { clock } from "../lib/format";
import { failureWords } from "../lib/problemWords";
import { type BaseT, useWords } from "../lib/useWords";
import { Button, LinkButton } from "../ui/Button";
import { Notice } from "../ui/states";
import { BookingError } from "./BookPanel";
import { nearestInPrice } from "./Partial";
import { useBook } from "./useBook";

export function Ended({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const { t, language } = useWords();
  const words = endWords(booking, t, clock(booking.cancelled_at ?? booking.created_at, language));
  return (
    <Notice
      level="h1"
      tone="warn"
      icon={booking.cancel_reason === "expired" ? "clock" : "seat"}
      title={words.title}
      actions={<WaysOn booking={booking} event={event} />}
    >
      <p>{words.detail}</p>
      {words.more && <p>{words.more}</p>}
    </Notice>
  );
}

function endWords(booking: Booking, t: BaseT, time: string) {
  if (booking.status === "failed")
    return { title: t("booking.failedTitle"), detail: failureWords(booking, t) };
  if (booking.cancel_reason === "expired") {
    return {
      title: t("booking.expiredTitle"),
      detail: t("booking.expiredDetail", { time }),
      more: t("booking.expiredLate"),
    };
  }
  return { title: t("booking.cancelledTitle"), detail: t("booking.cancelledDetail") };
}

function WaysOn({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const booked = useBook(
    ({ id }) => void navigate({ to: "/bookings/$bookingId", params: { bookingId: id } }),
  );
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
