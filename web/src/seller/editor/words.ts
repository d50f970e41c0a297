//! The words for a mistake.

import { baseWords, type Language } from "../../i18n";
import { moneyOf } from "../../lib/currency";
import { count, money } from "../../lib/format";
import { ruleWords } from "../../lib/problemWords";
import type { SellerT } from "../words";
import type { Mistake } from "./mistakes";

export function mistakeWords(
  mistake: Mistake | undefined,
  t: SellerT,
  language: Language,
  currency = "USD",
): string | undefined {
  if (!mistake) return undefined;
  if (mistake.code === "said") return ruleWords(mistake.rule ?? "", baseWords(language));
  const most = mistake.most ?? 0;
  const limit =
    mistake.code === "price_limit" ? money(moneyOf(most, currency), language) : count(most, language);
  return t(`mistake.${mistake.code}`, { most: limit, count: most });
}

/**
 * What is wrong is shown while one types; what is only missing is shown on submit.
 */
export function shownMistakes(mistakes: readonly Mistake[], tried: boolean): readonly Mistake[] {
  return tried ? mistakes : mistakes.filter(({ code }) => code !== "empty" && code !== "no_sections");
}

/** Moves to the field of the first mistake. */
export function focusMistake(mistakes: readonly Mistake[]): void {
  for (const { pointer } of mistakes) {
    const field = document.querySelector<HTMLElement>(
      `[data-at="${CSS.escape(pointer)}"] :is(input, textarea, button)`,
    );
    if (!field) continue;
    field.focus();
    field.scrollIntoView({ block: "center", behavior: "smooth" });
    return;
  }
}
