//! The seats that a buyer has chosen on a page, before the server is asked for them. They outlive a
//! reload and signing in: what is free by then is chosen again, what is not is named.
//!
//! Promises: seats of one section only, since a booking holds no others; never more than the event
//! allows. A seat that someone else took leaves the choice at once and is named.

import { useCallback, useEffect, useMemo, useState } from "react";
import type { Booking, Event } from "#api";
import { forget, keep, recall } from "../lib/storage";
import { useWords } from "../lib/useWords";
import type { SeatStore } from "../map/store";
import { toast } from "../ui/toast";
import { seatName } from "./seatNames";
import { nearestFree, suggestSeats } from "./suggest";

export interface Selection {
  readonly chosen: ReadonlySet<string>;
  /** Seats of the booking that is being exchanged. */
  readonly mine: ReadonlySet<string>;
  /** Those of them that shall stay. */
  readonly kept: ReadonlySet<string>;
  /** Seats that the server is being asked for. */
  readonly claiming: ReadonlySet<string>;
  /** How many may be chosen. */
  readonly most: number;
  /** Seats that someone else took a moment ago. */
  readonly lost: readonly string[];
  /** Seats to bring into view. */
  readonly pointedOut: readonly string[];
  toggle(seat: { readonly id: string }): void;
  keep(id: string, kept: boolean): void;
  clear(): void;
  /** Proposes other seats; answers how many there are. */
  suggest(section: string, quantity: number): number;
  lose(ids: readonly string[]): void;
  /** Takes the nearest free seats for those that were lost. */
  replace(): void;
  claim(claiming: boolean): void;
  /** The seats are booked: the choice is kept no longer. */
  done(): void;
}

/** The choice of this tab: of an event, or of the booking that is exchanged. */
function readKept(key: string, store: SeatStore, most: number): ReadonlySet<string> {
  const ids = recall(key, "sessionStorage")?.split(",") ?? [];
  return new Set(ids.filter(id => store.directory.seat(id) !== undefined).slice(0, most));
}

const NONE: ReadonlySet<string> = new Set();

export function useSelection(event: Event, store: SeatStore, held: Booking | undefined): Selection {
  const { t } = useWords();
  const storage = `chosen:${held?.id ?? event.id}`;
  const [chosen, setChosen] = useState(() => readKept(storage, store, event.max_seats_per_booking));
  useEffect(() => {
    if (chosen.size > 0) keep(storage, [...chosen].join(","), "sessionStorage");
    else forget(storage, "sessionStorage");
  }, [storage, chosen]);
  const [kept, setKept] = useState(NONE);
  const [isClaiming, setClaiming] = useState(false);
  const [lost, setLost] = useState<readonly string[]>([]);
  const [pointedOut, setPointedOut] = useState<readonly string[]>([]);
  const mine = useMemo(() => new Set(held?.seats), [held]);
  const most = event.max_seats_per_booking - kept.size;

  const toggle = ({ id }: { readonly id: string }) => {
    const { section } = seatName(id);
    const other = [...chosen, ...kept].map(seatName).find(one => one.section !== section)?.section;
    if (other !== undefined) {
      toast({ title: t("pick.otherSection", { old: other }), tone: "warn" });
      setKept(NONE);
      setChosen(new Set([id]));
    } else {
      setChosen(toggled(chosen, id));
    }
  };

  const lose = useCallback((ids: readonly string[]) => {
    setChosen(now => new Set([...now].filter(id => !ids.includes(id))));
    setLost(ids);
  }, []);

  const suggest = (section: string, quantity: number) => {
    const seats = suggestSeats(store, section, Math.min(quantity, most), chosen.size > 0 ? chosen : mine);
    if (seats.length > 0) {
      setChosen(new Set(seats));
      setLost([]);
      setPointedOut(seats);
    }
    return seats.length;
  };

  const replace = () => {
    const now = new Set(chosen);
    const found = lost.flatMap(id => {
      const seat = nearestFree(store, id, now);
      if (seat !== undefined) now.add(seat);
      return seat ?? [];
    });
    setChosen(now);
    setLost([]);
    setPointedOut(found);
    const title =
      found.length > 0
        ? t("pick.replaced", { seats: found.join(t("common.separator")) })
        : t("pick.noReplacement");
    toast({ title, tone: found.length > 0 ? "good" : "warn" });
  };

  return {
    chosen,
    mine,
    kept,
    claiming: isClaiming ? new Set([...chosen, ...kept]) : NONE,
    most,
    lost,
    pointedOut,
    toggle,
    keep: (id, keeps) => setKept(now => (keeps ? new Set([...now, id]) : toggled(now, id))),
    clear: () => setChosen(NONE),
    suggest,
    lose,
    replace,
    claim: setClaiming,
    done: () => forget(storage, "sessionStorage"),
  };
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const now = new Set(set);
  if (!now.delete(id)) now.add(id);
  return now;
}
