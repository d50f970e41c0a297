//! Watches a selection: notifies when someone else took a chosen seat.
//!
//! Promises: a lost seat is announced once, to the page and politely to a screen reader. Seats that
//! are mine or on their way to be are not lost.
//! Never: changes the selection; the page does, and offers help.

import { useEffect, useRef, useState } from "react";
import type { SeatStore } from "../store";
import type { Seat } from "../types";
import styles from "./SeatMap.module.css";
import { useMapTexts } from "./texts";

export interface SelectionGuardProps {
  readonly store: SeatStore;
  readonly selection: ReadonlySet<string>;
  readonly mine?: ReadonlySet<string> | undefined;
  readonly claiming?: ReadonlySet<string> | undefined;
  readonly onLost: (seats: readonly Seat[]) => void;
}

/**
 * Once per page, beside the map and the list. Renders a live region that only screen readers
 * notice.
 */
export function SelectionGuard({ store, selection, mine, claiming, onLost }: SelectionGuardProps) {
  const texts = useMapTexts();
  const [announcement, setAnnouncement] = useState("");
  const latest = useRef({ selection, mine, claiming, onLost, texts });
  latest.current = { selection, mine, claiming, onLost, texts };

  useEffect(() => {
    const reported = new Set<string>();
    const check = () => {
      const now = latest.current;
      for (const id of reported) if (!now.selection.has(id)) reported.delete(id);
      const lost = lostSeats(store, now).filter(seat => !reported.has(seat.id));
      if (lost.length === 0) return;
      for (const seat of lost) reported.add(seat.id);
      setAnnouncement(now.texts.lost(lost.map(seat => seat.id)));
      now.onLost(lost);
    };
    check();
    return store.subscribe(check);
  }, [store]);

  return (
    <output className={styles.hidden} aria-live="polite">
      {announcement}
    </output>
  );
}

type Watched = Pick<SelectionGuardProps, "selection" | "mine" | "claiming">;

function lostSeats(store: SeatStore, { selection, mine, claiming }: Watched): Seat[] {
  const lost: Seat[] = [];
  for (const id of selection) {
    const seat = store.directory.seat(id);
    if (seat === undefined || store.isFree(seat) || mine?.has(id) || claiming?.has(id)) continue;
    lost.push(store.seat(seat));
  }
  return lost;
}
