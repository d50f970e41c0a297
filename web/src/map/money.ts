//! Amounts of money as people read them.
//!
//! Never: calculates.

import type { Money } from "./types";

const formats = new Map<string, Intl.NumberFormat>();

/** `NT$3,000`; decimals only where there are some. */
export function formatMoney(money: Money, locale: string): string {
  const format = formatOf(money.currency, locale);
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(money.amount_minor / 10 ** digits);
}

function formatOf(currency: string, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const known = formats.get(key);
  if (known) return known;
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    trailingZeroDisplay: "stripIfInteger",
  });
  formats.set(key, format);
  return format;
}
