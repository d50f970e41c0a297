//! Wheel, drag, pinch and animated moves of the map, by d3-zoom.
//!
//! Promises: at the whole house a finger or the wheel scrolls the page and not the map; animation
//! is left out for those who want none.
//! Never: knows what is drawn.

import { select } from "d3-selection";
import type {} from "d3-transition";
import { type D3ZoomEvent, type ZoomBehavior, zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import type { Box, Point } from "../layout/polar";
import "./transition";
import type { Size, View } from "./view";

const MOVE_MS = 650;
const STEP_MS = 220;
const CLICK_DISTANCE = 6;

export interface GestureListener {
  /** The view moved; `byHand`: by the user's own gesture. */
  onView(view: View, byHand: boolean): void;
  /** Whether a double click at this point should zoom, since nothing else happens there. */
  zoomsOnDoubleClick(at: Point): boolean;
}

export class Gestures {
  private readonly canvas: HTMLCanvasElement;
  private readonly behavior: ZoomBehavior<HTMLCanvasElement, unknown>;
  private least = 0;

  constructor(canvas: HTMLCanvasElement, listener: GestureListener) {
    this.canvas = canvas;
    this.behavior = zoom<HTMLCanvasElement, unknown>()
      .clickDistance(CLICK_DISTANCE)
      .filter(event => this.takes(event, listener))
      .on("zoom", ({ transform, sourceEvent }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        this.letPageScroll(transform.k);
        listener.onView({ k: transform.k, x: transform.x, y: transform.y }, Boolean(sourceEvent));
      });
    select(canvas).call(this.behavior);
  }

  get view(): View {
    const { k, x, y } = zoomTransform(this.canvas);
    return { k, x, y };
  }

  /** How near and far the view goes, and the part of the world that it stays within. */
  limit(least: number, most: number, world: Box, size: Size): void {
    this.least = least;
    this.behavior
      .extent([
        [0, 0],
        [size.width, size.height],
      ])
      .scaleExtent([least, most])
      .translateExtent([
        [world.minX, world.minY],
        [world.maxX, world.maxY],
      ]);
  }

  moveTo({ k, x, y }: View, animated: boolean): void {
    const target = zoomIdentity.translate(x, y).scale(k);
    if (animated && !calm())
      select(this.canvas).transition().duration(MOVE_MS).call(this.behavior.transform, target);
    else select(this.canvas).interrupt().call(this.behavior.transform, target);
  }

  zoomBy(factor: number): void {
    if (calm()) select(this.canvas).call(this.behavior.scaleBy, factor);
    else select(this.canvas).transition().duration(STEP_MS).call(this.behavior.scaleBy, factor);
  }

  /** In pixels of the screen. */
  panBy(x: number, y: number): void {
    const { k } = this.view;
    select(this.canvas)
      .interrupt()
      .call(this.behavior.translateBy, x / k, y / k);
  }

  destroy(): void {
    select(this.canvas).interrupt().on(".zoom", null);
  }

  private takes(event: Event, listener: GestureListener): boolean {
    const far = this.view.k <= this.least * 1.001;
    if (event instanceof WheelEvent) return event.ctrlKey || !(far && event.deltaY > 0);
    if (event.type === "dblclick" && event instanceof MouseEvent) {
      return listener.zoomsOnDoubleClick({ x: event.offsetX, y: event.offsetY });
    }
    if (event.type.startsWith("touch")) return !(far && (event as TouchEvent).touches.length === 1);
    return !(event instanceof MouseEvent) || event.button === 0;
  }

  private letPageScroll(k: number): void {
    this.canvas.style.touchAction = k <= this.least * 1.001 ? "pan-y" : "none";
  }
}

function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
