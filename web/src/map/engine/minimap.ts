//! The whole house in a corner, with a frame around the part that is in view.
//!
//! Promises: the house is painted at most once a second; a moving frame costs one copy of it.

import type { Point } from "../layout/polar";
import { blockColour, sectorPath } from "./house";
import type { Scene } from "./scene";
import { css } from "./theme";
import { type Size, toScreen, toWorld, type View, viewOf, visibleBox } from "./view";

const PADDING = 8;
const REPAINT_MS = 1_000;

export class Minimap {
  private readonly canvas: HTMLCanvasElement;
  private readonly house = document.createElement("canvas");
  private paintedAt = Number.NEGATIVE_INFINITY;
  private paintedFor: Scene | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }

  draw(scene: Scene, view: View, size: Size, dpr: number, now: number): void {
    const own = this.size();
    const width = Math.round(own.width * dpr);
    const height = Math.round(own.height * dpr);
    if (width === 0 || height === 0) return;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      for (const canvas of [this.canvas, this.house]) [canvas.width, canvas.height] = [width, height];
      this.paintedFor = null;
    }
    const small = this.view(scene);
    if (this.paintedFor !== scene || now - this.paintedAt > REPAINT_MS) {
      this.paintHouse(scene, small, dpr);
      [this.paintedFor, this.paintedAt] = [scene, now];
    }
    this.paintFrame(scene, small, view, size, dpr);
  }

  /** The point of the world under a point of the small map, in CSS pixels from its corner. */
  worldAt(scene: Scene, at: Point): Point {
    return toWorld(this.view(scene), at);
  }

  private size(): Size {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  private view(scene: Scene): View {
    return viewOf(scene.layout.bounds, this.size(), PADDING, Number.POSITIVE_INFINITY);
  }

  private paintHouse(scene: Scene, { k, x, y }: View, dpr: number): void {
    const context = this.house.getContext("2d");
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.house.width, this.house.height);
    context.setTransform(k * dpr, 0, 0, k * dpr, x * dpr, y * dpr);
    for (const place of scene.layout.blocks) {
      context.fillStyle = css(blockColour(scene, place));
      sectorPath(context, place.outline);
      context.fill();
    }
  }

  private paintFrame(scene: Scene, small: View, view: View, size: Size, dpr: number): void {
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const visible = visibleBox(view, size);
    const from = toScreen(small, { x: visible.minX, y: visible.minY });
    const to = toScreen(small, { x: visible.maxX, y: visible.maxY });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.house, 0, 0);
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    const width = Math.max(to.x - from.x, 6);
    const height = Math.max(to.y - from.y, 6);
    context.fillStyle = css(scene.theme.accent, 0.14);
    context.strokeStyle = css(scene.theme.accent);
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect((from.x + to.x - width) / 2, (from.y + to.y - height) / 2, width, height, 2);
    context.fill();
    context.stroke();
  }
}
