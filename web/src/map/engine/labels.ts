//! Writes on the map: the stage, names, prices and availability of sections, names of blocks, numbers of rows.
//!
//! Promises: a text that has no room is left out, never squeezed; what is off the screen is skipped.

import type { BlockPlace, SectionPlace } from "../layout/layout";
import { type Box, overlap, type Point, point } from "../layout/polar";
import { formatMoney } from "../money";
import { at } from "../plan";
import type { Scene } from "./scene";
import { css, mix } from "./theme";
import { smooth, toScreen, type View } from "./view";

const NAME_SIZE = { least: 11, most: 34 };
const ROWS_FROM = 11;

type Context = CanvasRenderingContext2D;

/** All labels; the context is in CSS pixels. `seats`: how far single seats are faded in. */
export function paintLabels(context: Context, scene: Scene, view: View, visible: Box, seats: number): void {
  context.textAlign = "center";
  context.textBaseline = "middle";
  stageLabel(context, scene, view);
  if (seats > 0) blockLabels(context, scene, view, visible, seats);
  const names = 1 - smooth((view.k - 4) / 2);
  if (names > 0) sectionLabels(context, scene, view, visible, names);
}

function stageLabel(context: Context, scene: Scene, view: View): void {
  const { radius, back, half } = scene.layout.stage;
  const size = Math.min(Math.max((radius - back) * view.k * 0.28, 9), 22);
  const text = scene.texts.stage.toUpperCase();
  context.font = font(scene, size, 650);
  context.letterSpacing = `${size * 0.22}px`;
  if (context.measureText(text).width < 2 * radius * Math.sin(half) * view.k * 0.9) {
    const middle = toScreen(view, { x: 0, y: (back + radius) / 2 });
    context.fillStyle = css(scene.theme.stageInk);
    context.fillText(text, middle.x, middle.y);
  }
  context.letterSpacing = "0px";
}

function sectionLabels(context: Context, scene: Scene, view: View, visible: Box, alpha: number): void {
  for (const section of scene.layout.sections) {
    if (overlap(section.box, visible)) sectionLabel(context, scene, view, section, alpha);
  }
}

/** Three lines where there is room: the name, the price, how many are free. */
function sectionLabel(
  context: Context,
  scene: Scene,
  view: View,
  { index, outline, middle }: SectionPlace,
  alpha: number,
): void {
  const depth = (outline.outer - outline.inner) * view.k;
  const width = (outline.to - outline.from) * ((outline.inner + outline.outer) / 2) * view.k;
  const room = Math.min(depth, width);
  const { name } = at(scene.store.plan.sections, index);
  const size = Math.min(Math.max(room * 0.3, NAME_SIZE.least), NAME_SIZE.most);
  context.font = font(scene, size, 700);
  const nameWidth = context.measureText(name).width;
  if (room < 14 || nameWidth > Math.max(width, depth) * 0.95) return;
  const details = sectionDetails(scene, index);
  const small = Math.min(Math.max(size * 0.5, 10), 14);
  context.font = font(scene, small, 500);
  const fits = details.filter(text => context.measureText(text).width < width * 0.96);
  const lines =
    depth > size + 2 * small * 1.35 + 8 ? fits : depth > size + small * 1.35 + 4 ? fits.slice(-1) : [];
  const height = size * 1.05 + lines.length * small * 1.35;
  const at0 = toScreen(view, middle);
  let y = at0.y - height / 2 + size * 0.55;
  context.globalAlpha = alpha * (scene.dimmed[index] ? 0.4 : 1);
  write(context, scene, name, at0.x, y, size, 700);
  y += size * 0.5 + small * 0.75;
  for (const text of lines) {
    write(context, scene, text, at0.x, y, small, 550);
    y += small * 1.35;
  }
  context.globalAlpha = 1;
}

function sectionDetails(scene: Scene, section: number): readonly string[] {
  const { store, texts, locale } = scene;
  const counts = store.countsOfSection(section);
  const all = counts.available + counts.reserved + counts.sold;
  const price = formatMoney(store.price(section), locale);
  if (scene.mode === "seller")
    return [price, `${Math.floor((100 * counts.sold) / Math.max(all, 1))}% ${texts.states.sold}`];
  return [
    price,
    counts.available === 0 ? texts.soldOut : texts.free(counts.available.toLocaleString(locale)),
  ];
}

/** A text that is read on any tint. */
function write(
  context: Context,
  scene: Scene,
  text: string,
  x: number,
  y: number,
  size: number,
  weight: number,
): void {
  context.font = font(scene, size, weight);
  context.lineJoin = "round";
  context.lineWidth = Math.max(size * 0.22, 3);
  context.strokeStyle = css(scene.theme.surface, 0.72);
  context.strokeText(text, x, y);
  context.fillStyle = css(scene.theme.ink);
  context.fillText(text, x, y);
}

/** Names of blocks stand in front of their first rows and turn with them; numbers of rows in the aisles. */
function blockLabels(context: Context, scene: Scene, view: View, visible: Box, alpha: number): void {
  const size = Math.min(Math.max(view.k * 1.15, 9), 15);
  context.globalAlpha = alpha;
  for (const place of scene.layout.blocks) {
    if (!overlap(place.box, visible)) continue;
    if (view.k > 4.2) blockLabel(context, scene, view, place, size);
    if (view.k >= ROWS_FROM) rowLabels(context, scene, view, place);
  }
  context.globalAlpha = 1;
}

function blockLabel(context: Context, scene: Scene, view: View, place: BlockPlace, size: number): void {
  const { block, outline } = place;
  const text = scene.texts.subsection(at(scene.store.plan.sections, block.section).name, block.number);
  context.font = font(scene, size, 650);
  if (context.measureText(text).width > (outline.to - outline.from) * outline.inner * view.k) return;
  const angle = (outline.from + outline.to) / 2;
  const spot = toScreen(view, point(outline.inner - 0.62, angle));
  context.fillStyle = css(scene.theme.inkSoft);
  context.translate(spot.x, spot.y);
  context.rotate(-angle);
  context.fillText(text, 0, 0);
  context.rotate(angle);
  context.translate(-spot.x, -spot.y);
}

function rowLabels(context: Context, scene: Scene, view: View, place: BlockPlace): void {
  const { block, radius, angle, step } = place;
  context.font = font(scene, Math.min(view.k * 0.42, 13), 500);
  context.fillStyle = css(mix(scene.theme.inkFaint, scene.theme.paper, 0.1));
  for (let row = 0; row < block.rows; row += 1) {
    const ends = [angle - 1.15 * step, angle + (block.perRow + 0.15) * step];
    for (const end of ends) rowLabel(context, view, row + 1, point(radius + row, end));
  }
}

function rowLabel(context: Context, view: View, row: number, world: Point): void {
  const { x, y } = toScreen(view, world);
  context.fillText(String(row), x, y);
}

function font(scene: Scene, size: number, weight: number): string {
  return `${weight} ${Math.round(size * 2) / 2}px ${scene.theme.font}`;
}
