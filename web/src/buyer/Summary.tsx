//! What a booking is about: the seats, what each costs, the total.

import type { Booking, Event } from "#api";
import { money } from "../lib/format";
import { useWords } from "../lib/useWords";
import css from "./Summary.module.css";
import { useSeatLines } from "./seatNames";

export function Summary({ booking }: { readonly booking: Booking; readonly event: Event }) {
  const { t, language } = useWords();
  const { seats, total } = booking;
  return (
    <section className={css.summary}>
      <h2 className={css.title}>{t("pick.yours")}</h2>
      <SeatLines booking={booking} />
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
export function SeatLines({ booking }: { readonly booking: Booking }) {
  return (
    <ul className={css.seats}>
      {useSeatLines(booking).map(({ where, which }) => (
        <li key={`${where} ${which}`}>
          <span className={css.place}>{where}</span>
          <span className="numbers">{which}</span>
        </li>
      ))}
    </ul>
  );
}
