//! The colours of the map, read from the design tokens of the page.
//!
//! Promises: follows the page from light to dark; names no colour of its own.

import { MOST_BANDS } from "./bands";

export type Rgb = readonly [number, number, number];

export interface Theme {
  readonly paper: Rgb;
  readonly surface: Rgb;
  readonly ink: Rgb;
  readonly inkSoft: Rgb;
  readonly inkFaint: Rgb;
  readonly line: Rgb;
  readonly lineStrong: Rgb;
  readonly accent: Rgb;
  readonly mine: Rgb;
  readonly mineInk: Rgb;
  readonly taken: Rgb;
  readonly takenMark: Rgb;
  readonly good: Rgb;
  readonly warn: Rgb;
  readonly stage: Rgb;
  readonly stageInk: Rgb;
  /** Of the price bands, from the dearest to the cheapest. */
  readonly bands: readonly Rgb[];
  readonly font: string;
}

const TOKENS = {
  paper: "--paper",
  surface: "--surface",
  ink: "--ink",
  inkSoft: "--ink-soft",
  inkFaint: "--ink-faint",
  line: "--line",
  lineStrong: "--line-strong",
  accent: "--accent",
  mine: "--seat-mine",
  mineInk: "--seat-mine-ink",
  taken: "--seat-taken",
  takenMark: "--seat-taken-mark",
  good: "--good",
  warn: "--warn",
  stage: "--map-stage",
  stageInk: "--map-stage-ink",
} as const;
const BANDS = Array.from({ length: MOST_BANDS }, (_, place) => `--band-${place + 1}`);

export function readTheme(element: HTMLElement): Theme {
  const probe = document.createElement("i");
  element.append(probe);
  const read = (token: string): Rgb => {
    probe.style.color = `var(${token})`;
    return parse(getComputedStyle(probe).color);
  };
  const entries = Object.entries(TOKENS).map(([name, token]) => [name, read(token)]);
  const colours: Record<keyof typeof TOKENS, Rgb> = Object.fromEntries(entries);
  const theme = { ...colours, bands: BANDS.map(read), font: getComputedStyle(element).fontFamily };
  probe.remove();
  return theme;
}

/** Calls back when the colours may have changed, until the returned function is called. */
export function onThemeChange(listener: () => void): () => void {
  const schemes = matchMedia("(prefers-color-scheme: dark)");
  schemes.addEventListener("change", listener);
  const attributes = new MutationObserver(listener);
  attributes.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-theme", "class"],
  });
  return () => {
    schemes.removeEventListener("change", listener);
    attributes.disconnect();
  };
}

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** `share` 0: a, 1: b. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const between = (from: number, to: number) => Math.round(from + (to - from) * share);
  return [between(a[0], b[0]), between(a[1], b[1]), between(a[2], b[2])];
}

/** Whichever of paper and ink is read better on a colour. */
export function inkOn(colour: Rgb, theme: Theme): Rgb {
  const [dark, light] = isDark(theme) ? [theme.paper, theme.ink] : [theme.ink, theme.paper];
  return luminance(colour) > 0.32 ? dark : light;
}

export function isDark({ paper, ink }: Theme): boolean {
  return luminance(paper) < luminance(ink);
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (value: number) => (value / 255) ** 2.2;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function parse(computed: string): Rgb {
  const [red = 0, green = 0, blue = 0] = (computed.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}
