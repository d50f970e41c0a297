//! The seats that a buyer has chosen on a page, before the server is asked for them. They outlive a
//! reload and signing in: what is free by then is chosen again, what is not is named.
//!
//! Promises: seats of one section only, since a booking holds no others; never more than the event
//! allows. A seat that someone else took leaves the choice at once and is named; one that the
//! server may hold for this buyer, since its answer was lost, stays.

import { useCallback, useEffect, useMemo, useState } from "react";
import type { Booking, Event } from "#api";
import { forget, keep, recall } from "../lib/storage";
import { useWords } from "../lib/useWords";
import type { SeatStore } from "../map/store";
import { toast } from "../ui/toast";
import { seatName } from "./seatNames";
import { nearestFree, suggestSeats } from "./suggest";
import { handPicked, isAsked } from "./useBook";
import { requestOf } from "./useSwap";

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

const NONE: ReadonlySet<string> = new Set();

/** A set of seats that this tab keeps; of what it had kept, those that are still meant. */
function useStored(key: string, isMeant: (id: string, place: number) => boolean) {
  const [seats, setSeats] = useState<ReadonlySet<string>>(
    () => new Set((recall(key, "sessionStorage")?.split(",") ?? []).filter(isMeant)),
  );
  useEffect(() => {
    if (seats.size > 0) keep(key, [...seats].join(","), "sessionStorage");
    else forget(key, "sessionStorage");
  }, [key, seats]);
  return [seats, setSeats] as const;
}

export function useSelection(event: Event, store: SeatStore, held: Booking | undefined): Selection {
  const { t } = useWords();
  const keys = [`chosen:${held?.id ?? event.id}`, `kept:${held?.id ?? event.id}`] as const;
  const [chosen, setChosen] = useStored(
    keys[0],
    (id, place) => place < event.max_seats_per_booking && store.directory.seat(id) !== undefined,
  );
  const [kept, setKept] = useStored(keys[1], id => held?.seats.includes(id) === true);
  const [isClaiming, setClaiming] = useState(() => isOutstanding(event, held, [...kept], [...chosen]));
  const [lost, setLost] = useState<readonly string[]>([]);
  const [pointedOut, setPointedOut] = useState<readonly string[]>([]);
  const mine = useMemo(() => new Set(held?.seats), [held]);
  const most = event.max_seats_per_booking - kept.size;

  const choose = (seats: ReadonlySet<string>) => {
    setClaiming(false);
    setChosen(seats);
  };

  const toggle = ({ id }: { readonly id: string }) => {
    const { section } = seatName(id);
    const other = [...chosen, ...kept].map(seatName).find(one => one.section !== section)?.section;
    if (other !== undefined) {
      toast({ title: t("pick.otherSection", { old: other }), tone: "warn" });
      setKept(NONE);
      choose(new Set([id]));
    } else {
      choose(toggled(chosen, id));
    }
  };

  const lose = useCallback(
    (ids: readonly string[]) => {
      setChosen(now => new Set([...now].filter(id => !ids.includes(id))));
      setLost(ids);
    },
    [setChosen],
  );

  const suggest = (section: string, quantity: number) => {
    const seats = suggestSeats(store, section, Math.min(quantity, most), chosen.size > 0 ? chosen : mine);
    if (seats.length > 0) {
      choose(new Set(seats));
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
    choose(now);
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
    keep(id, keeps) {
      setClaiming(false);
      setKept(now => (keeps ? new Set([...now, id]) : toggled(now, id)));
    },
    clear: () => choose(NONE),
    suggest,
    lose,
    replace,
    claim: setClaiming,
    done: () => {
      for (const key of keys) forget(key, "sessionStorage");
    },
  };
}

/** Whether the server was asked for this choice, and may hold it: its answer was lost. */
function isOutstanding(
  event: Event,
  held: Booking | undefined,
  kept: readonly string[],
  chosen: readonly string[],
): boolean {
  return isAsked(held ? requestOf({ old: held, kept, chosen }) : handPicked(event.id, chosen));
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const now = new Set(set);
  if (!now.delete(id)) now.add(id);
  return now;
}
