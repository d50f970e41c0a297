//! Where the house is on the screen: `screen = world * k + (x, y)`, in CSS pixels.
//!
//! Promises: pure arithmetic, so that a zoom is tested without a screen.

import type { Box, Point } from "../layout/polar";

export interface View {
  /** Pixels per unit, which is the distance of neighbouring seats. */
  readonly k: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** From here on single seats are drawn; nearer by `SEATS_BLEND` they are all that is. */
export const SEATS_FROM = 2.6;
export const SEATS_ALL = 3.6;
/** From here on a seat can be hit with a mouse, or with a finger. */
export const MOUSE_FROM = 6;
export const TOUCH_FROM = 15;
/** How much room a number of 12 pixels needs, in CSS pixels: of up to two digits, and of three. */
const NUMBER_ROOM = 16;
const LONG_NUMBER_ROOM = 22;
export const NEAREST = 46;

export function toScreen(view: View, { x, y }: Point): Point {
  return { x: x * view.k + view.x, y: y * view.k + view.y };
}

export function toWorld(view: View, { x, y }: Point): Point {
  return { x: (x - view.x) / view.k, y: (y - view.y) / view.k };
}

/** The part of the world that is on the screen. */
export function visibleBox(view: View, { width, height }: Size): Box {
  const from = toWorld(view, { x: 0, y: 0 });
  const to = toWorld(view, { x: width, y: height });
  return { minX: from.x, minY: from.y, maxX: to.x, maxY: to.y };
}

/** The view that shows a box in the middle, as large as it goes but no nearer than `nearest`. */
export function viewOf(box: Box, size: Size, padding: number, nearest: number): View {
  const width = Math.max(box.maxX - box.minX, 1e-6);
  const height = Math.max(box.maxY - box.minY, 1e-6);
  const fit = Math.min((size.width - 2 * padding) / width, (size.height - 2 * padding) / height);
  const k = Math.min(Math.max(fit, 1e-3), nearest);
  return {
    k,
    x: size.width / 2 - ((box.minX + box.maxX) / 2) * k,
    y: size.height / 2 - ((box.minY + box.maxY) / 2) * k,
  };
}

/**
 * The size of a seat's number in CSS pixels, at least 12; undefined where `room`, the diameter of
 * what is free for it, is too small: there the tooltip names the seat.
 */
export function numberSize(room: number, number: number): number | undefined {
  const [needed, share] = number > 99 ? [LONG_NUMBER_ROOM, 0.375] : [NUMBER_ROOM, 0.45];
  return room < needed ? undefined : Math.max(room * share, 12);
}

/** 0 … 1: how far single seats are faded in. */
export function seatsShown(k: number): number {
  return smooth((k - SEATS_FROM) / (SEATS_ALL - SEATS_FROM));
}

export function smooth(share: number): number {
  const t = Math.min(Math.max(share, 0), 1);
  return t * t * (3 - 2 * t);
}
