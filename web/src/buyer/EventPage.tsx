//! One event: what, when and where; the house as it is this moment; and the way to seats.

import { useQuery } from "@tanstack/react-query";
import { createLazyRoute, getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useDeferredValue, useEffect, useState } from "react";
import type { Event } from "#api";
import { seatingQuery } from "../api/queries";
import { money, showTime } from "../lib/format";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { availability } from "../map/availability";
import { useConnection, useCounts } from "../map/react/hooks";
import type { SeatStore } from "../map/store";
import { Icon } from "../ui/Icon";
import { LiveBadge } from "../ui/LiveBadge";
import { Poster } from "../ui/Poster";
import { Loading, Skeleton, Trouble } from "../ui/states";
import { BookPanel } from "./BookPanel";
import css from "./EventPage.module.css";
import { MapBoundary } from "./MapBoundary";
import { Sections } from "./Sections";
import { useSeats } from "./useSeats";

const SeatMap = lazy(() => import("./LazyMap").then(({ SeatMap }) => ({ default: SeatMap })));

const here = getRouteApi("/events/$eventId");
export const route = createLazyRoute("/events/$eventId")({ component: EventPage });

function EventPage() {
  const { eventId } = here.useParams();
  const { data: event, error, isFetching, refetch } = useQuery(seatingQuery(eventId));
  useTitle(event?.name);
  if (event) return <Shown key={event.id} event={event} />;
  if (error) return <Trouble level="h1" error={error} retrying={isFetching} onRetry={() => void refetch()} />;
  return <EventSkeleton />;
}

/**
 * Whether an event was shown since the application began. Who comes back to one finds it complete,
 * and where it was left.
 */
let shownBefore = false;

function Shown({ event }: { readonly event: Event }) {
  // What and when at once; the much larger rest is made in small steps after that, in which a slow
  // phone can scroll.
  const complete = useDeferredValue(true, shownBefore);
  useEffect(() => {
    shownBefore = true;
  }, []);
  return (
    <article className={`page ${css.event}`}>
      <Hero event={event} />
      {complete ? <Columns event={event} /> : <ColumnsSkeleton />}
    </article>
  );
}

function Columns({ event }: { readonly event: Event }) {
  const { t } = useWords();
  const store = useSeats(event);
  const search = here.useSearch();
  const [spotlight, setSpotlight] = useState<string | null>(null);
  return (
    <div className={css.columns}>
      <div className={css.main}>
        <House event={event} store={store} spotlight={spotlight} />
        <Sections event={event} store={store} />
        <section className="stack">
          <h2>{t("event.about")}</h2>
          <p className={css.description}>{event.description || t("event.noDescription")}</p>
        </section>
      </div>
      <BookPanel event={event} store={store} search={search} onSection={setSpotlight} />
    </div>
  );
}

function Hero({ event }: { readonly event: Event }) {
  const { t, language } = useWords();
  const at = showTime(event.starts_at, event.time_zone, language);
  return (
    <header className={css.hero}>
      <div className={css.picture}>
        <Poster id={event.id} />
      </div>
      <div className={css.what}>
        <h1 className={css.name}>{event.name}</h1>
        <ul className={css.facts}>
          <li>
            <Icon name="calendar" />
            <span>
              <time dateTime={event.starts_at}>
                {at.date} · {at.time}
              </time>{" "}
              <span className="soft">{t("event.venueTime", { zone: at.zone })}</span>
              {at.yours && <span className={css.yours}>{t("event.yourTime", { time: at.yours })}</span>}
            </span>
          </li>
          {event.venue_name && (
            <li>
              <Icon name="pin" />
              {event.venue_name}
            </li>
          )}
          <li>
            <Icon name="ticket" />
            <PriceRange event={event} />
          </li>
        </ul>
      </div>
    </header>
  );
}

function PriceRange({ event }: { readonly event: Event }) {
  const { t, language } = useWords();
  const prices = event.sections.map(section => section.price).sort((a, b) => a.amount_minor - b.amount_minor);
  const [low, high] = [prices[0], prices.at(-1)];
  if (!low || !high) return null;
  if (low.amount_minor === high.amount_minor) return <span>{money(low, language)}</span>;
  return <span>{t("event.prices", { low: money(low, language), high: money(high, language) })}</span>;
}

interface HouseProps {
  readonly event: Event;
  readonly store: SeatStore;
  readonly spotlight: string | null;
}

function House({ event, store, spotlight }: HouseProps) {
  const { t } = useWords();
  const connection = useConnection(store);
  const isSoldOut = availability(useCounts(store)) === "sold-out";
  const badge = connection.state === "reconnecting" ? "lost" : connection.state;
  return (
    <section className="stack">
      <div className={css.heading}>
        <h2>{t("event.venue")}</h2>
        {event.status === "on_sale" && <LiveBadge state={badge} since={connection.since} />}
      </div>
      {!isSoldOut && <p className="soft">{t("event.venueLead")}</p>}
      <div className={css.house}>
        <MapBoundary>
          <Suspense fallback={<Skeleton className={css.house ?? ""} />}>
            <SeatMap
              label={event.name}
              store={store}
              selection={NOTHING}
              spotlight={spotlight === null ? null : new Set([spotlight])}
              className={css.map}
            />
          </Suspense>
        </MapBoundary>
      </div>
    </section>
  );
}

const NOTHING: ReadonlySet<string> = new Set();

function EventSkeleton() {
  return (
    <Loading className={`page ${css.event}`}>
      <div className={css.hero}>
        <Skeleton className={css.picture ?? ""} />
        <div className={css.what}>
          <Skeleton className={css.line ?? ""} lines={4} />
        </div>
      </div>
      <ColumnsSkeleton />
    </Loading>
  );
}

function ColumnsSkeleton() {
  return (
    <div className={css.columns}>
      <Skeleton className={css.house ?? ""} />
      <Skeleton className={css.house ?? ""} />
    </div>
  );
}
