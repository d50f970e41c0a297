//! The price list: every section with its price and what is free, live.

import { Link } from "@tanstack/react-router";
import type { Event, Section } from "#api";
import { count, money, percent } from "../lib/format";
import { useWords } from "../lib/useWords";
import { availability, goneShare } from "../map/availability";
import { useSectionCounts } from "../map/react/hooks";
import type { SeatStore } from "../map/store";
import css from "./Sections.module.css";

export function Sections({ event, store }: { readonly event: Event; readonly store: SeatStore }) {
  const { t } = useWords();
  return (
    <section className="stack">
      <h2 id="sections">{t("event.sections")}</h2>
      <table className={css.table} aria-labelledby="sections">
        <thead>
          <tr>
            <th scope="col">{t("event.section")}</th>
            <th scope="col">{t("event.price")}</th>
            <th scope="col">{t("event.freeSeats")}</th>
          </tr>
        </thead>
        <tbody>
          {event.sections.map(section => (
            <Row key={section.name} event={event} section={section} store={store} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly event: Event;
  readonly section: Section;
  readonly store: SeatStore;
}

function Row({ event, section, store }: RowProps) {
  const { t, language } = useWords();
  const counts = useSectionCounts(store, section.name) ?? section;
  const state = availability(counts);
  const free = t("event.freeCount", { free: count(counts.available, language) });
  const words = { free, few: free, held: t("event.held"), "sold-out": t("event.soldOut") };
  const gone = goneShare(counts);
  return (
    <tr>
      <th scope="row">
        <Link to="/events/$eventId/seats" params={{ eventId: event.id }} search={{ section: section.name }}>
          {t("booking.section", { section: section.name })}
        </Link>
      </th>
      <td className="numbers">{money(section.price, language)}</td>
      <td className="numbers" data-state={state}>
        <span className={css.free}>{words[state]}</span>
        <meter
          className={css.meter}
          min={0}
          max={1}
          value={gone}
          aria-label={t("event.meter", { percent: percent(gone, language) })}
        />
      </td>
    </tr>
  );
}
