//! What the colours and shapes of the map mean. Prices can be pressed to point out where they are.

import { useMemo } from "react";
import { tiersOf } from "../engine/tiers";
import { formatMoney } from "../money";
import type { SeatStore } from "../store";
import type { MapMode } from "../types";
import type { SeatState } from "./choice";
import { useStoreVersion } from "./hooks";
import styles from "./SeatMap.module.css";
import { SeatMark } from "./SeatMark";
import { useMapLocale, useMapTexts } from "./texts";

export interface LegendProps {
  readonly store: SeatStore;
  readonly mode: MapMode;
  readonly showsMine: boolean;
  /** The price that is pointed out, in minor units; null: none. */
  readonly pressed: number | null;
  readonly onPress: (amount: number | null) => void;
}

export function Legend({ store, mode, showsMine, pressed, onPress }: LegendProps) {
  const texts = useMapTexts();
  const states: readonly SeatState[] =
    mode === "seller"
      ? ["free", "reserved", "sold"]
      : showsMine
        ? ["free", "chosen", "mine", "taken"]
        : ["free", "chosen", "taken"];
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
  const tiers = useMemo(() => tiersOf(store), [store, version]);
  return (
    <ul className={styles.prices}>
      {tiers.map(({ price, sections }, place) => {
        const free = sections.reduce((sum, section) => sum + store.countsOfSection(section).available, 0);
        const chosen = pressed === price.amount_minor;
        return (
          <li key={price.amount_minor}>
            <button
              type="button"
              className={styles.price}
              aria-pressed={chosen}
              onClick={() => onPress(chosen ? null : price.amount_minor)}
            >
              <SeatMark state={free > 0 ? "free" : "taken"} colour={tierCss(place, tiers.length)} size={12} />
              {formatMoney(price, locale)}
              <span className={styles.free}>
                {free > 0 ? texts.free(free.toLocaleString(locale)) : texts.soldOut}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const TIERS = 6;

/** The colour that the engine gives a price, in CSS. */
export function tierCss(place: number, count: number): string {
  const exact = count <= TIERS ? place : (place * (TIERS - 1)) / (count - 1);
  const lower = Math.floor(exact) + 1;
  const upper = Math.min(lower + 1, TIERS);
  return `color-mix(in srgb, var(--tier-${upper}) ${Math.round((exact % 1) * 100)}%, var(--tier-${lower}))`;
}
