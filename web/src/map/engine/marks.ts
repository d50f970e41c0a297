//! What lies over the seats: chosen seats and mine, what is pointed at, the keyboard's place, and a
//! flash where a seat just changed.
//!
//! Promises: chosen and own seats are seen at every zoom; each has its own shape: chosen a disc
//! with a tick, mine a square with a star.

import { type Box, overlap, type Point } from "../layout/polar";
import { outlineSector } from "./house";
import type { Scene, Target } from "./scene";
import { css } from "./theme";
import { toScreen, type View } from "./view";

type Context = CanvasRenderingContext2D;

const FLASH_MS = 700;
const FLASHES_AT_ONCE = 150;
/** Nearer than this, marks are as large as their seats; farther they are pins. */
const PINS_UNTIL = 7;

/** Seats that changed a moment ago. */
export class Flashes {
  private readonly begun = new Map<number, number>();

  add(seats: readonly number[], now: number): void {
    for (const seat of seats.slice(0, FLASHES_AT_ONCE)) {
      if (this.begun.size < FLASHES_AT_ONCE) this.begun.set(seat, now);
    }
  }

  clear(): void {
    this.begun.clear();
  }

  /** Answers whether there is more to come. */
  paint(context: Context, scene: Scene, view: View, visible: Box, now: number): boolean {
    for (const [seat, begun] of this.begun) {
      const share = (now - begun) / FLASH_MS;
      if (share >= 1) this.begun.delete(seat);
      else paintFlash(context, scene, view, visible, seat, share);
    }
    return this.begun.size > 0;
  }
}

function paintFlash(
  context: Context,
  scene: Scene,
  view: View,
  visible: Box,
  seat: number,
  share: number,
): void {
  const middle = scene.layout.seat(seat);
  if (!overlap(visible, { minX: middle.x, maxX: middle.x, minY: middle.y, maxY: middle.y })) return;
  const { x, y } = toScreen(view, middle);
  const colour = scene.store.isFree(seat) ? scene.theme.good : scene.theme.inkSoft;
  context.strokeStyle = css(colour, 0.7 * (1 - share));
  context.lineWidth = Math.max(view.k * 0.08, 1);
  context.beginPath();
  context.arc(x, y, view.k * (0.42 + 0.5 * share), 0, 2 * Math.PI);
  context.stroke();
}

export function paintOwn(context: Context, scene: Scene, view: View, visible: Box): void {
  const own = new Set([...scene.mine, ...scene.claiming, ...scene.chosen]);
  if (view.k < PINS_UNTIL) {
    paintPins(context, scene, view, own);
    return;
  }
  for (const seat of own) {
    const world = scene.layout.seat(seat);
    const { minX, minY, maxX, maxY } = visible;
    if (world.x < minX - 1 || world.x > maxX + 1 || world.y < minY - 1 || world.y > maxY + 1) continue;
    const spot = toScreen(view, world);
    if (scene.mine.has(seat)) paintMine(context, scene, spot, view.k);
    else paintChosen(context, scene, spot, view.k);
  }
}

/** One pin per block that holds own seats, with their number. */
function paintPins(context: Context, scene: Scene, view: View, own: ReadonlySet<number>): void {
  const groups = new Map<number, Point[]>();
  for (const seat of own) {
    const block = scene.layout.blockAt(scene.layout.seat(seat))?.block.index ?? -1;
    groups.set(block, [...(groups.get(block) ?? []), scene.layout.seat(seat)]);
  }
  for (const points of groups.values()) {
    const x = points.reduce((sum, spot) => sum + spot.x, 0) / points.length;
    const y = points.reduce((sum, spot) => sum + spot.y, 0) / points.length;
    paintPin(context, scene, toScreen(view, { x, y }), points.length);
  }
}

function paintPin(context: Context, scene: Scene, { x, y }: Point, count: number): void {
  const { theme } = scene;
  const radius = 11;
  const middle = y - radius - 6;
  context.fillStyle = css(theme.mine);
  context.strokeStyle = css(theme.surface);
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, middle, radius, Math.PI * 0.8, Math.PI * 0.2);
  context.quadraticCurveTo(x + radius * 0.45, middle + radius * 1.05, x, y);
  context.quadraticCurveTo(
    x - radius * 0.45,
    middle + radius * 1.05,
    x + radius * Math.cos(Math.PI * 0.8),
    middle + radius * Math.sin(Math.PI * 0.8),
  );
  context.closePath();
  context.stroke();
  context.fill();
  context.fillStyle = css(theme.mineInk);
  context.font = `700 12px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(count), x, middle + 0.5);
}

function paintChosen(context: Context, { theme }: Scene, { x, y }: Point, k: number): void {
  const radius = 0.46 * k;
  context.fillStyle = css(theme.mine);
  context.strokeStyle = css(theme.surface);
  context.lineWidth = Math.max(k * 0.07, 1.5);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
  context.fill();
  context.strokeStyle = css(theme.mineInk);
  context.lineWidth = Math.max(k * 0.1, 1.2);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.beginPath();
  context.moveTo(x - radius * 0.42, y + radius * 0.04);
  context.lineTo(x - radius * 0.1, y + radius * 0.36);
  context.lineTo(x + radius * 0.46, y - radius * 0.32);
  context.stroke();
}

function paintMine(context: Context, { theme }: Scene, { x, y }: Point, k: number): void {
  const half = 0.43 * k;
  context.fillStyle = css(theme.mine);
  context.strokeStyle = css(theme.surface);
  context.lineWidth = Math.max(k * 0.07, 1.5);
  context.beginPath();
  context.roundRect(x - half, y - half, 2 * half, 2 * half, half * 0.45);
  context.stroke();
  context.fill();
  context.fillStyle = css(theme.mineInk);
  starPath(context, x, y, half * 0.68);
  context.fill();
}

function starPath(context: Context, x: number, y: number, radius: number): void {
  context.beginPath();
  for (let corner = 0; corner < 10; corner += 1) {
    const length = corner % 2 === 0 ? radius : radius * 0.45;
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    context.lineTo(x + length * Math.cos(angle), y + length * Math.sin(angle));
  }
  context.closePath();
}

/**
 * What the mouse points at, or where the keyboard is. The latter is never mistaken for the former:
 * its line is double.
 */
export function paintTarget(
  context: Context,
  scene: Scene,
  view: View,
  target: Target,
  keyboard: boolean,
): void {
  const { theme } = scene;
  const lines: readonly [string, number][] = keyboard
    ? [
        [css(theme.surface), 5.5],
        [css(theme.accent), 3],
      ]
    : [[css(theme.ink, 0.75), 2]];
  for (const [colour, width] of lines) {
    if (target.kind === "seat") outlineSeat(context, scene, view, target.index, colour, width);
    else outlineShape(context, scene, view, target, colour, width);
  }
}

function outlineSeat(
  context: Context,
  scene: Scene,
  view: View,
  seat: number,
  colour: string,
  width: number,
): void {
  const { x, y } = toScreen(view, scene.layout.seat(seat));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.arc(x, y, Math.max(view.k * 0.56, 5), 0, 2 * Math.PI);
  context.stroke();
}

function outlineShape(
  context: Context,
  scene: Scene,
  view: View,
  { kind, index }: Target,
  colour: string,
  width: number,
): void {
  const { layout } = scene;
  const { outline } = kind === "block" ? layout.placeOf(index) : layout.placeOfSection(index);
  context.save();
  context.translate(view.x, view.y);
  context.scale(view.k, view.k);
  outlineSector(context, outline, colour, width / view.k);
  context.restore();
}
