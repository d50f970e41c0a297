//! Amounts and times are read the same in Chromium and in Firefox, whose locale data differ: every
//! currency and every time zone that the program accepts goes through the pages' own functions,
//! built from the source, in both of the distribution's browsers.

import { chromium } from "@playwright/test";
import { launch } from "puppeteer-core";
import { build } from "vite";
import { beforeAll, describe, expect, test } from "vitest";
import { CODES } from "../src/i18n/languages";
import { CURRENCIES, decimals } from "../src/lib/currency";
import zones from "../src/seller/editor/zones.json";
import { type Asked, type Shown, type Texts, THROWN } from "./shown";

/** Of a busy machine; a quiet one needs a few seconds. */
const DEADLINE_MS = 300_000;

const ASKED: Asked = {
  languages: CODES,
  amounts: [0, 1, 50, 100, 1_000, 12_345, 1_500_000, 1_500_050, 999_999_999_999],
  // Winter and summer, and a night in which clocks are put back in Europe.
  moments: ["2030-01-15T11:30:00.000Z", "2030-07-15T23:45:00.000Z", "2030-10-27T01:30:00.000Z"],
};

const BROWSERS = ["chromium", "firefox"] as const;
const got = {} as Record<(typeof BROWSERS)[number], Shown>;

beforeAll(async () => {
  const script = await built();
  [got.chromium, got.firefox] = await Promise.all([inChromium(script), inFirefox(script)]);
}, DEADLINE_MS);

/** The functions of the page as one script, which names them `formats`. */
async function built(): Promise<string> {
  const entry = new URL("shown.ts", import.meta.url).pathname;
  const lib = { entry, formats: ["iife" as const], name: "formats" };
  const made = await build({
    configFile: false,
    logLevel: "warn",
    build: { write: false, target: "es2023", lib },
  });
  const [output] = [made].flat();
  if (!output || !("output" in output)) throw new Error("the build went on watching");
  return output.output[0].code;
}

/** What the page runs, as a text, since each driver evaluates texts alike. */
const call = (script: string) => `(() => { ${script}; return formats.shown(${JSON.stringify(ASKED)}); })()`;

async function inChromium(script: string): Promise<Shown> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
  try {
    const page = await browser.newPage();
    return await page.evaluate<Shown>(call(script));
  } finally {
    await browser.close();
  }
}

async function inFirefox(script: string): Promise<Shown> {
  const browser = await launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    timeout: DEADLINE_MS,
    protocolTimeout: DEADLINE_MS,
  });
  try {
    const page = await browser.newPage();
    return (await page.evaluate(call(script))) as Shown;
  } finally {
    await browser.close();
  }
}

/** `1,500.50`: by the decimals of the program, which are left out where there are none. */
function written(minor: number, digits: number): string {
  const all = String(minor).padStart(digits + 1, "0");
  const [whole, fraction] = [all.slice(0, all.length - digits), all.slice(all.length - digits)];
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  return /[1-9]/.test(fraction) ? `${grouped}.${fraction}` : grouped;
}

/** What stands before the figures: the sign of the currency, or its code. */
function signs(amounts: Texts, language: string): string[] {
  return CURRENCIES.map(currency => (amounts[`${language} ${currency} 0`] ?? "").replace(/\s*0$/, ""));
}

describe.each(BROWSERS)("%s", browser => {
  test("no formatter throws", () => {
    const { amounts, names, times } = got[browser];
    for (const texts of [amounts, names, times]) {
      expect(Object.entries(texts).filter(([, text]) => text.startsWith(THROWN))).toEqual([]);
      expect(Object.entries(texts).filter(([, text]) => /NaN|Invalid|undefined/.test(text))).toEqual([]);
    }
    expect(Object.keys(amounts)).toHaveLength(CODES.length * CURRENCIES.length * ASKED.amounts.length);
    expect(Object.keys(times)).toHaveLength(CODES.length * zones.length * ASKED.moments.length);
  });

  test("each amount has the figures that the program's decimals give it", () => {
    for (const language of CODES)
      for (const currency of CURRENCIES)
        for (const minor of ASKED.amounts) {
          const of = `${language} ${currency} ${minor}`;
          const text = got[browser].amounts[of] ?? "";
          const figures = text.replace(/^[^\d]*/, "");
          expect([of, figures]).toEqual([of, written(minor, decimals(currency))]);
        }
  });

  test.each(CODES)("no two currencies have one sign, and the Taiwan dollar is NT$, in %s", language => {
    const all = signs(got[browser].amounts, language);
    expect(all.filter((sign, at) => sign === "" || all.indexOf(sign) !== at)).toEqual([]);
    expect(all[CURRENCIES.indexOf("TWD")]).toBe("NT$");
  });

  test("every time zone is known", () => {
    expect(got[browser].unknown).toEqual([]);
  });
});

test("amounts read the same in both", () => {
  expect(got.firefox.amounts).toEqual(got.chromium.amounts);
});

test("times at a venue are the same in both", () => {
  expect(got.firefox.times).toEqual(got.chromium.times);
});
