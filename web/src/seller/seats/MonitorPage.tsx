//! Every seat as it stands: on the map, and in a list with its booking and since when.

import { createLazyRoute, getRouteApi, Navigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Event } from "#api";
import { count } from "../../lib/format";
import {
  SeatMap,
  type SeatMapHandle,
  type SeatStore,
  useConnection,
  useCounts,
  useSeatStore,
  useStoreLoaded,
} from "../../map";
import { seatId } from "../../map/plan";
import { Button } from "../../ui/Button";
import { LiveBadge } from "../../ui/LiveBadge";
import { Loading, Skeleton } from "../../ui/states";
import { listHolds } from "../calls";
import { EventFrame } from "../EventFrame";
import type { MonitorSearch } from "../routes";
import { useSellerWords } from "../words";
import { type SeatFilter, type StatusFilter, seatsThat } from "./filter";
import { Holds } from "./holds";
import css from "./MonitorPage.module.css";
import { SeatTable } from "./SeatTable";

const here = getRouteApi("/seller/events/$eventId/seats");
export const route = createLazyRoute("/seller/events/$eventId/seats")({ component: MonitorPage });

function MonitorPage() {
  const { t } = useSellerWords();
  return (
    <EventFrame title={t("frame.seats")}>
      {event =>
        event.status === "draft" ? (
          <Navigate to="/seller/events/$eventId/edit" params={{ eventId: event.id }} replace />
        ) : (
          <Monitor key={event.id} event={event} />
        )
      }
    </EventFrame>
  );
}

function Monitor({ event }: { readonly event: Event }) {
  const store = useSeatStore(event);
  const search = here.useSearch();
  const filter: SeatFilter = useMemo(
    () => ({ section: search.section, status: search.status ?? "all", prefix: search.seat ?? "" }),
    [search.section, search.status, search.seat],
  );
  const seats = useSeats(store, filter);
  const holds = useHolds(store, event.id);
  const map = useRef<SeatMapHandle>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const selection = useMemo(
    () => new Set(chosen === null ? [] : [seatId(store.plan, chosen)]),
    [store, chosen],
  );
  const spotlight = useMemo(() => (filter.section ? new Set([filter.section]) : null), [filter.section]);
  const loaded = useStoreLoaded(store);
  const choose = (seat: number) => {
    setChosen(seat);
    map.current?.showSeats([seatId(store.plan, seat)]);
  };
  return (
    <div className={css.monitor}>
      <Standing store={store} />
      <Filters event={event} filter={filter} />
      <div className={css.columns}>
        <SeatMap
          ref={map}
          className={css.map}
          mode="seller"
          label={event.name}
          store={store}
          selection={selection}
          spotlight={spotlight}
          onToggleSeat={({ id }) => setChosen(store.directory.seat(id) ?? null)}
        />
        {!loaded && <TableSkeleton />}
        {loaded && seats.length === 0 && <Nothing filter={filter} />}
        {loaded && seats.length > 0 && (
          <SeatTable
            store={store}
            seats={seats}
            holds={holds}
            status={filter.status === "reserved" || filter.status === "sold" ? filter.status : undefined}
            chosen={chosen}
            onChoose={choose}
          />
        )}
      </div>
    </div>
  );
}

/** The list is rebuilt at most this often, however fast seats change. */
const PACE_MS = 200;

function useSeats(store: SeatStore, filter: SeatFilter): Uint32Array {
  const [seats, setSeats] = useState(() => seatsThat(store, filter));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      timer = undefined;
      setSeats(seatsThat(store, filter));
    };
    read();
    const unsubscribe = store.subscribe(change => {
      if (change.whole || change.seats.length > 0) timer ??= setTimeout(read, PACE_MS);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [store, filter]);
  return seats;
}

function useHolds(store: SeatStore, eventId: string): Holds {
  const holds = useMemo(
    () => new Holds(store, async (query, signal) => (await listHolds(eventId, query, signal)).data),
    [store, eventId],
  );
  useEffect(() => {
    const unsubscribe = store.subscribe(change => holds.changed(change));
    return () => {
      unsubscribe();
      holds.stop();
    };
  }, [store, holds]);
  return holds;
}

function Standing({ store }: { readonly store: SeatStore }) {
  const { t, language } = useSellerWords();
  const { sold, reserved, available } = useCounts(store);
  const connection = useConnection(store);
  const state = connection.state === "reconnecting" ? "lost" : connection.state;
  return (
    <div className={css.standing}>
      <LiveBadge state={state} since={state === "lost" ? connection.since : undefined} />
      <ul className={css.counts}>
        <li data-status="sold">{t("seats.counts.sold", { seats: count(sold, language) })}</li>
        <li data-status="reserved">{t("seats.counts.reserved", { seats: count(reserved, language) })}</li>
        <li data-status="available">{t("seats.counts.available", { seats: count(available, language) })}</li>
      </ul>
    </div>
  );
}

const STATUSES: readonly StatusFilter[] = ["all", "taken", "reserved", "sold", "available"];

function Filters({ event, filter }: { readonly event: Event; readonly filter: SeatFilter }) {
  const { t } = useSellerWords();
  const set = useSetFilter(filter);
  return (
    <search className={css.filters} aria-label={t("seats.filter")}>
      <label className={css.filter}>
        {t("seats.section")}
        <select
          value={filter.section ?? ""}
          onChange={changed => set({ section: changed.target.value || undefined })}
        >
          <option value="">{t("seats.allSections")}</option>
          {event.sections.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className={css.filter}>
        {t("seats.status")}
        <select
          value={filter.status}
          onChange={changed => set({ status: changed.target.value as StatusFilter })}
        >
          {STATUSES.map(status => (
            <option key={status} value={status}>
              {t(`seats.filters.${status}`)}
            </option>
          ))}
        </select>
      </label>
      <label className={css.filter}>
        {t("seats.find")}
        <input
          type="search"
          value={filter.prefix}
          placeholder="A-1-2-3"
          maxLength={60}
          onChange={changed => set({ prefix: changed.target.value })}
        />
      </label>
    </search>
  );
}

/** Filters are part of the address, so that a view can be bookmarked and shared. */
function useSetFilter(filter: SeatFilter) {
  const navigate = here.useNavigate();
  return (change: Partial<SeatFilter>) => {
    const { section, status, prefix } = { ...filter, ...change };
    const search: MonitorSearch = {
      ...(section && { section }),
      ...(status !== "all" && { status }),
      ...(prefix && { seat: prefix }),
    };
    void navigate({ search, replace: true, resetScroll: false });
  };
}

/** Until the seats are known; a seat that is not must not be called free. */
function TableSkeleton() {
  return (
    <Loading className={css.grid ?? ""}>
      <Skeleton className={css.bone ?? ""} lines={10} />
    </Loading>
  );
}

function Nothing({ filter }: { readonly filter: SeatFilter }) {
  const { t } = useSellerWords();
  const set = useSetFilter(filter);
  return (
    <div className={css.nothing} role="status">
      <p>{t("seats.none")}</p>
      <Button onPress={() => set({ section: undefined, status: "all", prefix: "" })}>
        {t("seats.showAll")}
      </Button>
    </div>
  );
}
