//! What the colours and shapes of the map mean. Prices can be pressed to point out where they are.

import { useMemo } from "react";
import { availability, goneWords } from "../availability";
import { type Band, bandSign, bandsOf } from "../engine/bands";
import { formatMoney } from "../money";
import type { SeatStore } from "../store";
import type { Counts, MapMode } from "../types";
import type { SeatState } from "./choice";
import { useStoreVersion } from "./hooks";
import styles from "./SeatMap.module.css";
import { SeatMark } from "./SeatMark";
import { useMapLocale, useMapTexts } from "./texts";

export interface LegendProps {
  readonly store: SeatStore;
  readonly mode: MapMode;
  readonly showsMine: boolean;
  /** The place of the price band that is pointed out; null: none. */
  readonly pressed: number | null;
  readonly onPress: (band: number | null) => void;
}

export function Legend({ store, mode, showsMine, pressed, onPress }: LegendProps) {
  const texts = useMapTexts();
  const states: readonly SeatState[] =
    mode === "seller"
      ? ["free", "reserved", "sold"]
      : showsMine
        ? ["free", "chosen", "mine", "reserved", "sold"]
        : ["free", "chosen", "reserved", "sold"];
  return (
    <section className={styles.legend} aria-label={texts.legend}>
      {mode === "seller" && (
        <p className={styles.heat}>
          {texts.heat.none}
          <i />
          {texts.heat.all}
        </p>
      )}
      {mode === "buyer" && <Prices store={store} pressed={pressed} onPress={onPress} />}
      <ul className={styles.states}>
        {states.map(state => (
          <li key={state}>
            <SeatMark state={state} mode={mode} />
            {texts.states[state]}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Prices({ store, pressed, onPress }: Pick<LegendProps, "store" | "pressed" | "onPress">) {
  const texts = useMapTexts();
  const locale = useMapLocale();
  const version = useStoreVersion(store);
  // biome-ignore lint/correctness/useExhaustiveDependencies: prices change with the store's version
  const bands = useMemo(() => bandsOf(store), [store, version]);
  return (
    <ul className={styles.prices}>
      {bands.map((band, place) => {
        const counts = countsOf(store, band);
        const state = availability(counts);
        const chosen = pressed === place;
        return (
          <li key={band.dearest.amount_minor}>
            <button
              type="button"
              className={styles.price}
              aria-pressed={chosen}
              onClick={() => onPress(chosen ? null : place)}
            >
              <SeatMark state={MARKS[state]} colour={`var(--band-${place + 1})`} size={12} />
              {bandWords(band, bandSign(place, bands.length), locale)}
              <span className={styles.free}>
                {goneWords(texts, counts) ?? texts.free(counts.available.toLocaleString(locale))}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const MARKS = { free: "free", few: "free", held: "reserved", "sold-out": "sold" } as const;

function countsOf(store: SeatStore, { sections }: Band): Counts {
  return sections
    .map(section => store.countsOfSection(section))
    .reduce((sum, one) => ({
      available: sum.available + one.available,
      reserved: sum.reserved + one.reserved,
      sold: sum.sold + one.sold,
    }));
}

/** `② NT$1,000 – NT$1,500` */
function bandWords({ dearest, cheapest }: Band, sign: string, locale: string): string {
  const most = formatMoney(dearest, locale);
  const least = formatMoney(cheapest, locale);
  return [sign, most === least ? most : `${least} – ${most}`].filter(Boolean).join(" ");
}
