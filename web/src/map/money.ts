//! Amounts of money as people read them.
//!
//! Never: calculates.

import { decimals } from "../lib/currency";
import type { Money } from "./types";

/**
 * Currencies with a sign that every browser knows. The others are shown by their codes: a new sign
 * reaches one browser years after another.
 */
const SIGNED: ReadonlySet<string> = new Set(
  "AUD BRL CAD CNY EUR GBP HKD ILS INR JPY KRW MXN NZD PHP TWD USD VND XAF XCD XOF XPF".split(" "),
);

const formats = new Map<string, Intl.NumberFormat>();

/** `NT$3,000`; decimals only where there are some. */
export function formatMoney(money: Money, locale: string): string {
  // What a device has kept for long may not say its decimals.
  const digits = money.decimals ?? decimals(money.currency);
  const parts = formatOf(money.currency, digits, locale).formatToParts(money.amount_minor / 10 ** digits);
  return parts
    .map(({ type, value }) => (type === "currency" ? signOf(money.currency, value) : value))
    .join("");
}

/** Many currencies are a plain `$` at home; beside others that says nothing. */
function signOf(currency: string, sign: string): string {
  if (sign !== "$" || currency === "USD") return sign;
  return (
    formatOf(currency, 0, "en-US")
      .formatToParts(0)
      .find(({ type }) => type === "currency")?.value ?? sign
  );
}

function formatOf(currency: string, digits: number, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency} ${digits}`;
  const known = formats.get(key);
  if (known) return known;
  const shown = {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    trailingZeroDisplay: "stripIfInteger",
  } as const;
  const format = currencyFormat(currency, locale, shown) ?? new Intl.NumberFormat(locale, shown);
  formats.set(key, format);
  return format;
}

/** None for a text that can be no currency. */
function currencyFormat(currency: string, locale: string, shown: Intl.NumberFormatOptions) {
  try {
    const currencyDisplay = SIGNED.has(currency) ? "symbol" : "code";
    return new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay, ...shown });
  } catch {
    return undefined;
  }
}
