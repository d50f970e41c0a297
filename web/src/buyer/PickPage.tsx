//! Choosing seats by hand: the live map, its list twin, and what is chosen beside them.

import { useQuery } from "@tanstack/react-query";
import { createLazyRoute, getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type ComponentProps, lazy, Suspense, useEffect, useMemo, useRef } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import type { Booking, Event } from "#api";
import { bookingQuery, seatingQuery, waitingQuery } from "../api/queries";
import { useMe } from "../api/session";
import { bookingState } from "../lib/statuses";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { availability } from "../map/availability";
import { useConnection, useCounts } from "../map/react/hooks";
import type { SeatMapHandle } from "../map/types";
import { Icon } from "../ui/Icon";
import { LiveBadge } from "../ui/LiveBadge";
import { Loading, Skeleton, Trouble } from "../ui/states";
import { MapBoundary } from "./MapBoundary";
import css from "./PickPage.module.css";
import { PickPanel } from "./PickPanel";
import { useSeats } from "./useSeats";
import { type Selection, useSelection } from "./useSelection";

const SeatMap = lazy(() => import("./LazyMap").then(({ SeatMap }) => ({ default: SeatMap })));
const SeatList = lazy(() => import("./LazyMap").then(({ SeatList }) => ({ default: SeatList })));
const SelectionGuard = lazy(() =>
  import("./LazyMap").then(({ SelectionGuard }) => ({ default: SelectionGuard })),
);

const here = getRouteApi("/events/$eventId/seats");
export const route = createLazyRoute("/events/$eventId/seats")({ component: PickPage });

function PickPage() {
  const { t } = useWords();
  const { eventId } = here.useParams();
  const { swap } = here.useSearch();
  const event = useQuery(seatingQuery(eventId));
  const old = useQuery({ ...bookingQuery(swap ?? ""), enabled: swap !== undefined });
  useTitle(event.data ? `${t("pick.title")} · ${event.data.name}` : t("pick.title"));
  if (event.error)
    return (
      <Trouble
        level="h1"
        error={event.error}
        retrying={event.isFetching}
        onRetry={() => void event.refetch()}
      />
    );
  if (!event.data || (swap !== undefined && old.isPending)) {
    return (
      <Loading className={`page ${css.page}`}>
        <Skeleton className={css.skeleton ?? ""} />
      </Loading>
    );
  }
  const held = old.data && bookingState(old.data).page === "checkout" ? old.data : undefined;
  return <Picking key={event.data.id} event={event.data} held={held} />;
}

interface PickingProps {
  readonly event: Event;
  /** The booking whose seats are to be exchanged. */
  readonly held: Booking | undefined;
}

function Picking({ event, held }: PickingProps) {
  const { t } = useWords();
  const store = useSeats(event);
  const selection = useSelection(event, store, held);
  const mine = useMine(event, selection);
  const connection = useConnection(store);
  const counts = useCounts(store);
  const hasSeats = held !== undefined || selection.chosen.size > 0 || selection.lost.length > 0;
  const soldOut = !hasSeats && availability(counts) === "sold-out";
  const navigate = useNavigate();
  const booked = ({ id }: Booking) => navigate({ to: "/bookings/$bookingId", params: { bookingId: id } });
  return (
    <div className={`page ${css.page}`}>
      <header className={css.head}>
        <Link to="/events/$eventId" params={{ eventId: event.id }} className={css.back}>
          <Icon name="back" size={18} />
          {event.name}
        </Link>
        <h1 className={css.title}>
          {soldOut ? t("event.soldOutTitle") : held ? t("pick.swapTitle") : t("pick.title")}
        </h1>
        <LiveBadge
          state={connection.state === "reconnecting" ? "lost" : connection.state}
          since={connection.since}
        />
      </header>
      <div className={css.columns}>
        <Views label={event.name} store={store} selection={selection} mine={mine} />
        <PickPanel {...{ event, store, selection, held, soldOut }} onBooked={booked} />
      </div>
      <MapBoundary>
        <Suspense>
          <SelectionGuard
            store={store}
            selection={selection.chosen}
            mine={mine}
            claiming={selection.claiming}
            onLost={seats => selection.lose(seats.map(seat => seat.id))}
          />
        </Suspense>
      </MapBoundary>
    </div>
  );
}

interface ViewsProps {
  readonly label: string;
  readonly store: ReturnType<typeof useSeats>;
  readonly selection: Selection;
  readonly mine: ReadonlySet<string>;
}

function Views({ label, store, selection, mine }: ViewsProps) {
  const { t } = useWords();
  const shared = {
    store,
    selection: selection.chosen,
    mine,
    claiming: selection.claiming,
    onToggleSeat: selection.toggle,
    maxSelectable: selection.most,
    oneSection: true,
  };
  return (
    <Tabs className={css.views ?? ""}>
      <TabList aria-label={t("pick.view")} className={css.tabs ?? ""}>
        <Tab id="map" className={css.tab ?? ""}>
          <Icon name="map" size={18} /> {t("pick.map")}
        </Tab>
        <Tab id="list" className={css.tab ?? ""}>
          <Icon name="list" size={18} /> {t("pick.list")}
        </Tab>
      </TabList>
      <TabPanel id="map" className={css.view ?? ""}>
        <MapBoundary>
          <Suspense fallback={<Skeleton className={css.skeleton ?? ""} />}>
            <MapView label={label} selection={selection} shared={shared} />
          </Suspense>
        </MapBoundary>
      </TabPanel>
      <TabPanel id="list" className={`${css.view} ${css.scrolls}`}>
        <MapBoundary>
          <Suspense fallback={<Skeleton className={css.skeleton ?? ""} />}>
            <SeatList {...shared} />
          </Suspense>
        </MapBoundary>
      </TabPanel>
    </Tabs>
  );
}

interface MapViewProps {
  readonly label: string;
  readonly selection: Selection;
  readonly shared: Omit<ComponentProps<typeof SeatMap>, "label">;
}

/**
 * The map follows what is asked of it elsewhere: the section of the address, seats that were
 * suggested.
 */
function MapView({ label, selection, shared }: MapViewProps) {
  const { section } = here.useSearch();
  const map = useRef<SeatMapHandle>(null);
  useEffect(() => {
    if (section !== undefined) map.current?.showSection(section);
  }, [section]);
  const { pointedOut } = selection;
  useEffect(() => {
    if (pointedOut.length > 0) map.current?.showSeats(pointedOut);
  }, [pointedOut]);
  return <SeatMap ref={map} label={label} className={css.map} {...shared} />;
}

/** Seats of this event that are the buyer's already, held or being exchanged. */
function useMine(event: Event, selection: Selection): ReadonlySet<string> {
  const { isBuyer } = useMe();
  const { data } = useQuery({ ...waitingQuery, enabled: isBuyer });
  return useMemo(() => {
    const seats = (data ?? [])
      .filter(booking => booking.event_id === event.id)
      .flatMap(booking => booking.seats);
    return new Set([...seats, ...selection.mine]);
  }, [data, event.id, selection.mine]);
}
