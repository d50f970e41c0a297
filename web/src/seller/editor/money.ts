//! Prices as they are typed: major units, with as many decimals as the currency has, in the
//! writing of any country. `digits` is how many decimals.
//!
//! Promises: an amount that is read is exact; nothing is ever rounded silently. Three digits behind
//! a mark are thousands, unless the currency has that many decimals; what a mark was read as is
//! shown beside the field.

export type ReadPrice =
  /** In minor units. */
  { readonly minor: number } | { readonly fault: "no_price" | "price_decimals" };

/** Groups of thousands; of hundreds before them, as in India. */
const GROUPED = /^[1-9]\d{0,2}([.,' ])(?:\d{2,3}\1)*\d{3}$/;
const PLAIN = /^\d+$/;

/** `1,500.50`, `1.500,50` or `1 500,50` as minor units. */
export function readPrice(text: string, digits: number): ReadPrice {
  const typed = text.normalize("NFKC").trim().replaceAll(/[\s_]/g, " ").replaceAll("’", "'");
  const last = Math.max(typed.lastIndexOf("."), typed.lastIndexOf(","));
  const [before, behind] = last < 0 ? [typed, ""] : [typed.slice(0, last), typed.slice(last + 1)];
  const isWhole = (part: string) => PLAIN.test(part) || GROUPED.test(part);
  const once = last >= 0 && !before.includes(typed.charAt(last));
  const isHead = isWhole(before) || (before === "" && behind !== "");
  if (once && isHead && /^\d*$/.test(behind) && !(behind.length > digits && GROUPED.test(typed))) {
    const fraction = behind.replace(/0+$/, "");
    return fraction.length > digits
      ? { fault: "price_decimals" }
      : exact(before, fraction.padEnd(digits, "0"));
  }
  return isWhole(typed) ? exact(typed, "0".repeat(digits)) : { fault: "no_price" };
}

function exact(whole: string, fraction: string): ReadPrice {
  const minor = Number(whole.replaceAll(/\D/g, "") + fraction);
  return Number.isSafeInteger(minor) ? { minor } : { fault: "no_price" };
}

/** In minor units; undefined when it is no amount, or has more decimals than the currency. */
export function parsePrice(text: string, digits: number): number | undefined {
  const read = readPrice(text, digits);
  return "minor" in read ? read.minor : undefined;
}

/** What a text with marks was read as; undefined where nothing could be read in two ways. */
export function readBack(text: string, digits: number): number | undefined {
  return PLAIN.test(text.trim()) ? undefined : parsePrice(text, digits);
}

/** Minor units as one would type them: `3000`, `1500.50`. */
export function typedPrice(minor: number, digits: number): string {
  if (digits === 0) return String(minor);
  const text = String(minor).padStart(digits + 1, "0");
  const whole = text.slice(0, -digits);
  const fraction = text.slice(-digits);
  return /^0+$/.test(fraction) ? whole : `${whole}.${fraction}`;
}
