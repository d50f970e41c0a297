//! Makes many sections at once: so many sections of so many subsections of so many rows of so many
//! seats.

import { type FormEvent, useState } from "react";
import { count } from "../../lib/format";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { PriceField } from "../parts/PriceField";
import { useSellerWords } from "../words";
import css from "./Editor.module.css";
import {
  ROWS_PER_SUBSECTION,
  SEATS_PER_EVENT,
  SEATS_PER_ROW,
  SECTIONS_PER_EVENT,
  SUBSECTIONS_PER_SECTION,
} from "./limits";
import { priceMistake } from "./mistakes";
import { type Pattern, seatsOfPattern, whole } from "./model";
import { mistakeWords } from "./words";

export interface GeneratorProps {
  readonly currency: string;
  /** How many sections there are already. */
  readonly sections: number;
  readonly onGenerate: (pattern: Pattern, how: "replace" | "add") => void;
}

/** What is typed. */
interface Typed {
  readonly sections: string;
  readonly subsections: string;
  readonly rows: string;
  readonly seatsPerRow: string;
  readonly names: Pattern["names"];
  readonly firstPrice: string;
  readonly lastPrice: string;
}

const SIZES = [
  { key: "club", sections: "1", subsections: "1", rows: "10", seatsPerRow: "20" },
  { key: "theatre", sections: "3", subsections: "3", rows: "12", seatsPerRow: "14" },
  { key: "hall", sections: "8", subsections: "5", rows: "20", seatsPerRow: "15" },
  { key: "stadium", sections: "10", subsections: "10", rows: "25", seatsPerRow: "20" },
] as const;

const NUMBERS = [
  ["sections", SECTIONS_PER_EVENT],
  ["subsections", SUBSECTIONS_PER_SECTION],
  ["rows", ROWS_PER_SUBSECTION],
  ["seatsPerRow", SEATS_PER_ROW],
] as const;

export function Generator({ currency, sections, onGenerate }: GeneratorProps) {
  const { t, language } = useSellerWords();
  const { key: _, ...first } = SIZES[0];
  const [typed, setTyped] = useState<Typed>({ ...first, names: "letters", firstPrice: "", lastPrice: "" });
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Typed>) => setTyped(now => ({ ...now, ...change }));
  const errors = errorsOf(typed, currency, t, language, tried);
  const pattern = patternOf(typed);
  const seats = pattern ? seatsOfPattern(pattern) : 0;
  const tooMany = seats > SEATS_PER_EVENT;
  const ready =
    pattern !== undefined &&
    !tooMany &&
    Object.keys(errorsOf(typed, currency, t, language, true)).length === 0;

  const make = (how: "replace" | "add") => {
    setTried(true);
    if (ready) onGenerate(pattern, how);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    make(sections > 0 ? "add" : "replace");
  };
  return (
    <form className={css.generator} onSubmit={submit} noValidate aria-label={t("generator.title")}>
      <fieldset className={css.sizes}>
        <legend>{t("generator.start")}</legend>
        {SIZES.map(({ key, ...size }) => {
          const chosen = NUMBERS.every(([name]) => typed[name] === size[name]);
          const all = NUMBERS.reduce((product, [name]) => product * Number(size[name]), 1);
          return (
            <button
              key={key}
              type="button"
              className={css.size}
              aria-pressed={chosen}
              onClick={() => set(size)}
            >
              <strong>{t(`generator.sizes.${key}`)}</strong>
              <span>{t("generator.seats", { count: all, seats: count(all, language) })}</span>
            </button>
          );
        })}
      </fieldset>
      <div className={css.numbers}>
        {NUMBERS.map(([name]) => (
          <Field
            key={name}
            label={t(`generator.${name}`)}
            value={typed[name]}
            onChange={value => set({ [name]: value })}
            error={errors[name]}
            input={{ inputMode: "numeric", autoComplete: "off" }}
          />
        ))}
      </div>
      <div className={css.numbers}>
        <PriceField
          label={t("generator.firstPrice", { currency })}
          currency={currency}
          value={typed.firstPrice}
          onChange={firstPrice => set({ firstPrice })}
          error={errors.firstPrice}
        />
        <PriceField
          label={t("generator.lastPrice")}
          currency={currency}
          value={typed.lastPrice}
          onChange={lastPrice => set({ lastPrice })}
          error={errors.lastPrice}
          hint={t("generator.lastPriceHint")}
        />
        <fieldset className={css.names}>
          <legend>{t("generator.names")}</legend>
          {(["letters", "numbers"] as const).map(names => (
            <label key={names}>
              <input
                type="radio"
                name="section-names"
                checked={typed.names === names}
                onChange={() => set({ names })}
              />
              {t(`generator.${names}`)}
            </label>
          ))}
        </fieldset>
      </div>
      <div className={css.make}>
        <p role="status" className={tooMany ? css["too-many"] : "soft"}>
          {tooMany
            ? t("mistake.event_seats", { most: count(SEATS_PER_EVENT, language) })
            : pattern && t("generator.sum", { sum: sumOf(typed, language), seats: count(seats, language) })}
        </p>
        {sections > 0 && (
          <Button isDisabled={tooMany} onPress={() => make("replace")}>
            {t("generator.replace")}
          </Button>
        )}
        <Button type="submit" look="accent" isDisabled={tooMany}>
          {sections > 0
            ? t("generator.add", { seats: count(seats, language) })
            : t("generator.make", { seats: count(seats, language) })}
        </Button>
      </div>
    </form>
  );
}

function sumOf(typed: Typed, language: string): string {
  return NUMBERS.map(([name]) => (whole(typed[name]) ?? 0).toLocaleString(language)).join(" × ");
}

type Errors = Partial<Record<keyof Typed, string>>;

function errorsOf(
  typed: Typed,
  currency: string,
  t: ReturnType<typeof useSellerWords>["t"],
  language: ReturnType<typeof useSellerWords>["language"],
  tried: boolean,
): Errors {
  const errors: Errors = {};
  for (const [name, most] of NUMBERS) {
    const number = whole(typed[name]);
    if (typed[name] === "" && !tried) continue;
    if (number === undefined || number < 1 || number > most) {
      errors[name] = t("mistake.number", { most: count(most, language) });
    }
  }
  const price = (text: string) => {
    const mistake = priceMistake(text, "", currency);
    return mistake && (tried || mistake.code !== "empty")
      ? mistakeWords(mistake, t, language, currency)
      : undefined;
  };
  const first = price(typed.firstPrice);
  if (first) errors.firstPrice = first;
  const last = typed.lastPrice.trim() === "" ? undefined : price(typed.lastPrice);
  if (last) errors.lastPrice = last;
  return errors;
}

function patternOf(typed: Typed): Pattern | undefined {
  const [sections, subsections, rows, seatsPerRow] = NUMBERS.map(([name]) => whole(typed[name]));
  if (!sections || !subsections || !rows || !seatsPerRow) return undefined;
  const { names, firstPrice } = typed;
  const lastPrice = typed.lastPrice.trim() || firstPrice;
  return { sections, subsections, rows, seatsPerRow, names, firstPrice, lastPrice };
}
