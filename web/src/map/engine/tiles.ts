//! Single seats, painted once into square tiles at one scale and then copied to the screen for as
//! long as they stay right.
//!
//! Promises: a change of a seat repaints that seat and nothing else; painting stops when its time
//! is up and continues in the next frame; tiles far from the screen are given back. Memory is
//! bounded by the screen, not by the plan.

import { type Box, overlap } from "../layout/polar";
import type { Scene } from "./scene";
import { makeSprites, type Sprites } from "./sprites";
import { numberSize } from "./view";

/** The side of a tile in CSS pixels. */
const TILE = 256;
/**
 * Below this size seats stand between pixels, so that arcs look round; above, on whole ones, so
 * that edges are sharp.
 */
const WHOLE_PIXELS_FROM = 10;

/** With more changes than this at once, whole tiles are repainted, a few per frame. */
const CHANGES_AT_ONCE = 400;

interface Tile {
  readonly column: number;
  readonly row: number;
  readonly context: CanvasRenderingContext2D;
  stale: boolean;
}

export class TileSet {
  /** CSS pixels per unit that these tiles are painted for. */
  readonly k: number;
  private readonly scene: Scene;
  private readonly dpr: number;
  private readonly unit: number;
  private readonly side: number;
  private readonly sprites: Sprites;
  private readonly tiles = new Map<string, Tile>();

  constructor(scene: Scene, k: number, dpr: number) {
    this.scene = scene;
    this.k = k;
    this.dpr = dpr;
    this.unit = k * dpr;
    this.side = Math.round(TILE * dpr);
    this.sprites = makeSprites(scene, this.unit, dpr);
  }

  /**
   * Paints what is missing in the box until the time is up, from the middle outwards; true when
   * nothing is missing.
   */
  fill(box: Box, until: number): boolean {
    for (const [column, row] of this.missing(box)) {
      if (performance.now() >= until) return false;
      const tile = this.tile(column, row);
      tile.stale = false;
      this.paint(tile, this.boxOf(tile));
    }
    return true;
  }

  /** Copies the tiles of the box to a context in which one unit of the world is one unit. */
  draw(context: CanvasRenderingContext2D, box: Box): void {
    const side = this.side / this.unit;
    for (const tile of this.tiles.values()) {
      const x = tile.column * side;
      const y = tile.row * side;
      if (!overlap(box, { minX: x, minY: y, maxX: x + side, maxY: y + side })) continue;
      context.drawImage(tile.context.canvas, x, y, side, side);
    }
  }

  /** Repaints seats whose status changed, where they are painted at all. */
  update(seats: readonly number[]): void {
    if (this.tiles.size === 0) return;
    if (seats.length > CHANGES_AT_ONCE) for (const tile of this.tiles.values()) tile.stale = true;
    else for (const seat of seats) this.updateSeat(seat);
  }

  /** Gives back tiles that are farther than a screen away from the box. */
  prune({ minX, minY, maxX, maxY }: Box): void {
    const [width, height] = [maxX - minX, maxY - minY];
    const near = {
      minX: minX - width / 2,
      minY: minY - height / 2,
      maxX: maxX + width / 2,
      maxY: maxY + height / 2,
    };
    for (const [key, tile] of this.tiles) if (!overlap(near, this.boxOf(tile))) this.tiles.delete(key);
  }

  private missing(box: Box): [number, number][] {
    const side = this.side / this.unit;
    const missing: [number, number][] = [];
    for (let row = Math.floor(box.minY / side); row * side < box.maxY; row += 1) {
      for (let column = Math.floor(box.minX / side); column * side < box.maxX; column += 1) {
        if (this.tiles.get(`${column} ${row}`)?.stale !== false) missing.push([column, row]);
      }
    }
    const [x, y] = [(box.minX + box.maxX) / 2 / side - 0.5, (box.minY + box.maxY) / 2 / side - 0.5];
    const distance = ([column, row]: [number, number]) => (column - x) ** 2 + (row - y) ** 2;
    return missing.sort((a, b) => distance(a) - distance(b));
  }

  private tile(column: number, row: number): Tile {
    const key = `${column} ${row}`;
    const known = this.tiles.get(key);
    if (known) return known;
    const canvas = document.createElement("canvas");
    canvas.width = this.side;
    canvas.height = this.side;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("There is no 2d canvas.");
    const tile = { column, row, context, stale: false };
    this.tiles.set(key, tile);
    return tile;
  }

  private boxOf({ column, row }: Tile): Box {
    const side = this.side / this.unit;
    return { minX: column * side, minY: row * side, maxX: (column + 1) * side, maxY: (row + 1) * side };
  }

  /** Repaints a part of a tile, whatever was there. */
  private paint(tile: Tile, { minX, minY, maxX, maxY }: Box): void {
    const { context } = tile;
    const [left, top] = [tile.column * this.side, tile.row * this.side];
    const x = Math.floor(minX * this.unit) - left;
    const y = Math.floor(minY * this.unit) - top;
    const width = Math.ceil(maxX * this.unit) - left - x;
    const height = Math.ceil(maxY * this.unit) - top - y;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.clearRect(x, y, width, height);
    const reach = this.sprites.cell / 2 / this.unit;
    this.paintSeats(tile, { minX: minX - reach, minY: minY - reach, maxX: maxX + reach, maxY: maxY + reach });
    context.restore();
  }

  private paintSeats(tile: Tile, box: Box): void {
    for (const { place, rows, columns } of this.scene.layout.seatsIn(box)) {
      for (let column = columns[0]; column <= columns[1]; column += 1) {
        const angle = place.angle + column * place.step;
        const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
        for (let row = rows[0]; row <= rows[1]; row += 1) {
          const radius = place.radius + row;
          const [x, y] = [radius * sin, radius * cos];
          if (x < box.minX || x > box.maxX || y < box.minY || y > box.maxY) continue;
          const seat = place.block.first + row * place.block.perRow + column;
          this.paintSeat(tile, seat, place.block.section, column, x, y);
        }
      }
    }
  }

  private paintSeat(tile: Tile, seat: number, section: number, column: number, x: number, y: number): void {
    const { scene, sprites, unit, side } = this;
    const code = scene.store.code(seat);
    const band = scene.band[section] ?? 0;
    const dimmed = scene.dimmed[section] === 1;
    const [px, py] = this.pixel(x * unit - tile.column * side, y * unit - tile.row * side);
    const { cell } = sprites;
    const picture = sprites.of(band, code, dimmed);
    tile.context.drawImage(sprites.image, picture * cell, 0, cell, cell, px, py, cell, cell);
    if (code === 0 && !dimmed) this.paintNumber(tile, column + 1, band, px, py);
  }

  private paintNumber({ context }: Tile, number: number, band: number, px: number, py: number): void {
    const size = numberSize(this.k * this.sprites.room, number);
    if (size === undefined) return;
    const half = this.sprites.cell / 2;
    context.font = `600 ${Math.ceil(size * this.dpr)}px ${this.scene.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = this.sprites.ink[band] ?? "";
    context.fillText(String(number), px + half, py + half + this.unit * 0.02);
  }

  /** The upper left corner of a seat's picture, given its middle. */
  private pixel(x: number, y: number): readonly [number, number] {
    const half = this.sprites.cell / 2;
    if (this.k < WHOLE_PIXELS_FROM) return [x - half, y - half];
    return [Math.round(x - half), Math.round(y - half)];
  }

  private updateSeat(seat: number): void {
    const { x, y } = this.scene.layout.seat(seat);
    const side = this.side / this.unit;
    // A seat on an edge is painted in each tile that it touches.
    const reach = this.sprites.cell / 2 / this.unit;
    const box = { minX: x - reach, minY: y - reach, maxX: x + reach, maxY: y + reach };
    for (let row = Math.floor(box.minY / side); row * side <= box.maxY; row += 1) {
      for (let column = Math.floor(box.minX / side); column * side <= box.maxX; column += 1) {
        const tile = this.tiles.get(`${column} ${row}`);
        if (tile && !tile.stale) this.paint(tile, box);
      }
    }
  }
}

/** The tiles of the present scale and, until they are complete, those of the scale before. */
export class TileLayers {
  private readonly scene: Scene;
  private current: TileSet | null = null;
  private before: TileSet | null = null;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  /**
   * Draws the seats of a box. `settled`: the scale stands still, so that it pays to paint for
   * exactly this one. Answers whether another frame would show more.
   */
  draw(
    context: CanvasRenderingContext2D,
    box: Box,
    k: number,
    dpr: number,
    settled: boolean,
    until: number,
  ): boolean {
    this.chooseScale(k, dpr, settled);
    const current = this.current;
    if (!current) return false;
    const complete = current.fill(box, until);
    if (complete) this.before = null;
    else this.before?.draw(context, box);
    current.draw(context, box);
    current.prune(box);
    return !complete || current.k !== k;
  }

  update(seats: readonly number[]): void {
    this.current?.update(seats);
    this.before?.update(seats);
  }

  private chooseScale(k: number, dpr: number, settled: boolean): void {
    const ratio = this.current ? k / this.current.k : Number.POSITIVE_INFINITY;
    const fits = settled ? ratio === 1 : ratio < 1.7 && ratio > 0.58;
    if (fits) return;
    // A set that never became complete is worth less than the one behind it, unless there is none.
    if (this.current && !(this.before && !settled)) this.before = this.current;
    this.current = new TileSet(this.scene, k, dpr);
  }
}
