//! Asks once more before an event goes on sale, and says what can still be changed then.

import { decimals, moneyOf } from "../../lib/currency";
import { count, money, showTime } from "../../lib/format";
import { useWords } from "../../lib/useWords";
import { Confirm } from "../../ui/Dialog";
import { useSellerWords } from "../words";
import css from "./Editor.module.css";
import { type Draft, seatsOf } from "./model";
import { parsePrice } from "./money";
import { instantOf } from "./venueTime";

export interface PublishQuestionProps {
  readonly open: boolean;
  readonly draft: Draft;
  readonly busy: boolean;
  readonly onAnswer: (yes: boolean) => void;
}

export function PublishQuestion({ open, draft, busy, onAnswer }: PublishQuestionProps) {
  const { t, language } = useSellerWords();
  const { t: base } = useWords();
  const iso = instantOf(draft.date, draft.time, draft.timeZone);
  const at = iso && showTime(iso, draft.timeZone, language);
  return (
    <Confirm
      open={open}
      look="action"
      title={t("publish.title", { name: draft.name.trim() })}
      yes={t("publish.yes")}
      no={base("common.cancel")}
      busy={busy}
      onAnswer={onAnswer}
    >
      <p>
        {t("publish.what", {
          seats: count(seatsOf(draft), language),
          date: at ? `${at.date} · ${at.time} ${at.zone}` : "",
        })}
      </p>
      <p className={css.may}>
        <strong>{t("publish.prices")}</strong>
      </p>
      <ul className={css["publish-prices"]}>
        {draft.sections.map(({ key, name, price }) => (
          <li key={key}>
            <span>{base("booking.section", { section: name.trim() })}</span>
            <span className="numbers">
              {money(moneyOf(parsePrice(price, decimals(draft.currency)) ?? 0, draft.currency), language)}
            </span>
          </li>
        ))}
      </ul>
      <p className={css.may}>
        <strong>{t("publish.stays")}</strong> {t("publish.staysWhat")}
      </p>
      <p className={css.may}>
        <strong>{t("publish.may")}</strong> {t("publish.mayWhat")}
      </p>
    </Confirm>
  );
}
