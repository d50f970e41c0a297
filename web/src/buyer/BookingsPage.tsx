//! The buyer's bookings: what waits for payment, what is to come, what was, what came to nothing.
//!
//! Promises: who has seen what is to come can show the tickets of the next shows without a network.

import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { createLazyRoute, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import type { Booking, Event } from "#api";
import { bookingQuery, bookingsQuery, eventQuery, ticketsQuery, waitingQuery } from "../api/queries";
import { useMe } from "../api/session";
import { serverNow, timeLeft } from "../lib/countdown";
import { money, showTime } from "../lib/format";
import { bookingState, listed, stateWords } from "../lib/statuses";
import { useNow } from "../lib/useNow";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { isSeen } from "../offline/seen";
import { useKeptShell } from "../offline/shell";
import { EntryBoundary } from "../ui/Boundary";
import { Button, LinkButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Poster } from "../ui/Poster";
import { Loading, Notice, Skeleton, Trouble } from "../ui/states";
import css from "./BookingsPage.module.css";
import { SeatLines } from "./Summary";

export const route = createLazyRoute("/bookings")({ component: BookingsPage });

const TABS = ["upcoming", "past", "cancelled"] as const;
type TabName = (typeof TABS)[number];

/** Of so many of the next shows the tickets are kept. */
const AT_HAND = 3;

function BookingsPage() {
  const { t } = useWords();
  const { isSeller } = useMe();
  useTitle(t("bookings.title"));
  useKeptShell();
  if (isSeller) {
    return (
      <Notice level="h1" icon="user" title={t("account.buyersOnly")}>
        <p>{t("account.buyersOnlyDetail")}</p>
      </Notice>
    );
  }
  return (
    <div className={`page ${css.page}`}>
      <h1>{t("bookings.title")}</h1>
      <Waiting />
      <Tabs className={css.tabs ?? ""}>
        <TabList aria-label={t("bookings.title")} className={css.list ?? ""}>
          {TABS.map(tab => (
            <Tab key={tab} id={tab} className={css.tab ?? ""}>
              {t(`bookings.${tab}`)}
            </Tab>
          ))}
        </TabList>
        {TABS.map(tab => (
          <TabPanel key={tab} id={tab} className={css.panel ?? ""}>
            <History tab={tab} />
          </TabPanel>
        ))}
      </Tabs>
    </div>
  );
}

function Waiting() {
  const { t } = useWords();
  const { data } = useQuery(waitingQuery);
  const now = useNow((data?.length ?? 0) > 0);
  if (!data || data.length === 0) return null;
  return (
    <section className={css.waiting} aria-label={t("bookings.waiting")}>
      <h2>{t("bookings.waiting")}</h2>
      <ul className={css.bookings}>
        {data.map(booking => (
          <WaitingEntry key={booking.id} booking={booking} now={now} />
        ))}
      </ul>
    </section>
  );
}

function WaitingEntry({ booking, now }: { readonly booking: Booking; readonly now: number }) {
  const { t } = useWords();
  const { data: event } = useQuery(eventQuery(booking.event_id));
  const left = booking.expires_at ? timeLeft(booking.expires_at, now) : undefined;
  return (
    <li>
      <EntryBoundary>
        <Entry level="h3" booking={booking} event={event}>
          {left && (
            <span className={`${css.left} numbers`}>
              <Icon name="clock" size={16} /> {t("nav.heldFor", { time: left.text })}
            </span>
          )}
          <LinkButton look="accent" size="sm" to="/bookings/$bookingId" params={{ bookingId: booking.id }}>
            {t("bookings.payNow")}
          </LinkButton>
        </Entry>
      </EntryBoundary>
    </li>
  );
}

/** Shows are one list for the server; what is past follows from the show's time. */
function useHistory(tab: TabName) {
  const ended = tab === "cancelled";
  const query = useInfiniteQuery(bookingsQuery(listed(ended ? "ended" : "shows")));
  const bookings = query.data?.pages.flatMap(page => page.flatMap(({ data }) => data)) ?? [];
  bookings.sort((a, b) => b.created_at.localeCompare(a.created_at));
  const events = useEvents(bookings);
  const isPast = (booking: Booking) =>
    Date.parse(events.get(booking.event_id)?.starts_at ?? "9999") < serverNow();
  return {
    query,
    bookings: ended ? bookings : bookings.filter(booking => isPast(booking) === (tab === "past")),
    events,
  };
}

function useEvents(bookings: readonly Booking[]): ReadonlyMap<string, Event> {
  const ids = [...new Set(bookings.map(booking => booking.event_id))];
  return useQueries({
    queries: ids.map(eventQuery),
    combine: results => new Map(results.flatMap(({ data }) => (data ? [[data.id, data] as const] : []))),
  });
}

function History({ tab }: { readonly tab: TabName }) {
  const { t } = useWords();
  const { query, bookings, events } = useHistory(tab);
  // What comes from this device is no news to it.
  const isNews = tab === "upcoming" && !isSeen(query.data);
  if (query.error && !query.data) return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) {
    return (
      <Loading>
        <Skeleton className={css.skeleton ?? ""} lines={3} />
      </Loading>
    );
  }
  return (
    <>
      {bookings.length === 0 && !query.hasNextPage && <Empty tab={tab} />}
      {isNews && nextShows(bookings, events).map(booking => <AtHand key={booking.id} booking={booking} />)}
      <ul className={css.bookings}>
        {bookings.map(booking => (
          <li key={booking.id}>
            <EntryBoundary>
              <Entry level="h2" booking={booking} event={events.get(booking.event_id)} />
            </EntryBoundary>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
          {t("bookings.more")}
        </Button>
      )}
    </>
  );
}

function nextShows(bookings: readonly Booking[], events: ReadonlyMap<string, Event>): Booking[] {
  const startOf = ({ event_id }: Booking) => events.get(event_id)?.starts_at ?? "";
  const known = bookings.filter(booking => startOf(booking) !== "");
  return known.sort((a, b) => startOf(a).localeCompare(startOf(b))).slice(0, AT_HAND);
}

/** Asks for what the booking's own page shows, which this device keeps then. */
function AtHand({ booking }: { readonly booking: Booking }) {
  useQuery({ ...bookingQuery(booking.id), initialData: booking });
  useQuery(ticketsQuery(booking));
  return null;
}

function Empty({ tab }: { readonly tab: TabName }) {
  const { t } = useWords();
  const words = {
    upcoming: [t("bookings.emptyUpcoming"), t("bookings.emptyUpcomingDetail")],
    past: [t("bookings.emptyPast"), t("bookings.emptyPastDetail")],
    cancelled: [t("bookings.emptyCancelled"), t("bookings.emptyCancelledDetail")],
  } as const;
  const browse = (
    <LinkButton look="action" to="/">
      {t("bookings.browse")}
    </LinkButton>
  );
  return (
    <Notice icon="ticket" title={words[tab][0]} actions={tab === "upcoming" ? browse : undefined}>
      <p>{words[tab][1]}</p>
    </Notice>
  );
}

interface EntryProps {
  /** Of its heading. */
  readonly level: "h2" | "h3";
  readonly booking: Booking;
  readonly event: Event | undefined;
  readonly children?: ReactNode;
}

function Entry({ level: Heading, booking, event, children }: EntryProps) {
  const { t, language } = useWords();
  const at = event && showTime(event.starts_at, event.time_zone, language);
  return (
    <article className={css.entry}>
      <div className={css.picture}>
        <Poster id={booking.event_id} />
      </div>
      <div className={css.what}>
        <Heading className={css.name}>
          <Link to="/bookings/$bookingId" params={{ bookingId: booking.id }}>
            {event?.name ?? t("booking.title")}
          </Link>
        </Heading>
        {at && (
          <p className="small soft">
            {at.date} · {at.time} · {event.venue_name}
          </p>
        )}
        {booking.seats.length > 0 && <SeatLines booking={booking} />}
      </div>
      <div className={css.end}>
        <Status booking={booking} />
        {booking.total && bookingState(booking).priced && (
          <span className="numbers">{money(booking.total, language)}</span>
        )}
        {children}
      </div>
    </article>
  );
}

function Status({ booking }: { readonly booking: Booking }) {
  const { t } = useWords();
  return (
    <span className={css.status} data-tone={bookingState(booking).tone}>
      {stateWords(booking, "name", t)}
    </span>
  );
}
