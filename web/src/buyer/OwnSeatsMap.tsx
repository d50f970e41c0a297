//! Where the seats of a booking are in the house; the map is fetched when it is asked for.

import { lazy, Suspense, useEffect, useRef, useState } from "react";
import type { Booking, Event } from "#api";
import { useWords } from "../lib/useWords";
import type { SeatMapHandle } from "../map/types";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Skeleton } from "../ui/states";
import { MapBoundary } from "./MapBoundary";
import css from "./OwnSeatsMap.module.css";
import { useSeats } from "./useSeats";

const SeatMap = lazy(() => import("./LazyMap").then(({ SeatMap }) => ({ default: SeatMap })));
const NOTHING: ReadonlySet<string> = new Set();

export function OwnSeatsMap({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  // What was kept of an event for tickets is without its seating.
  if (event.sections.length === 0) return null;
  return (
    <div className="stack no-print">
      <Button look="quiet" size="sm" aria-expanded={shown} onPress={() => setShown(!shown)}>
        <Icon name="map" size={18} />
        {shown ? t("booking.hideMap") : t("booking.showMap")}
      </Button>
      {shown && <Shown booking={booking} event={event} />}
    </div>
  );
}

function Shown({ booking, event }: { readonly booking: Booking; readonly event: Event }) {
  const store = useSeats(event);
  const mine = new Set(booking.seats);
  return (
    <div className={css.map}>
      <MapBoundary>
        <Suspense fallback={<Skeleton className={css.map ?? ""} />}>
          <Pointing label={event.name} store={store} mine={mine} seats={booking.seats} />
        </Suspense>
      </MapBoundary>
    </div>
  );
}

interface PointingProps {
  readonly label: string;
  readonly store: ReturnType<typeof useSeats>;
  readonly mine: ReadonlySet<string>;
  readonly seats: readonly string[];
}

/** Brings the seats into view once the map is there. */
function Pointing({ label, store, mine, seats }: PointingProps) {
  const map = useRef<SeatMapHandle>(null);
  const first = useRef(seats);
  useEffect(() => map.current?.showSeats(first.current), []);
  return (
    <SeatMap ref={map} label={label} store={store} selection={NOTHING} mine={mine} className={css.map} />
  );
}
