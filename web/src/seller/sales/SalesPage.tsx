//! The sale as it runs: sold, held, free, revenue, pace, sections, and the house as a heat map.

import { createLazyRoute, Navigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Event, Sales } from "#api";
import type { Language } from "../../i18n";
import { count, money, percent, written } from "../../lib/format";
import { useNow } from "../../lib/useNow";
import type { StreamState } from "../../live/stream";
import { SeatMap, useSeatStore } from "../../map";
import { LiveBadge } from "../../ui/LiveBadge";
import { Loading, NothingHere, Skeleton } from "../../ui/states";
import { EventFrame } from "../EventFrame";
import { HouseBar } from "../parts/HouseBar";
import { type SellerT, useSellerWords } from "../words";
import { PaceChart } from "./PaceChart";
import { minutesLeft, minutesOf, paceOf, type Span } from "./pace";
import css from "./SalesPage.module.css";
import { SectionTable } from "./SectionTable";
import { useSales } from "./useSales";

export const route = createLazyRoute("/seller/events/$eventId")({ component: SalesPage });

function SalesPage() {
  const { t } = useSellerWords();
  return (
    <EventFrame title={t("frame.sales")}>
      {event =>
        event.status === "draft" ? (
          <Navigate to="/seller/events/$eventId/edit" params={{ eventId: event.id }} replace />
        ) : (
          <Dashboard key={event.id} event={event} />
        )
      }
    </EventFrame>
  );
}

function Dashboard({ event }: { readonly event: Event }) {
  const { sales, stream } = useSales(event.id);
  if (stream.kind === "gone" && !sales) return <NothingHere level="h2" />;
  return (
    <div className={css.dashboard}>
      <AsOf sales={sales} stream={stream} />
      {sales ? <Figures sales={sales} stale={stream.kind === "lost"} /> : <FiguresSkeleton />}
      <div className={css.columns}>
        {sales ? <PacePanel sales={sales} /> : <Skeleton className={css.panel ?? ""} />}
        <HeatMap event={event} />
      </div>
      {sales && <Sections sales={sales} />}
    </div>
  );
}

/** Whether the figures are live, and when they were read. */
function AsOf({ sales, stream }: { readonly sales: Sales | undefined; readonly stream: StreamState }) {
  const { t, language } = useSellerWords();
  const state = stream.kind === "gone" ? "lost" : stream.kind;
  return (
    <div className={css["as-of"]} data-state={state}>
      <LiveBadge state={state} since={stream.kind === "lost" ? stream.since : undefined} />
      {sales && (
        <p className="small soft numbers">
          {t(state === "live" ? "sales.asOf" : "sales.asOfStale", { time: precise(sales.as_of, language) })}
        </p>
      )}
    </div>
  );
}

function precise(iso: string, language: Language): string {
  return written(new Date(iso), language, { timeStyle: "medium", hourCycle: "h23" });
}

function Figures({ sales, stale }: { readonly sales: Sales; readonly stale: boolean }) {
  const { t, language } = useSellerWords();
  const { sold, reserved, available, revenue } = sales;
  const all = sold + reserved + available;
  const share = (part: number) => t("sales.ofHouse", { share: percent(all ? part / all : 0, language) });
  return (
    <section className={css.figures} data-stale={stale || undefined} aria-label={t("sales.figures")}>
      <Figure kind="sold" name={t("sales.sold")} value={count(sold, language)} note={share(sold)} />
      <Figure
        kind="held"
        name={t("sales.held")}
        value={count(reserved, language)}
        note={t("sales.heldNote")}
      />
      <Figure kind="free" name={t("sales.free")} value={count(available, language)} note={share(available)} />
      <Figure
        kind="revenue"
        name={t("sales.revenue")}
        value={money(revenue, language)}
        note={
          sold > 0 ? t("sales.average", { price: money(averageOf(sales), language) }) : t("sales.noneSold")
        }
      />
      <div className={css.house}>
        <HouseBar counts={sales} />
      </div>
    </section>
  );
}

function averageOf({ revenue, sold }: Sales) {
  return { ...revenue, amount_minor: Math.round(revenue.amount_minor / sold) };
}

interface FigureProps {
  readonly kind: "sold" | "held" | "free" | "revenue";
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

function Figure({ kind, name, value, note }: FigureProps) {
  return (
    <dl className={css.figure} data-kind={kind}>
      <dt>{name}</dt>
      <dd className={css.value} data-testid={`figure-${kind}`}>
        {value}
      </dd>
      <dd className={css.note}>{note}</dd>
    </dl>
  );
}

const SPANS: readonly Span[] = ["hour", "day", "all"];

function PacePanel({ sales }: { readonly sales: Sales }) {
  const { t, language } = useSellerWords();
  const minutes = useMemo(() => minutesOf(sales.by_minute), [sales.by_minute]);
  const [span, setSpan] = useState<Span>("hour");
  const [measure, setMeasure] = useState<"sold" | "revenue">("sold");
  const now = useNow();
  return (
    <section className={css.panel} aria-labelledby="pace-title">
      <div className={css["panel-heading"]}>
        <h2 id="pace-title">{t("pace.title")}</h2>
        <Choice
          label={t("pace.measure")}
          value={measure}
          values={["sold", "revenue"]}
          onChange={setMeasure}
          words={one => t(`sales.${one}`)}
        />
        <Choice
          label={t("pace.span")}
          value={span}
          values={SPANS}
          onChange={setSpan}
          words={one => t(`pace.spans.${one}`)}
        />
      </div>
      <p className={css.pace}>{paceWords(sales, minutes, now, t, language)}</p>
      <PaceChart
        minutes={minutes}
        span={span}
        measure={measure}
        currency={sales.revenue.currency}
        now={now}
      />
    </section>
  );
}

function paceWords(
  sales: Sales,
  minutes: ReturnType<typeof minutesOf>,
  now: number,
  t: SellerT,
  language: Language,
): string {
  const { perMinute, peak } = paceOf(minutes, now);
  if (!peak) return t("pace.none");
  const strongest = t("pace.peak", {
    seats: count(peak.sold, language),
    time: written(new Date(peak.at), language, {
      timeStyle: "short",
      dateStyle: "short",
      hourCycle: "h23",
    }),
  });
  if (sales.available === 0 && sales.reserved === 0) return `${t("pace.soldOut")} ${strongest}`;
  if (perMinute === 0) return `${t("pace.quiet")} ${strongest}`;
  const rate = new Intl.NumberFormat(language, { maximumFractionDigits: perMinute < 10 ? 1 : 0 }).format(
    perMinute,
  );
  const left = minutesLeft(sales.available, perMinute, minutes, now);
  const forecast = left === undefined ? "" : left < 120 ? t("pace.left", { count: left }) : "";
  return [t("pace.rate", { rate }), forecast, strongest].filter(Boolean).join(" ");
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly values: readonly T[];
  readonly words: (value: T) => string;
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ label, value, values, words, onChange }: ChoiceProps<T>) {
  return (
    <fieldset className={css.choice} aria-label={label}>
      {values.map(one => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChange(one)}>
          {words(one)}
        </button>
      ))}
    </fieldset>
  );
}

const NOTHING: ReadonlySet<string> = new Set();

function HeatMap({ event }: { readonly event: Event }) {
  const { t } = useSellerWords();
  const store = useSeatStore(event);
  return (
    <section className={css.panel} aria-labelledby="house-title">
      <div className={css["panel-heading"]}>
        <h2 id="house-title">{t("sales.house")}</h2>
      </div>
      <SeatMap className={css.map} mode="seller" label={event.name} store={store} selection={NOTHING} />
    </section>
  );
}

function Sections({ sales }: { readonly sales: Sales }) {
  const { t } = useSellerWords();
  return (
    <section className={css.panel}>
      <div className={css["panel-heading"]}>
        <h2>{t("sales.bySection")}</h2>
      </div>
      <SectionTable sections={sales.sections} />
    </section>
  );
}

function FiguresSkeleton() {
  return (
    <Loading className={css.figures ?? ""}>
      {[1, 2, 3, 4].map(figure => (
        <div key={figure} className={css.figure}>
          <Skeleton lines={3} />
        </div>
      ))}
    </Loading>
  );
}
