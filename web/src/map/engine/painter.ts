//! Puts one picture together: house, seats, labels, marks.
//!
//! Promises: a frame spends no more than its budget on seats that are not painted yet; the rest
//! follows with the next frames.

import { paintBlocks, paintSections, paintStage } from "./house";
import { paintLabels } from "./labels";
import { Flashes, paintOwn, paintTarget } from "./marks";
import type { Scene, Target } from "./scene";
import { TileLayers } from "./tiles";
import { type Size, seatsShown, type View, visibleBox } from "./view";

const BUDGET_MS = 6;
const FLASHES_FROM = 5;

export interface Pointed {
  readonly hovered: Target | null;
  /** Where the keyboard is. */
  readonly focused: Target | null;
}

export class Painter {
  private readonly context: CanvasRenderingContext2D;
  private scene: Scene;
  private tiles: TileLayers;
  private readonly flashes = new Flashes();

  constructor(canvas: HTMLCanvasElement, scene: Scene) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("There is no 2d canvas.");
    this.context = context;
    this.scene = scene;
    this.tiles = new TileLayers(scene);
  }

  /** Another scene. `seatsLook`: single seats look different in it. */
  change(scene: Scene, seatsLook: boolean): void {
    this.scene = scene;
    if (seatsLook) this.tiles = new TileLayers(scene);
  }

  /** Seats whose status changed; null: perhaps all of them. */
  seatsChanged(seats: readonly number[] | null, k: number, now: number): void {
    if (seats === null) {
      this.tiles = new TileLayers(this.scene);
      this.flashes.clear();
      return;
    }
    this.tiles.update(seats);
    if (k >= FLASHES_FROM && !matchMedia("(prefers-reduced-motion: reduce)").matches)
      this.flashes.add(seats, now);
  }

  /** Answers whether another frame would show more. */
  draw(view: View, size: Size, dpr: number, pointed: Pointed, settled: boolean, now: number): boolean {
    const { context, scene } = this;
    const visible = visibleBox(view, size);
    const seats = scene.store.loaded ? seatsShown(view.k) : 0;
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    context.setTransform(view.k * dpr, 0, 0, view.k * dpr, view.x * dpr, view.y * dpr);
    paintStage(context, scene);
    paintSections(context, scene, visible, view.k);
    if (seats < 1) {
      context.globalAlpha = 1 - seats;
      paintBlocks(context, scene, visible, view.k);
      context.globalAlpha = 1;
    }
    let more = false;
    if (seats > 0) {
      context.globalAlpha = seats;
      this.snapToPixels(view, dpr);
      more = this.tiles.draw(context, visible, view.k, dpr, settled, performance.now() + BUDGET_MS);
      context.globalAlpha = 1;
    }
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    paintLabels(context, scene, view, visible, seats);
    const flashing = this.flashes.paint(context, scene, view, visible, now);
    if (pointed.hovered) paintTarget(context, scene, view, pointed.hovered, false);
    paintOwn(context, scene, view, visible);
    if (pointed.focused) paintTarget(context, scene, view, pointed.focused, true);
    return more || flashing;
  }

  /** Tiles of the present scale are copied pixel by pixel, and so stay sharp. */
  private snapToPixels({ k, x, y }: View, dpr: number): void {
    this.context.setTransform(k * dpr, 0, 0, k * dpr, Math.round(x * dpr), Math.round(y * dpr));
  }
}
