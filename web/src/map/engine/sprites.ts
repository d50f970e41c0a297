//! The pictures of single seats at one size, drawn once and then copied.
//!
//! Promises: states differ in shape as well as in colour: free is a full disc, reserved a ring;
//! sold is small, and crossed where there is room; for sellers free is a ring, reserved half a
//! disc, sold a full one.

import type { Scene } from "./scene";
import { css, inkOn, mix, type Rgb } from "./theme";

const FREE_RADIUS = 0.4;
const SOLD_RADIUS = 0.24;
const RING_RADIUS = 0.33;
const RING_LINE = 0.1;
/** From this many pixels per unit on there is room for details. */
const DETAILS_FROM = 9;

export interface Sprites {
  readonly image: HTMLCanvasElement;
  /** Each picture is a square of this size, side by side. */
  readonly cell: number;
  /** The colour of a number on a free seat, by price band. */
  readonly ink: readonly string[];
  /** The diameter in units of what is free for that number. */
  readonly room: number;
  /** Which picture a seat has. */
  of(band: number, code: number, dimmed: boolean): number;
}

type Draw = (context: CanvasRenderingContext2D, unit: number) => void;

/** `unit`: device pixels per unit; `dpr`: of the screen. */
export function makeSprites(scene: Scene, unit: number, dpr: number): Sprites {
  const cell = Math.ceil(unit * 0.92) + 2;
  const perBand = scene.colours.map(colour => drawings(scene, colour, unit / dpr >= DETAILS_FROM));
  const dim = scene.colours.map(colour => drawings(scene, mix(colour, scene.theme.paper, 0.78), false));
  const all = [...perBand, ...dim].flat();
  const image = document.createElement("canvas");
  image.width = cell * all.length;
  image.height = cell;
  const context = image.getContext("2d");
  if (!context) throw new Error("There is no 2d canvas.");
  all.forEach((draw, index) => {
    context.setTransform(1, 0, 0, 1, index * cell + cell / 2, cell / 2);
    draw(context, unit);
  });
  const { colours, mode, theme } = scene;
  const { length } = colours;
  return {
    image,
    cell,
    // A seller's free seat is a ring, through which the floor is seen.
    ink: colours.map(colour => css(mode === "buyer" ? inkOn(colour, theme) : theme.ink)),
    room: 2 * (mode === "buyer" ? FREE_RADIUS : RING_RADIUS - RING_LINE / 2),
    of: (band, code, dimmed) => ((dimmed ? length : 0) + band) * 3 + code,
  };
}

/** Available, reserved, sold. */
function drawings(scene: Scene, colour: Rgb, details: boolean): readonly [Draw, Draw, Draw] {
  const { theme } = scene;
  if (scene.mode === "buyer") {
    const sold = details ? crossed(theme.taken, theme.takenMark) : disc(theme.taken, SOLD_RADIUS);
    return [disc(colour, FREE_RADIUS), ring(theme.takenMark), sold];
  }
  return [ring(mix(colour, theme.paper, 0.35)), halfDisc(theme.warn), disc(theme.good, FREE_RADIUS)];
}

function disc(colour: Rgb, radius: number): Draw {
  return (context, unit) => {
    context.fillStyle = css(colour);
    context.beginPath();
    context.arc(0, 0, Math.max(radius * unit, 0.6), 0, 2 * Math.PI);
    context.fill();
  };
}

function crossed(colour: Rgb, mark: Rgb): Draw {
  return (context, unit) => {
    disc(colour, 0.34)(context, unit);
    const arm = 0.12 * unit;
    context.strokeStyle = css(mark);
    context.lineWidth = Math.max(0.055 * unit, 1);
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(-arm, -arm);
    context.lineTo(arm, arm);
    context.moveTo(arm, -arm);
    context.lineTo(-arm, arm);
    context.stroke();
  };
}

function ring(colour: Rgb): Draw {
  return (context, unit) => {
    context.strokeStyle = css(colour);
    context.lineWidth = Math.max(RING_LINE * unit, 0.8);
    context.beginPath();
    context.arc(0, 0, Math.max(RING_RADIUS * unit, 0.6), 0, 2 * Math.PI);
    context.stroke();
  };
}

function halfDisc(colour: Rgb): Draw {
  return (context, unit) => {
    ring(colour)(context, unit);
    context.fillStyle = css(colour);
    context.beginPath();
    context.arc(0, 0, Math.max(0.36 * unit, 0.6), 0, Math.PI);
    context.fill();
  };
}
