//! What is written on a colour of the map is read in both themes, by the tokens of the page.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MOST_BANDS } from "./bands";
import { LEAST_ALPHA } from "./labels";
import { inkOn, mix, type Rgb, type Theme } from "./theme";

/** Those of the page, and of the map alone. */
const TOKENS = ["../../ui/tokens.css", "../react/SeatMap.module.css"]
  .map(file => readFileSync(new URL(file, import.meta.url), "utf8"))
  .join("\n");
const THEMES = ["light", "dark"] as const;

function token(name: string, theme: (typeof THEMES)[number]): Rgb {
  const pair = new RegExp(`${name}: light-dark\\(#(\\w{6}), #(\\w{6})\\);`).exec(TOKENS);
  const hex = Number.parseInt(pair?.[theme === "light" ? 1 : 2] ?? "", 16);
  if (Number.isNaN(hex)) throw new Error(`${name} is no pair of colours`);
  return [hex >> 16, (hex >> 8) & 255, hex & 255];
}

/** As WCAG 2 defines it. */
function contrast(one: Rgb, other: Rgb): number {
  const linear = (value: number) =>
    value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([red, green, blue]: Rgb) =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const [dark = 0, bright = 0] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

it.each(THEMES)("numbers on seats of every price band, %s", name => {
  const theme = { paper: token("--paper", name), ink: token("--ink", name) } as Theme;
  for (let band = 1; band <= MOST_BANDS; band += 1) {
    const colour = token(`--band-${band}`, name);
    expect(contrast(inkOn(colour, theme), colour), `band ${band}`).toBeGreaterThanOrEqual(4.5);
  }
});

it.each(THEMES)("the number of own seats on a pin, %s", name => {
  expect(contrast(token("--seat-mine-ink", name), token("--seat-mine", name))).toBeGreaterThanOrEqual(4.5);
});

it.each(THEMES)("labels on their halo, also where others are pointed out, %s", name => {
  const surface = token("--surface", name);
  for (const ink of ["--ink", "--ink-soft", "--ink-faint"])
    expect(contrast(token(ink, name), surface), ink).toBeGreaterThanOrEqual(4.5);
  const stepped = mix(surface, token("--ink", name), LEAST_ALPHA);
  expect(contrast(stepped, surface), "stepped back").toBeGreaterThanOrEqual(4.5);
  expect(contrast(token("--map-stage-ink", name), token("--map-stage", name))).toBeGreaterThanOrEqual(4.5);
});

it.each(THEMES)("the ring of a held seat is seen on the floor, %s", name => {
  expect(contrast(token("--seat-taken-mark", name), token("--surface", name))).toBeGreaterThanOrEqual(3);
});
