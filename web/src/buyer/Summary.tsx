//! What a booking is about: the seats, what each costs, the total.

import type { Booking, Event } from "#api";
import { money } from "../lib/format";
import { useWords } from "../lib/useWords";
import css from "./Summary.module.css";
import { seatGroups, seatRanges } from "./seatNames";

export function Summary({ booking }: { readonly booking: Booking; readonly event: Event }) {
  const { t, language } = useWords();
  const { seats, total } = booking;
  return (
    <section className={css.summary}>
      <h2 className={css.title}>{t("pick.yours")}</h2>
      <SeatLines ids={seats} />
      {total && (
        <dl className={css.money}>
          {seats.length > 1 && total.amount_minor % seats.length === 0 && (
            <div>
              <dt>{t("booking.each", { count: seats.length })}</dt>
              <dd className="numbers">
                {money({ ...total, amount_minor: total.amount_minor / seats.length }, language)}
              </dd>
            </div>
          )}
          <div>
            <dt>{t("booking.fees")}</dt>
            <dd>{t("booking.feesIncluded")}</dd>
          </div>
          <div className={css.total}>
            <dt>{t("booking.total")}</dt>
            <dd className="numbers">{money(total, language)}</dd>
          </div>
        </dl>
      )}
    </section>
  );
}

/** One line per row of seats. */
export function SeatLines({ ids }: { readonly ids: readonly string[] }) {
  const { t } = useWords();
  return (
    <ul className={css.seats}>
      {seatGroups(ids).map(({ section, subsection, row, seats }) => (
        <li key={`${section}-${subsection}-${row}`}>
          <span className={css.place}>{t("pick.sectionShort", { section, subsection })}</span>
          <span className="numbers">
            {seats.length === 1
              ? t("pick.seat", { row, seat: seatRanges(seats, t("common.separator")) })
              : t("pick.rowOfSeats", { row, seats: seatRanges(seats, t("common.separator")) })}
          </span>
        </li>
      ))}
    </ul>
  );
}
