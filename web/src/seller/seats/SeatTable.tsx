//! The seats that pass the filter, one a line: seat, status, booking, since when. Only the lines in
//! view are drawn.
//!
//! Promises: the same by keys as by mouse; one line holds the focus, arrows move it.

// biome-ignore-all lint/a11y/useSemanticElements: a virtual list cannot be a table
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus, the row is active

import {
  type KeyboardEvent,
  memo,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { Hold } from "#api";
import type { Language } from "../../i18n";
import { count, written } from "../../lib/format";
import { seatStatus, ticketStateWords } from "../../lib/statuses";
import { useWords } from "../../lib/useWords";
import type { SeatStore } from "../../map";
import { seatId } from "../../map/plan";
import { useSellerWords } from "../words";
import type { Holds } from "./holds";
import css from "./MonitorPage.module.css";
import { scrollFor, windowOf } from "./windowing";

const LINE = 44;
/** Of the columns' names, which stay in view. */
const HEAD = 40;

export interface SeatTableProps {
  readonly store: SeatStore;
  readonly seats: Uint32Array;
  readonly holds: Holds;
  /** The only status among the seats, when there is only one. */
  readonly status: "reserved" | "sold" | undefined;
  readonly chosen: number | null;
  readonly onChoose: (seat: number) => void;
}

export function SeatTable({ store, seats, holds, status, chosen, onChoose }: SeatTableProps) {
  const { t, language } = useSellerWords();
  useSyncExternalStore(holds.subscribe, holds.snapshot);
  const keys = useId();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const height = useHeight(box);
  const { from, to } = windowOf(top, height, LINE, seats.length);
  const [active, setActive] = useState(0);
  const inView = Array.from(seats.subarray(from, to));
  useEffect(() => holds.view(inView, status));
  useActiveFollowsChosen(seats, chosen, setActive, box);
  const current = Math.min(active, Math.max(seats.length - 1, 0));

  const move = (index: number) => {
    const next = Math.min(Math.max(index, 0), seats.length - 1);
    setActive(next);
    const scroll = scrollFor(next, box.current?.scrollTop ?? 0, height, LINE);
    if (scroll !== undefined && box.current) box.current.scrollTop = scroll;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(Math.floor(height / LINE) - 1, 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    if (step !== undefined) move(current + step);
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(seats.length - 1);
    else if ((event.key === "Enter" || event.key === " ") && seats[current] !== undefined)
      onChoose(seats[current]);
    else return;
    event.preventDefault();
  };
  return (
    <div className={css.table}>
      <div
        ref={box}
        role="grid"
        aria-label={t("seats.list")}
        aria-describedby={keys}
        aria-rowcount={seats.length + 1}
        aria-activedescendant={seats.length > 0 ? `seat-line-${seats[current]}` : undefined}
        tabIndex={0}
        className={css.grid}
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      >
        <div role="row" aria-rowindex={1} className={css.head}>
          <span role="columnheader">{t("seats.seat")}</span>
          <span role="columnheader">{t("seats.status")}</span>
          <span role="columnheader">{t("seats.booking")}</span>
          <span role="columnheader">{t("seats.since")}</span>
        </div>
        {/* As high as all lines together, so that the scroll bar shows how many there are. */}
        <div role="rowgroup" className={css.lines} style={{ height: seats.length * LINE }}>
          {inView.map((seat, offset) => (
            <Line
              key={seat}
              index={from + offset}
              id={seatId(store.plan, seat)}
              seat={seat}
              code={store.code(seat)}
              hold={holds.of(seat)}
              active={from + offset === current}
              chosen={seat === chosen}
              onChoose={onChoose}
              onActive={setActive}
            />
          ))}
        </div>
      </div>
      <p id={keys} hidden>
        {t("seats.keys")}
      </p>
      <p className={css.number} role="status">
        {t("seats.found", { count: seats.length, seats: count(seats.length, language) })}
        {holds.failed && ` · ${t("seats.holdsFailed")}`}
      </p>
    </div>
  );
}

interface LineProps {
  readonly index: number;
  readonly id: string;
  readonly seat: number;
  readonly code: number;
  readonly hold: Hold | undefined;
  readonly active: boolean;
  readonly chosen: boolean;
  readonly onChoose: (seat: number) => void;
  readonly onActive: (index: number) => void;
}

const Line = memo(function Line({
  index,
  id,
  seat,
  code,
  hold,
  active,
  chosen,
  onChoose,
  onActive,
}: LineProps) {
  const { language } = useSellerWords();
  const { t: base } = useWords();
  const status = seatStatus(code);
  const press = () => {
    onActive(index);
    onChoose(seat);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it takes the keys
    <div
      role="row"
      id={`seat-line-${seat}`}
      aria-rowindex={index + 2}
      aria-selected={chosen}
      data-active={active || undefined}
      className={css.line}
      style={{ transform: `translateY(${index * LINE}px)` }}
      onClick={press}
    >
      <span role="gridcell" className={css.id}>
        {id}
      </span>
      <span role="gridcell" className={css.status} data-status={status}>
        {ticketStateWords(hold?.status ?? status, base)}
      </span>
      <span role="gridcell" className={css.booking}>
        {hold ? hold.booking_id : code === 0 ? "" : "…"}
      </span>
      <span role="gridcell" className={css.since}>
        {hold && <time dateTime={hold.since}>{sinceWords(hold.since, language)}</time>}
      </span>
    </div>
  );
});

/** The time, and the day when it was another. */
export function sinceWords(iso: string, language: Language, now = new Date()): string {
  const at = new Date(iso);
  const time = written(at, language, { timeStyle: "medium", hourCycle: "h23" });
  if (at.toDateString() === now.toDateString()) return time;
  return `${written(at, language, { month: "short", day: "numeric" })} ${time}`;
}

function useHeight(box: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setHeight(Math.max(element.clientHeight - HEAD, 0));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return height;
}

/** A seat that was pressed on the map is brought into view. */
function useActiveFollowsChosen(
  seats: Uint32Array,
  chosen: number | null,
  setActive: (index: number) => void,
  box: { readonly current: HTMLElement | null },
) {
  const latest = useRef(seats);
  latest.current = seats;
  useEffect(() => {
    if (chosen === null || !box.current) return;
    const index = latest.current.indexOf(chosen);
    if (index < 0) return;
    setActive(index);
    const scroll = scrollFor(index, box.current.scrollTop, box.current.clientHeight - HEAD, LINE);
    if (scroll !== undefined) box.current.scrollTop = scroll;
  }, [chosen, setActive, box]);
}
