//! Prices as they are typed: major units, with as many decimals as the currency has.
//!
//! Promises: an amount that is read is exact; nothing is ever rounded silently.

const digitsOf = new Map<string, number>();

/** How many decimals a currency has. */
export function decimals(currency: string): number {
  const known = digitsOf.get(currency);
  if (known !== undefined) return known;
  const digits = read(currency);
  digitsOf.set(currency, digits);
  return digits;
}

function read(currency: string): number {
  try {
    const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    // No currency yet: the form says so.
    return 2;
  }
}

/**
 * `1,500.50` as minor units; undefined when it is no amount, or has more decimals than the
 * currency.
 */
export function parsePrice(text: string, currency: string): number | undefined {
  const match = /^(\d+)(?:\.(\d*))?$/.exec(text.trim().replaceAll(/[,\s_]/g, ""));
  if (!match) return undefined;
  const digits = decimals(currency);
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > digits) return undefined;
  const minor = Number(`${match[1]}${fraction.padEnd(digits, "0")}`);
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** Minor units as one would type them: `3000`, `1500.50`. */
export function typedPrice(minor: number, currency: string): string {
  const digits = decimals(currency);
  if (digits === 0) return String(minor);
  const text = String(minor).padStart(digits + 1, "0");
  const whole = text.slice(0, -digits);
  const fraction = text.slice(-digits);
  return /^0+$/.test(fraction) ? whole : `${whole}.${fraction}`;
}
