//! One booking, from the request to the tickets. It is followed live: nothing on this page needs a
//! reload.

import { useQuery } from "@tanstack/react-query";
import { createLazyRoute, getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { Booking, Event } from "#api";
import { isRefused } from "../api/problem";
import { bookingQuery, eventQuery } from "../api/queries";
import { showTime } from "../lib/format";
import { bookingState, stateWords } from "../lib/statuses";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { useBookingsConnection } from "../live/bookings";
import { useKeptShell } from "../offline/shell";
import { LinkButton } from "../ui/Button";
import { LiveBadge } from "../ui/LiveBadge";
import { Loading, Notice, Skeleton, Trouble, useSlow } from "../ui/states";
import css from "./BookingPage.module.css";
import { Checkout } from "./Checkout";
import { Ended } from "./Ended";
import { PaidBooking } from "./PaidBooking";

const here = getRouteApi("/bookings/$bookingId");
export const route = createLazyRoute("/bookings/$bookingId")({ component: BookingPage });

/** Without a live stream the server is asked this often, so that the page stays true. */
const POLL_MS = 2_000;

function BookingPage() {
  const { t } = useWords();
  const { bookingId } = here.useParams();
  const live = useBookingsConnection().kind === "live";
  const query = useQuery({
    ...bookingQuery(bookingId),
    refetchInterval: ({ state }) => (!live && isOpen(state.data) ? POLL_MS : false),
  });
  const event = useQuery({ ...eventQuery(query.data?.event_id ?? ""), enabled: query.data !== undefined });
  useTitle(t("booking.title"));
  useKeptShell();
  if (isRefused(query.error) && [403, 404, 422].includes(query.error.status)) return <Gone />;
  if (query.data && event.data) return <Shown booking={query.data} event={event.data} />;
  const error = query.error ?? event.error;
  const again = () => void (query.error ? query : event).refetch();
  if (error) return <Trouble level="h1" error={error} retrying={query.isFetching} onRetry={again} />;
  return (
    <Loading className={`page ${css.page}`}>
      <Skeleton className={css.skeleton ?? ""} lines={2} />
    </Loading>
  );
}

function isOpen(booking: Booking | undefined): boolean {
  return booking !== undefined && bookingState(booking).open === true;
}

function Gone() {
  const { t } = useWords();
  const all = (
    <LinkButton look="action" to="/bookings">
      {t("bookings.title")}
    </LinkButton>
  );
  return (
    <Notice level="h1" icon="search" title={t("booking.gone")} actions={all}>
      <p>{t("booking.goneDetail")}</p>
    </Notice>
  );
}

interface ShownProps {
  readonly booking: Booking;
  readonly event: Event;
}

function Shown({ booking, event }: ShownProps) {
  return (
    <div className={`page ${css.page}`}>
      <About booking={booking} event={event} />
      <Announcer booking={booking} />
      <State booking={booking} event={event} />
    </div>
  );
}

function State({ booking, event }: ShownProps) {
  switch (bookingState(booking).page) {
    case "search":
      return <Processing />;
    case "checkout":
      return <Checkout booking={booking} event={event} />;
    case "tickets":
      return <PaidBooking booking={booking} event={event} />;
    case "notice":
      return <Ended booking={booking} event={event} />;
  }
}

function About({ booking, event }: ShownProps) {
  const { t, language } = useWords();
  const at = showTime(event.starts_at, event.time_zone, language);
  const { kind, ...rest } = useBookingsConnection();
  return (
    <div className={css.about}>
      <p className={css.event}>
        <Link to="/events/$eventId" params={{ eventId: event.id }}>
          {event.name}
        </Link>
        <span className="soft">
          {at.date} · {at.time} · {event.venue_name}
        </span>
      </p>
      {isOpen(booking) && kind !== "gone" && (
        <LiveBadge state={kind} since={"since" in rest ? rest.since : undefined} />
      )}
      <span className="visually-hidden">{t("booking.number", { id: booking.id })}</span>
    </div>
  );
}

/** Announces each change of the booking's state to screen readers, once. */
function Announcer({ booking }: { readonly booking: Booking }) {
  const { t } = useWords();
  const before = useRef(booking.status);
  const announced = useRef("");
  if (before.current !== booking.status) {
    before.current = booking.status;
    announced.current = stateWords(booking, "news", t) ?? "";
  }
  return (
    <p className="visually-hidden" role="status">
      {announced.current}
    </p>
  );
}

function Processing() {
  const { t } = useWords();
  const slow = useSlow();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className={css.processing} aria-busy="true">
      <Searching />
      <h1 ref={heading} tabIndex={-1}>
        {t("booking.processingTitle")}
      </h1>
      <p className="soft" role="status">
        {slow ? t("booking.processingSlow") : t("booking.processingDetail")}
      </p>
    </section>
  );
}

/** A row of seats that is gone through, one after another. */
function Searching() {
  return (
    <div className={css.searching} aria-hidden="true">
      {[0, 1, 2, 3, 4, 5, 6].map(seat => (
        <span key={seat} className={css.searched} data-seat={seat} />
      ))}
    </div>
  );
}
