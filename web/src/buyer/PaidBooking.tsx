//! A paid booking: the tickets with their codes, the calendar file, the way to print.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Booking, Event } from "#api";
import { ticketsQuery } from "../api/queries";
import { useMe } from "../api/session";
import { moment } from "../lib/format";
import { isFree } from "../lib/statuses";
import { useWords } from "../lib/useWords";
import { EntryBoundary } from "../ui/Boundary";
import { Button, LinkButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Loading, Skeleton, Trouble } from "../ui/states";
import { calendarFile, download } from "./calendar";
import { OwnSeatsMap } from "./OwnSeatsMap";
import css from "./PaidBooking.module.css";
import { Summary } from "./Summary";
import { TicketCard } from "./TicketCard";

export function PaidBooking({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const { t, language } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div className={css.paid}>
      <header className={css.head}>
        <span className={css.mark}>
          <Icon name="check" size={28} />
        </span>
        <div>
          <h1 ref={heading} tabIndex={-1} className={css.title}>
            {t("booking.paidTitle")}
          </h1>
          {booking.paid_at && (
            <p className="soft">
              {t(isFree(booking) ? "booking.confirmedDetail" : "booking.paidDetail", {
                time: moment(booking.paid_at, language),
              })}
            </p>
          )}
        </div>
      </header>
      <div className="row">
        <Button onPress={() => download(`${event.name}.ics`, calendarFile(event, booking, location.origin))}>
          <Icon name="calendar" />
          {t("booking.addToCalendar")}
        </Button>
        <LinkButton to="/bookings/$bookingId/print" params={{ bookingId: booking.id }}>
          <Icon name="print" />
          {t("booking.print")}
        </LinkButton>
      </div>
      <Tickets booking={booking} event={event} />
      <div className={css.summary}>
        <Summary booking={booking} event={event} />
        <OwnSeatsMap booking={booking} event={event} />
      </div>
    </div>
  );
}

export function Tickets({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const { t } = useWords();
  const { me } = useMe();
  const { data, error, isFetching, refetch } = useQuery(ticketsQuery(booking));
  if (error && !data) return <Trouble error={error} retrying={isFetching} onRetry={() => void refetch()} />;
  const missing = booking.seats.length - (data?.length ?? 0);
  return (
    <section aria-label={t("bookings.tickets")}>
      <ul className={css.tickets}>
        {data?.map((ticket, index) => (
          <li key={ticket.id}>
            <EntryBoundary>
              <TicketCard
                ticket={ticket}
                event={event}
                holder={me?.name ?? ""}
                number={index + 1}
                all={booking.seats.length}
              />
            </EntryBoundary>
          </li>
        ))}
      </ul>
      {missing > 0 && (
        <Loading>
          <p className="soft">{t("booking.ticketsSoon")}</p>
          <Skeleton className={css.skeleton ?? ""} lines={Math.min(missing, 2)} />
        </Loading>
      )}
    </section>
  );
}
