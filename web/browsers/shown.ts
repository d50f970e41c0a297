//! What the pages show of every currency and of every time zone, in the browser that runs this.
//!
//! Promises: asks the functions that the pages ask, and nothing else; a formatter that throws is a
//! text, too, which says so.

import type { Language } from "../src/i18n";
import { CURRENCIES, currencyNames, decimals, moneyOf } from "../src/lib/currency";
import { clock, day, moment, money, showTime } from "../src/lib/format";
import { typedPrice } from "../src/seller/editor/money";
import { atVenue, instantOf, offsetWords, placeWords } from "../src/seller/editor/venueTime";
import zones from "../src/seller/editor/zones.json";
import type { SellerT } from "../src/seller/words";

export const THROWN = "throws: ";

/** Texts by what they are of, such as `zh-TW TWD 150`. */
export type Texts = Readonly<Record<string, string>>;

export interface Shown {
  readonly amounts: Texts;
  readonly names: Texts;
  readonly times: Texts;
  /** Those that the browser does not know; they are shown in UTC. */
  readonly unknown: readonly string[];
}

/** In minor units. `moments`: RFC 3339. */
export interface Asked {
  readonly languages: readonly Language[];
  readonly amounts: readonly number[];
  readonly moments: readonly string[];
}

export function shown({ languages, amounts, moments }: Asked): Shown {
  const all = {
    amounts: {} as Record<string, string>,
    names: {} as Record<string, string>,
    times: {} as Record<string, string>,
  };
  for (const language of languages) {
    const nameOf = currencyNames(language);
    for (const currency of CURRENCIES) {
      all.names[`${language} ${currency}`] = text(() => nameOf(currency));
      for (const minor of amounts) {
        const of = `${language} ${currency} ${minor}`;
        all.amounts[of] = text(() => money(moneyOf(minor, currency), language));
        all.names[of] = text(() => typedPrice(minor, decimals(currency)));
      }
    }
    for (const zone of zones) {
      all.names[`${language} ${zone}`] = text(() => placeWords(zone, language, NO_CITIES));
      for (const at of moments) {
        const of = `${language} ${zone} ${at}`;
        all.names[of] = text(() => namesOf(at, zone, language));
        all.times[of] = text(() => timeOf(at, zone));
      }
    }
    for (const at of moments) {
      const own = () => [moment(at, language), clock(at, language), day(at, language)].join(" · ");
      all.names[`${language} ${at}`] = text(own);
    }
  }
  return { ...all, unknown: zones.filter(zone => !isKnown(zone)) };
}

const NO_CITIES = Object.assign((key: string) => key, { has: () => false }) as unknown as SellerT;

/** All that a page says of a time at a venue, in words that browsers may choose. */
function namesOf(at: string, zone: string, language: Language): string {
  const { yours, ...there } = showTime(at, zone, language);
  return [...Object.values(there), yours ?? "", offsetWords(zone, language, at)].join(" · ");
}

/** The date and the time at a venue in figures, as pages show them, as forms do, and back again. */
function timeOf(at: string, zone: string): string {
  const { day, year, time } = showTime(at, zone, "en");
  const there = atVenue(at, zone);
  return [year, day, time, there.date, there.time, instantOf(there.date, there.time, zone)].join(" · ");
}

function text(of: () => string): string {
  try {
    return of();
  } catch (error) {
    return `${THROWN}${error}`;
  }
}

function isKnown(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}
