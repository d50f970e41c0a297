//! Sales over time as bars, with the same numbers as a table for readers who do not see them.
//!
//! Drawn by hand: at most some seventy rectangles and two axes. A chart library would weigh more
//! than all the seller's pages together.

import { type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Language } from "../../i18n";
import { moneyOf } from "../../lib/currency";
import { count, money, written } from "../../lib/format";
import { useSellerWords } from "../words";
import css from "./PaceChart.module.css";
import { axisOf, type Bar, barsOf, type Frame, frameOf, type Minute, type Span, tickOf } from "./pace";

export interface PaceChartProps {
  readonly minutes: readonly Minute[];
  readonly span: Span;
  readonly measure: "sold" | "revenue";
  readonly currency: string;
  readonly now: number;
}

const HEIGHT = 240;
const TOP = 12;
const BOTTOM = 28;
const PLOT = HEIGHT - TOP - BOTTOM;

export function PaceChart({ minutes, span, measure, currency, now }: PaceChartProps) {
  const { t, language } = useSellerWords();
  const { from, to, step } = frameOf(minutes, span, now);
  const frame = useMemo(() => ({ from, to, step }), [from, to, step]);
  const bars = useMemo(() => barsOf(minutes, frame), [minutes, frame]);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [pointed, setPointed] = useState<number | null>(null);
  const value = (amount: number) =>
    measure === "sold" ? count(amount, language) : money(moneyOf(amount, currency), language);
  const axis = axisOf(Math.max(...bars.map(bar => bar[measure])));
  const left = 12 + 7.5 * Math.max(...linesOf(axis).map(line => value(line).length));
  const each = Math.max(width - left, 0) / bars.length;

  const point = ({ clientX }: PointerEvent<SVGSVGElement>) => {
    const x = clientX - (box.current?.getBoundingClientRect().left ?? 0) - left;
    const index = Math.floor(x / each);
    setPointed(index >= 0 && index < bars.length ? index : null);
  };
  const bar = pointed === null ? undefined : bars[pointed];
  return (
    <div ref={box} className={css.chart}>
      {width > 0 && (
        <svg
          role="img"
          aria-label={t("pace.chart")}
          width={width}
          height={HEIGHT}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setPointed(null)}
        >
          <Lines axis={axis} left={left} width={width} value={value} />
          {bars.map((one, index) => {
            const height = Math.max((one[measure] / axis.end) * PLOT, one[measure] > 0 ? 2 : 0);
            return (
              <rect
                key={one.at}
                className={css.bar}
                data-pointed={index === pointed || undefined}
                x={left + index * each + each * 0.1}
                y={TOP + PLOT - height}
                width={Math.max(each * 0.8, 1)}
                height={Math.max(height, 0)}
                rx={Math.min(3, each * 0.3)}
              />
            );
          })}
          <Times frame={frame} left={left} each={each} bars={bars} language={language} />
        </svg>
      )}
      {bar && (
        <p
          className={css.tip}
          data-side={(pointed ?? 0) > bars.length / 2 ? "left" : "right"}
          aria-hidden="true"
        >
          <strong>{value(bar[measure])}</strong> {timeWords(bar.at, frame, language)}
        </p>
      )}
      <Table bars={bars} frame={frame} currency={currency} />
    </div>
  );
}

function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return width;
}

function linesOf({ end, step }: { readonly end: number; readonly step: number }): number[] {
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, line) => line * step);
}

interface LinesProps {
  readonly axis: { readonly end: number; readonly step: number };
  readonly left: number;
  readonly width: number;
  readonly value: (amount: number) => string;
}

function Lines({ axis, left, width, value }: LinesProps) {
  return (
    <g>
      {linesOf(axis).map(line => {
        const y = TOP + PLOT - (line / axis.end) * PLOT;
        return (
          <g key={line}>
            <line
              className={css.line}
              data-zero={line === 0 || undefined}
              x1={left}
              x2={width}
              y1={y}
              y2={y}
            />
            <text className={css.words} x={left - 8} y={y} textAnchor="end" dominantBaseline="middle">
              {value(line)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

interface TimesProps {
  readonly frame: Frame;
  readonly left: number;
  readonly each: number;
  readonly bars: readonly Bar[];
  readonly language: Language;
}

/** A label needs this much room. */
const LABEL = 64;

function Times({ frame, left, each, bars, language }: TimesProps) {
  const tick = tickOf(frame.step, Math.ceil(LABEL / Math.max(each, 1)), new Date(frame.from));
  return (
    <g>
      {bars.map(({ at }, index) => {
        const x = left + index * each;
        if ((at + tick.offset) % tick.every !== 0 || x < left + LABEL / 4) return null;
        return (
          <g key={at}>
            <line className={css.tick} x1={x} x2={x} y1={TOP + PLOT} y2={TOP + PLOT + 4} />
            <text
              className={css.words}
              x={Math.min(x, left + bars.length * each - LABEL / 3)}
              y={HEIGHT - 8}
              textAnchor="middle"
            >
              {timeWords(at, frame, language)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

const DAY = 24 * 60 * 60 * 1_000;

function timeWords(at: number, { from, to, step }: Frame, language: Language): string {
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const date: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
  const options = step >= DAY ? date : to - from > DAY ? { ...date, ...time } : time;
  return written(new Date(at), language, options);
}

function Table({
  bars,
  frame,
  currency,
}: {
  readonly bars: readonly Bar[];
  readonly frame: Frame;
  readonly currency: string;
}) {
  const { t, language } = useSellerWords();
  const filled = bars.filter(({ sold }) => sold > 0);
  return (
    <details className={css.table}>
      <summary>{t("pace.table")}</summary>
      {filled.length === 0 ? (
        <p className="small soft">{t("pace.none")}</p>
      ) : (
        <table>
          <caption className="visually-hidden">{t("pace.chart")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("pace.time")}</th>
              <th scope="col">{t("sales.sold")}</th>
              <th scope="col">{t("sales.revenue")}</th>
            </tr>
          </thead>
          <tbody>
            {filled.toReversed().map(({ at, sold, revenue }) => (
              <tr key={at}>
                <th scope="row">{timeWords(at, frame, language)}</th>
                <td>{count(sold, language)}</td>
                <td>{money(moneyOf(revenue, currency), language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
