//! Paints the house without its seats: the stage, sections, and blocks tinted by how many of their
//! seats are free, and outlined where none is free but some are only held.
//!
//! Promises: what is off the screen costs nothing but a comparison.

import { availability } from "../availability";
import type { BlockPlace, Stage } from "../layout/layout";
import { type Box, overlap, type Sector } from "../layout/polar";
import type { Scene } from "./scene";
import { css, isDark, mix, type Rgb } from "./theme";

/** In units; hairlines keep their width on the screen. */
const CORNER = 0.5;
/** Around what is held, as the ring of a held seat is; in CSS pixels. */
const HELD_LINE = 1.5;

export function paintStage(context: CanvasRenderingContext2D, scene: Scene): void {
  context.fillStyle = css(scene.theme.stage);
  stagePath(context, scene.layout.stage);
  context.fill();
}

/** The floor under each section. */
export function paintSections(
  context: CanvasRenderingContext2D,
  scene: Scene,
  visible: Box,
  k: number,
): void {
  const { theme } = scene;
  context.fillStyle = css(theme.surface);
  context.strokeStyle = css(theme.line);
  context.lineWidth = 1 / k;
  for (const { outline, box } of scene.layout.sections) {
    if (!overlap(box, visible)) continue;
    sectorPath(context, outline);
    context.fill();
    context.stroke();
  }
}

/** Blocks as tinted shapes, for views in which seats are too small to be seen. */
export function paintBlocks(context: CanvasRenderingContext2D, scene: Scene, visible: Box, k: number): void {
  context.strokeStyle = css(scene.theme.takenMark);
  context.lineWidth = HELD_LINE / k;
  for (const place of scene.layout.blocks) {
    if (!overlap(place.box, visible)) continue;
    context.fillStyle = css(blockColour(scene, place));
    sectorPath(context, place.outline);
    context.fill();
    if (scene.mode === "buyer" && availability(scene.store.countsOfBlock(place.block.index)) === "held")
      context.stroke();
  }
}

export function outlineSector(
  context: CanvasRenderingContext2D,
  outline: Sector,
  colour: string,
  width: number,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  sectorPath(context, outline);
  context.stroke();
}

/**
 * Buyers see the colour of the price, the stronger the more seats are free; sellers see green grow
 * as seats are sold.
 */
export function blockColour(scene: Scene, { block }: BlockPlace): Rgb {
  const { store, theme } = scene;
  const counts = store.countsOfBlock(block.index);
  const all = Math.max(counts.available + counts.reserved + counts.sold, 1);
  const dimmed = scene.dimmed[block.section] === 1;
  // Names stand on these tints in ink, which on dark paper is light.
  const strength = isDark(theme) ? 0.9 : 1;
  const step = (colour: Rgb, share: number) =>
    mix(theme.surface, colour, share * strength * (dimmed ? 0.3 : 1));
  if (scene.mode === "seller") return step(theme.good, 0.06 + 0.64 * (counts.sold / all));
  const colour = scene.colours[scene.band[block.section] ?? 0] ?? theme.ink;
  if (counts.available === 0) return step(theme.taken, counts.reserved > 0 ? 0.3 : 0.8);
  return step(colour, 0.17 + 0.48 * (counts.available / all));
}

function stagePath(context: CanvasRenderingContext2D, { radius, half, back }: Stage): void {
  const side = radius * Math.sin(half);
  const corner = Math.min(side, radius) * 0.12;
  context.beginPath();
  context.moveTo(-side + corner, back);
  context.lineTo(side - corner, back);
  context.quadraticCurveTo(side, back, side, back + corner);
  context.lineTo(side, radius * Math.cos(half));
  context.arc(0, 0, radius, Math.PI / 2 - half, Math.PI / 2 + half);
  context.lineTo(-side, back + corner);
  context.quadraticCurveTo(-side, back, -side + corner, back);
  context.closePath();
}

/** A ring sector with softened corners. */
export function sectorPath(context: CanvasRenderingContext2D, { inner, outer, from, to }: Sector): void {
  const corner = Math.min(CORNER, (outer - inner) / 4, ((to - from) * inner) / 4);
  const right = Math.PI / 2 - to;
  const left = Math.PI / 2 - from;
  const nearTurn = corner / inner;
  const farTurn = corner / outer;
  context.beginPath();
  context.arc(0, 0, outer, right + farTurn, left - farTurn);
  curve(context, outer, left, outer - corner);
  line(context, inner + corner, left);
  curve(context, inner, left, inner, left - nearTurn);
  context.arc(0, 0, inner, left - nearTurn, right + nearTurn, true);
  curve(context, inner, right, inner + corner);
  line(context, outer - corner, right);
  curve(context, outer, right, outer, right + farTurn);
  context.closePath();
}

function line(context: CanvasRenderingContext2D, radius: number, angle: number): void {
  context.lineTo(radius * Math.cos(angle), radius * Math.sin(angle));
}

/** Around a corner at `radius`, to a point at another radius or angle. */
function curve(
  context: CanvasRenderingContext2D,
  radius: number,
  angle: number,
  toRadius: number,
  toAngle = angle,
): void {
  const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
  context.quadraticCurveTo(x, y, toRadius * Math.cos(toAngle), toRadius * Math.sin(toAngle));
}
