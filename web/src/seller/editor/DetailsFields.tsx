//! What is said about an event: name, time, place. The same fields for a draft and for an event on
//! sale.

import { useMemo } from "react";
import { CURRENCIES, currencyNames } from "../../lib/currency";
import { Field } from "../../ui/Field";
import { Stepper } from "../../ui/Stepper";
import { Area } from "../parts/Area";
import { Picker, type PickerItem } from "../parts/Picker";
import { useSellerWords } from "../words";
import css from "./Editor.module.css";
import { EVENT_DESCRIPTION_CHARS, EVENT_NAME_CHARS, SEATS_PER_BOOKING } from "./limits";
import { type Mistake, mistakeAt } from "./mistakes";
import type { Draft } from "./model";
import { instantOf, offsetWords, placeWords, readTime, zoneNames } from "./venueTime";
import { mistakeWords } from "./words";

export interface DetailsFieldsProps {
  readonly draft: Draft;
  readonly mistakes: readonly Mistake[];
  readonly onChange: (to: (draft: Draft) => Draft) => void;
  /** On sale: what buyers count on stays as they have seen it. */
  readonly onSale?: boolean;
}

export function DetailsFields({ draft, mistakes, onChange, onSale = false }: DetailsFieldsProps) {
  const { t, language } = useSellerWords();
  const error = (pointer: string) => mistakeWords(mistakeAt(mistakes, pointer), t, language);
  const set =
    <K extends keyof Draft>(name: K) =>
    (value: Draft[K]) =>
      onChange(now => ({ ...now, [name]: value }));
  const time = readTime(draft.time);
  return (
    <div className={css.details}>
      <div className={css.wide} data-at="/name">
        <Field
          label={t("details.name")}
          value={draft.name}
          onChange={set("name")}
          error={error("/name")}
          input={{ maxLength: EVENT_NAME_CHARS, autoComplete: "off" }}
        />
      </div>
      <div className={css.wide} data-at="/venue_name">
        <Field
          label={t("details.venue")}
          value={draft.venueName}
          onChange={set("venueName")}
          error={error("/venue_name")}
          input={{ maxLength: EVENT_NAME_CHARS, autoComplete: "off" }}
        />
      </div>
      <div data-at="/starts_at">
        <Field
          label={t("details.date")}
          type="date"
          value={draft.date}
          onChange={set("date")}
          error={error("/starts_at")}
        />
      </div>
      <div data-at="/starts_at/time">
        <Field
          label={t("details.time")}
          value={draft.time}
          onChange={set("time")}
          onBlur={() => time !== undefined && time !== draft.time && set("time")(time)}
          hint={t("details.timeHint")}
          error={error("/starts_at/time")}
          input={{ inputMode: "numeric", autoComplete: "off" }}
        />
      </div>
      <div data-at="/time_zone">
        <ZonePicker draft={draft} onChange={set("timeZone")} error={error("/time_zone")} />
      </div>
      {!onSale && (
        <>
          <div className={css.double} data-at="/currency">
            <CurrencyPicker value={draft.currency} onChange={set("currency")} error={error("/currency")} />
          </div>
          <MostSeats value={draft.maxSeats} onChange={set("maxSeats")} />
        </>
      )}
      <div className={css.wide} data-at="/description">
        <Area
          label={t("details.description")}
          value={draft.description}
          onChange={set("description")}
          hint={t("details.descriptionHint", { most: EVENT_DESCRIPTION_CHARS.toLocaleString(language) })}
          error={error("/description")}
        />
      </div>
    </div>
  );
}

function ZonePicker({
  draft,
  onChange,
  error,
}: {
  readonly draft: Draft;
  readonly onChange: (zone: string) => void;
  readonly error: string | undefined;
}) {
  const { t, language } = useSellerWords();
  const { date, time, timeZone } = draft;
  const items = useMemo(
    () =>
      zoneNames().map(
        (id): PickerItem => ({
          id,
          text: [id.replaceAll("_", " "), placeWords(id, language, t)].filter(Boolean).join(" · "),
          detail: offsetWords(id, language, undefined),
        }),
      ),
    [language, t],
  );
  const known = items.some(({ id }) => id === timeZone);
  const shown = known ? items : [{ id: timeZone, text: timeZone }, ...items];
  const offset = offsetWords(timeZone, language, instantOf(date, time, timeZone));
  return (
    <Picker
      label={t("details.zone")}
      items={shown}
      value={timeZone}
      onChange={onChange}
      hint={t("details.zoneHint", { offset })}
      error={error}
    />
  );
}

function CurrencyPicker(props: {
  readonly value: string;
  readonly onChange: (code: string) => void;
  readonly error: string | undefined;
}) {
  const { t, language } = useSellerWords();
  const items = useMemo(() => {
    const nameOf = currencyNames(language);
    return CURRENCIES.map((id): PickerItem => ({ id, text: `${id} · ${nameOf(id)}` }));
  }, [language]);
  return <Picker label={t("details.currency")} items={items} {...props} />;
}

function MostSeats({
  value,
  onChange,
}: {
  readonly value: number;
  readonly onChange: (value: number) => void;
}) {
  const { t } = useSellerWords();
  return (
    <div className={css.most}>
      <span className={css.label}>{t("details.most")}</span>
      <Stepper
        label={t("details.most")}
        value={value}
        least={1}
        most={SEATS_PER_BOOKING}
        onChange={onChange}
      />
      <span className={css.hint}>{t("details.mostHint", { most: SEATS_PER_BOOKING })}</span>
    </div>
  );
}
