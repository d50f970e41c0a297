//! What the plan comes to, always in view: seats, sections, what a full house brings; and what can
//! be done with it.

import type { ReactNode } from "react";
import { moneyOf } from "../../lib/currency";
import { count, money } from "../../lib/format";
import { useSellerWords } from "../words";
import css from "./Editor.module.css";
import { SEATS_PER_EVENT } from "./limits";
import { type Mistake, mistakeAt } from "./mistakes";
import { type Draft, seatsOf, worthOf } from "./model";
import { mistakeWords } from "./words";

export interface TotalsProps {
  readonly draft: Draft;
  readonly mistakes: readonly Mistake[];
  /** What went wrong when it was tried last. */
  readonly trouble?: ReactNode;
  readonly children: ReactNode;
}

export function Totals({ draft, mistakes, trouble, children }: TotalsProps) {
  const { t, language } = useSellerWords();
  const seats = seatsOf(draft);
  const seating = mistakeAt(mistakes, "/seating");
  const currency = /^[A-Z]{3}$/.test(draft.currency) ? draft.currency : undefined;
  return (
    <section className={css.totals} aria-label={t("totals.title")}>
      {trouble}
      <div className={css["totals-bar"]}>
        <dl className={css.sums}>
          <div>
            <dt>{t("totals.seats")}</dt>
            <dd data-testid="total-seats">
              {count(seats, language)}{" "}
              <span className={css.of}>{t("totals.most", { most: count(SEATS_PER_EVENT, language) })}</span>
            </dd>
          </div>
          <div>
            <dt>{t("totals.sections")}</dt>
            <dd>{count(draft.sections.length, language)}</dd>
          </div>
          {currency && (
            <div className={css.worth}>
              <dt>{t("totals.worth")}</dt>
              <dd>{money(moneyOf(worthOf(draft), currency), language)}</dd>
            </div>
          )}
        </dl>
        <p className={css.wrong} role="status">
          {seating
            ? mistakeWords(seating, t, language)
            : mistakes.length > 0 && t("totals.mistakes", { count: mistakes.length })}
        </p>
        <div className={css.actions}>{children}</div>
      </div>
    </section>
  );
}
