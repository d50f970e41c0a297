//! Writes on the map: the stage, names, prices and availability of sections, names of blocks,
//! numbers of rows.
//!
//! Promises: a text that has no room is left out, never squeezed; each has a halo and at least 12
//! pixels and is never faint, so that it is read on any tint in both themes; a buyer reads the
//! number of the price band wherever there is room for a name; what is off the screen is skipped.

import { goneWords } from "../availability";
import { AISLE } from "../layout/arrange";
import type { BlockPlace, SectionPlace } from "../layout/layout";
import { type Box, overlap, point } from "../layout/polar";
import { formatMoney } from "../money";
import { at } from "../plan";
import type { Counts } from "../types";
import { bandSign } from "./bands";
import type { Scene } from "./scene";
import { css, type Rgb } from "./theme";
import { type Size, toScreen, type View } from "./view";

/** In CSS pixels. */
const LEAST = 12;
const MOST = 34;
/** Rows stand one unit apart; their numbers must not touch. */
const ROWS_FROM = LEAST * 1.1;
/** From here on blocks have their names, and sections no more. */
const BLOCKS_FROM = 4.2;
/** How far a halo reaches around its letters, in CSS pixels. */
const HALO = 1.75;

/** How opaque labels are at least: those of sections that are stepped back. */
export const LEAST_ALPHA = 0.62;

type Context = CanvasRenderingContext2D;

/** All labels; the context is in CSS pixels. `seats`: how far single seats are faded in. */
export function paintLabels(context: Context, scene: Scene, view: View, visible: Box, seats: number): void {
  context.textAlign = "center";
  context.textBaseline = "middle";
  stageLabel(context, scene, view);
  if (seats > 0) blockLabels(context, scene, view, visible, seats);
  if (view.k <= BLOCKS_FROM) sectionLabels(context, scene, view, visible);
}

function stageLabel(context: Context, scene: Scene, view: View): void {
  const { radius, back, half } = scene.layout.stage;
  const size = Math.min(Math.max((radius - back) * view.k * 0.28, LEAST), 22);
  const text = scene.texts.stage.toUpperCase();
  context.font = font(scene, size, 650);
  context.letterSpacing = `${size * 0.22}px`;
  if (context.measureText(text).width < 2 * radius * Math.sin(half) * view.k * 0.9) {
    const middle = toScreen(view, { x: 0, y: (back + radius) / 2 });
    context.fillStyle = css(scene.theme.stageInk);
    write(context, scene.theme.stage, text, middle.x, middle.y);
  }
  context.letterSpacing = "0px";
}

function sectionLabels(context: Context, scene: Scene, view: View, visible: Box): void {
  for (const section of scene.layout.sections) {
    if (overlap(section.box, visible)) sectionLabel(context, scene, view, section);
  }
}

/** Three lines where there is room: the name, the price, how many are free. */
function sectionLabel(context: Context, scene: Scene, view: View, place: SectionPlace): void {
  const { index, middle } = place;
  const room = roomIn(place, view.k);
  const size = Math.min(Math.max(Math.min(room.width, room.height) * 0.3, LEAST), MOST);
  context.font = font(scene, size, 700);
  const name = withSign(context, scene, index, at(scene.store.plan.sections, index).name, room.width);
  if (room.height < size || context.measureText(name).width > room.width) return;
  const small = Math.min(Math.max(size * 0.5, LEAST), 14);
  context.font = font(scene, small, 500);
  const fitting = sectionDetails(scene, index).filter(text => context.measureText(text).width < room.width);
  const lines = fitting.slice(
    -Math.max(Math.floor((room.height - size * 1.1) / (small * 1.4)), 0) || fitting.length,
  );
  const shown = room.height > size * 1.1 + small * 1.4 ? lines : [];
  const spot = toScreen(view, middle);
  let y = spot.y - (shown.length * small * 1.4) / 2;
  context.globalAlpha = scene.dimmed[index] ? LEAST_ALPHA : 1;
  context.fillStyle = css(scene.theme.ink);
  context.font = font(scene, size, 700);
  write(context, scene.theme.surface, name, spot.x, y);
  context.font = font(scene, small, 500);
  y += size * 0.5 + small * 0.8;
  for (const text of shown) {
    write(context, scene.theme.surface, text, spot.x, y);
    y += small * 1.4;
  }
  context.globalAlpha = 1;
}

/** A name with the number of its price band, where a buyer's map has several and both fit. */
function withSign(context: Context, scene: Scene, section: number, name: string, width: number): string {
  const sign = scene.mode === "buyer" ? bandSign(scene.band[section] ?? 0, scene.colours.length) : "";
  const text = sign ? `${name} ${sign}` : name;
  return context.measureText(text).width > width ? name : text;
}

/** How wide and high an upright text may be in the middle of a section that is turned. */
function roomIn({ outline: { inner, outer, from, to } }: SectionPlace, k: number): Size {
  const depth = (outer - inner) * k;
  const breadth = (to - from) * ((inner + outer) / 2) * k;
  const [sin, cos] = [Math.abs(Math.sin((from + to) / 2)), Math.abs(Math.cos((from + to) / 2))];
  return {
    width: 0.92 * Math.min(depth / Math.max(sin, 1e-3), breadth / Math.max(cos, 1e-3)),
    height: 0.92 * Math.min(depth / Math.max(cos, 1e-3), breadth / Math.max(sin, 1e-3)),
  };
}

function sectionDetails(scene: Scene, section: number): readonly string[] {
  const { store, texts, locale } = scene;
  const counts = store.countsOfSection(section);
  const price = formatMoney(store.price(section), locale);
  if (scene.mode === "seller") return [price, texts.soldShare(percent(counts, locale))];
  return [price, goneWords(texts, counts) ?? texts.free(counts.available.toLocaleString(locale))];
}

function percent({ available, reserved, sold }: Counts, locale: string): string {
  const share = sold / Math.max(available + reserved + sold, 1);
  return share.toLocaleString(locale, { style: "percent", maximumFractionDigits: 0 });
}

/**
 * Names of blocks are in front of their first rows and turn with them; numbers of rows in the
 * aisles.
 */
function blockLabels(context: Context, scene: Scene, view: View, visible: Box, alpha: number): void {
  const size = Math.min(Math.max(view.k * 1.15, LEAST), 15);
  context.globalAlpha = alpha;
  for (const place of scene.layout.blocks) {
    if (!overlap(place.box, visible)) continue;
    if (view.k > BLOCKS_FROM) blockLabel(context, scene, view, place, size);
    if (view.k >= ROWS_FROM) rowLabels(context, scene, view, place);
  }
  context.globalAlpha = 1;
}

function blockLabel(context: Context, scene: Scene, view: View, place: BlockPlace, size: number): void {
  const { block, outline } = place;
  const width = (outline.to - outline.from) * outline.inner * view.k;
  const own = scene.texts.subsection(at(scene.store.plan.sections, block.section).name, block.number);
  context.font = font(scene, size, 650);
  const text = withSign(context, scene, block.section, own, width);
  if (context.measureText(text).width > width) return;
  const angle = (outline.from + outline.to) / 2;
  const spot = toScreen(view, point(outline.inner - 0.5, angle));
  context.fillStyle = css(scene.theme.inkSoft);
  context.translate(spot.x, spot.y);
  context.rotate(-angle);
  write(context, scene.theme.surface, text, 0, 0);
  context.rotate(angle);
  context.translate(-spot.x, -spot.y);
}

/** On the left of each block, in the middle of the aisle. */
function rowLabels(context: Context, scene: Scene, view: View, place: BlockPlace): void {
  const { block, radius, angle, step } = place;
  context.font = font(scene, LEAST, 500);
  context.fillStyle = css(scene.theme.inkFaint);
  for (let row = 0; row < block.rows; row += 1) {
    const { x, y } = toScreen(view, point(radius + row, angle - ((1 + AISLE) / 2) * step));
    write(context, scene.theme.surface, String(row + 1), x, y);
  }
}

/** A text on a halo of the colour behind it. */
function write(context: Context, behind: Rgb, text: string, x: number, y: number): void {
  context.lineJoin = "round";
  context.lineWidth = 2 * HALO;
  context.strokeStyle = css(behind);
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

function font(scene: Scene, size: number, weight: number): string {
  return `${weight} ${Math.round(size * 2) / 2}px ${scene.theme.font}`;
}
