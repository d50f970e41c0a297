//! The buyer's bookings: what waits for payment, what is to come, what was, what came to nothing.

import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { createLazyRoute, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import type { Booking, Event } from "#api";
import { bookingsQuery, eventQuery, waitingQuery } from "../api/queries";
import { useMe } from "../api/session";
import { timeLeft } from "../lib/countdown";
import { money, showTime } from "../lib/format";
import { useNow } from "../lib/useNow";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { Button, LinkButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Poster } from "../ui/Poster";
import { Loading, Notice, Skeleton, Trouble } from "../ui/states";
import css from "./BookingsPage.module.css";
import { SeatLines } from "./Summary";

export const route = createLazyRoute("/bookings")({ component: BookingsPage });

const TABS = ["upcoming", "past", "cancelled"] as const;
type TabName = (typeof TABS)[number];

function BookingsPage() {
  const { t } = useWords();
  const { isSeller } = useMe();
  useTitle(t("bookings.title"));
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
      <Entry booking={booking} event={event}>
        {left && (
          <span className={`${css.left} numbers`}>
            <Icon name="clock" size={16} /> {t("nav.heldFor", { time: left.text })}
          </span>
        )}
        <LinkButton look="accent" size="sm" to="/bookings/$bookingId" params={{ bookingId: booking.id }}>
          {t("bookings.payNow")}
        </LinkButton>
      </Entry>
    </li>
  );
}

/** Paid bookings are one list for the server; what is past follows from the show's time. */
function useHistory(tab: TabName) {
  const paid = useInfiniteQuery({ ...bookingsQuery("paid"), enabled: tab !== "cancelled" });
  const cancelled = useInfiniteQuery({ ...bookingsQuery("cancelled"), enabled: tab === "cancelled" });
  const failed = useInfiniteQuery({ ...bookingsQuery("failed"), enabled: tab === "cancelled" });
  const used = tab === "cancelled" ? [cancelled, failed] : [paid];
  const bookings = used.flatMap(query => query.data?.pages.flatMap(page => page.data) ?? []);
  bookings.sort((a, b) => b.created_at.localeCompare(a.created_at));
  const events = useEvents(bookings);
  const isPast = (booking: Booking) =>
    Date.parse(events.get(booking.event_id)?.starts_at ?? "9999") < Date.now();
  return {
    bookings:
      tab === "cancelled" ? bookings : bookings.filter(booking => isPast(booking) === (tab === "past")),
    events,
    isPending: used.some(query => query.isPending),
    error: used.map(query => query.error).find(Boolean),
    hasMore: used.some(query => query.hasNextPage),
    loadingMore: used.some(query => query.isFetchingNextPage),
    more: () => {
      for (const query of used) if (query.hasNextPage) void query.fetchNextPage();
    },
    retry: () => {
      for (const query of used) void query.refetch();
    },
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
  const { bookings, events, isPending, error, hasMore, loadingMore, more, retry } = useHistory(tab);
  if (error) return <Trouble error={error} onRetry={retry} />;
  if (isPending) {
    return (
      <Loading>
        <Skeleton className={css.skeleton ?? ""} lines={3} />
      </Loading>
    );
  }
  return (
    <>
      {bookings.length === 0 && !hasMore && <Empty tab={tab} />}
      <ul className={css.bookings}>
        {bookings.map(booking => (
          <li key={booking.id}>
            <Entry booking={booking} event={events.get(booking.event_id)} />
          </li>
        ))}
      </ul>
      {hasMore && (
        <Button busy={loadingMore} onPress={more}>
          {t("bookings.more")}
        </Button>
      )}
    </>
  );
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
  readonly booking: Booking;
  readonly event: Event | undefined;
  readonly children?: ReactNode;
}

function Entry({ booking, event, children }: EntryProps) {
  const { t, language } = useWords();
  const at = event && showTime(event.starts_at, event.time_zone, language);
  return (
    <article className={css.entry}>
      <div className={css.picture}>
        <Poster id={booking.event_id} />
      </div>
      <div className={css.what}>
        <h3>
          <Link to="/bookings/$bookingId" params={{ bookingId: booking.id }}>
            {event?.name ?? t("booking.title")}
          </Link>
        </h3>
        {at && (
          <p className="small soft">
            {at.date} · {at.time} · {event.venue_name}
          </p>
        )}
        {booking.seats.length > 0 && <SeatLines ids={booking.seats} />}
      </div>
      <div className={css.end}>
        <Status booking={booking} />
        {booking.total && booking.status !== "cancelled" && (
          <span className="numbers">{money(booking.total, language)}</span>
        )}
        {children}
      </div>
    </article>
  );
}

function Status({ booking }: { readonly booking: Booking }) {
  const { t } = useWords();
  const status = booking.cancel_reason === "expired" ? "expired" : booking.status;
  return (
    <span className={css.status} data-status={status}>
      {t(`booking.status.${status as "paid"}`)}
    </span>
  );
}
