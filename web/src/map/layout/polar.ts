//! Points, boxes and ring sectors around the centre of the house.
//!
//! Angles are measured from the axis straight down, away from the stage, and grow to the right; y
//! grows downwards as on a screen.
//! Promises: pure arithmetic; nothing here knows a plan.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** What lies between two radii and two angles. */
export interface Sector {
  readonly inner: number;
  readonly outer: number;
  readonly from: number;
  readonly to: number;
}

export function point(radius: number, angle: number): Point {
  return { x: radius * Math.sin(angle), y: radius * Math.cos(angle) };
}

export function boxOf(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  return { minX: Math.min(...xs), minY: Math.min(...ys), maxX: Math.max(...xs), maxY: Math.max(...ys) };
}

export function union(a: Box, b: Box): Box {
  return {
    minX: Math.min(a.minX, b.minX),
    minY: Math.min(a.minY, b.minY),
    maxX: Math.max(a.maxX, b.maxX),
    maxY: Math.max(a.maxY, b.maxY),
  };
}

export function overlap(a: Box, b: Box): boolean {
  return a.minX <= b.maxX && a.maxX >= b.minX && a.minY <= b.maxY && a.maxY >= b.minY;
}

export function boxOfSector({ inner, outer, from, to }: Sector): Box {
  const points = [point(inner, from), point(inner, to), point(outer, from), point(outer, to)];
  // Where the outer arc crosses an axis it bulges beyond its ends.
  for (const axis of [-Math.PI / 2, 0, Math.PI / 2])
    if (from < axis && axis < to) points.push(point(outer, axis));
  return boxOf(points);
}

/**
 * The smallest sector around a box; a whole ring when the box lies on the ray behind the stage,
 * where no seat is.
 */
export function polarRange(box: Box): Sector {
  const nearest = { x: clamp(0, box.minX, box.maxX), y: clamp(0, box.minY, box.maxY) };
  const farX = Math.max(Math.abs(box.minX), Math.abs(box.maxX));
  const farY = Math.max(Math.abs(box.minY), Math.abs(box.maxY));
  const radii = { inner: Math.hypot(nearest.x, nearest.y), outer: Math.hypot(farX, farY) };
  if (box.minX <= 0 && box.maxX >= 0 && box.minY <= 0) return { ...radii, from: -Math.PI, to: Math.PI };
  const angles = [
    Math.atan2(box.minX, box.minY),
    Math.atan2(box.minX, box.maxY),
    Math.atan2(box.maxX, box.minY),
    Math.atan2(box.maxX, box.maxY),
  ];
  return { ...radii, from: Math.min(...angles), to: Math.max(...angles) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
