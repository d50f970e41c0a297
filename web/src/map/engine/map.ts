//! The map without a framework: brings store, layout, gestures, keyboard and painters together on a
//! canvas.
//!
//! Promises: draws only when something changed; notifies its owner of what is pointed at, pressed
//! and in view, and never acts on a seat itself. `destroy` gives back every listener.

import type { MapTexts } from "../../words/en";
import { SeatLayout } from "../layout/layout";
import { type Box, type Point, union } from "../layout/polar";
import { at, blockOf, seatAt } from "../plan";
import type { SeatStore } from "../store";
import type { MapMode, StoreChange } from "../types";
import { bandOfSections, bandsOf } from "./bands";
import { Gestures } from "./gestures";
import { Minimap } from "./minimap";
import { Painter } from "./painter";
import { type Scene, sameTarget, type Target } from "./scene";
import { DIRECTIONS, middleOf, nextTarget, targetAt } from "./targets";
import { onThemeChange, readTheme } from "./theme";
import {
  MOUSE_FROM,
  NEAREST,
  SEATS_ALL,
  type Size,
  TOUCH_FROM,
  toScreen,
  toWorld,
  type View,
  viewOf,
} from "./view";

/** A still scale for this long is worth sharp seats. */
const SETTLED_MS = 120;
const PADDING = 20;
const DPR_MOST = 2;
const PAN_PX = 80;
const ZOOM_STEP = 1.7;

export interface EngineOptions {
  readonly mode: MapMode;
  readonly texts: MapTexts;
  readonly locale: string;
  readonly chosen: ReadonlySet<number>;
  readonly mine: ReadonlySet<number>;
  readonly claiming: ReadonlySet<number>;
  /** Sections to point out; null: none. */
  readonly spotlight: ReadonlySet<number> | null;
}

/** Where the middle of the view is; null: the whole house, or between things. */
export interface PlaceInView {
  readonly section: number | null;
  readonly block: number | null;
  readonly zoomed: boolean;
}

export interface EngineListener {
  /** What the mouse or the keyboard points at, and where on the canvas its middle is. */
  onPoint(target: Target | null, spot: Point, keyboard: boolean): void;
  /** A seat was pressed. */
  onPress(seat: number): void;
  onPlace(place: PlaceInView): void;
}

export interface EngineElements {
  readonly canvas: HTMLCanvasElement;
  readonly minimap: HTMLCanvasElement;
}

export class SeatMapEngine {
  private readonly canvas: HTMLCanvasElement;
  private readonly store: SeatStore;
  private readonly layout: SeatLayout;
  private readonly listener: EngineListener;
  private readonly gestures: Gestures;
  private readonly painter: Painter;
  private readonly minimap: Minimap;
  private readonly end = new AbortController();
  private options: EngineOptions;
  private scene: Scene;
  private size: Size = { width: 0, height: 0 };
  private dpr = 1;
  private hovered: Target | null = null;
  private focused: Target | null = null;
  private place: PlaceInView = { section: null, block: null, zoomed: false };
  private scaledAt = Number.NEGATIVE_INFINITY;
  private frame = 0;
  private touched = false;
  /** What was to be shown before the canvas had a size. */
  private wanted: { readonly box: Box; readonly nearest: number } | null = null;

  constructor(elements: EngineElements, store: SeatStore, options: EngineOptions, listener: EngineListener) {
    this.canvas = elements.canvas;
    this.store = store;
    this.options = options;
    this.listener = listener;
    this.layout = new SeatLayout(store.plan);
    this.scene = this.makeScene();
    this.painter = new Painter(this.canvas, this.scene);
    this.minimap = new Minimap(elements.minimap);
    this.gestures = new Gestures(this.canvas, {
      onView: (view, byHand) => this.viewMoved(view, byHand),
      zoomsOnDoubleClick: spot =>
        targetAt(this.layout, toWorld(this.gestures.view, spot), this.gestures.view.k) === null,
    });
    this.listen(elements.minimap);
  }

  update(options: EngineOptions): void {
    const before = this.options;
    this.options = options;
    const look = before.mode !== options.mode || before.spotlight !== options.spotlight;
    this.rebuild(look);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.end.abort();
    this.gestures.destroy();
  }

  showAll(animated = true): void {
    this.gestures.moveTo(this.fit(), animated);
  }

  showSection(section: number, animated = true): void {
    this.showBox(this.layout.placeOfSection(section).box, animated);
  }

  /** As near as the block fits; a block too large for its numbers is shown around `spot`. */
  showBlock(block: number, spot?: Point): void {
    const { box, middle } = this.layout.placeOf(block);
    if (viewOf(box, this.size, PADDING, NEAREST).k >= TOUCH_FROM) this.showBox(box, true);
    else this.showSpot(spot ?? middle, TOUCH_FROM * 1.4);
  }

  showSeats(seats: readonly number[]): void {
    const boxes = seats.map(seat => around(this.layout.seat(seat), 4));
    const [first, ...rest] = boxes;
    if (first) this.showBox(rest.reduce(union, first), true, NEAREST * 0.7);
  }

  zoomIn(): void {
    this.gestures.zoomBy(ZOOM_STEP);
  }

  zoomOut(): void {
    this.gestures.zoomBy(1 / ZOOM_STEP);
  }

  /** A key was pressed while the map has the focus; true when it meant something. */
  key(key: string, shift: boolean): boolean {
    if (key in DIRECTIONS) {
      const direction = DIRECTIONS[key as keyof typeof DIRECTIONS];
      if (shift) this.gestures.panBy(-direction.x * PAN_PX, -direction.y * PAN_PX);
      else this.moveFocus(direction);
    } else if (key === "Enter" || key === " ") this.enter();
    else if (key === "Escape") return this.leave();
    else if (key === "+" || key === "=") this.zoomIn();
    else if (key === "-") this.zoomOut();
    else if (key === "0" || key === "Home") this.showAll();
    else return false;
    return true;
  }

  /** The map has the keyboard's focus: it stands on something at once. */
  focus(): void {
    if (!this.focused) this.setFocused(this.nearestTo({ x: this.size.width / 2, y: this.size.height / 2 }));
  }

  blur(): void {
    this.setFocused(null);
  }

  /** The share of a screen pixel that the picture was last painted for; for tests. */
  get view(): View {
    return this.gestures.view;
  }

  private listen(minimap: HTMLCanvasElement): void {
    const { signal } = this.end;
    const on = { signal };
    const resize = new ResizeObserver(() => this.resized());
    resize.observe(this.canvas);
    const stops = [
      () => resize.disconnect(),
      this.store.subscribe(change => this.storeChanged(change)),
      onThemeChange(() => this.rebuild(true)),
    ];
    signal.addEventListener("abort", () => stops.forEach(stop => void stop()));
    this.canvas.addEventListener("pointermove", event => this.pointerMoved(event), on);
    this.canvas.addEventListener("pointerleave", () => this.setHovered(null), on);
    this.canvas.addEventListener(
      "pointerdown",
      event => {
        this.touched = event.pointerType !== "mouse";
      },
      on,
    );
    this.canvas.addEventListener("click", event => this.clicked({ x: event.offsetX, y: event.offsetY }), on);
    const jump = (event: PointerEvent) => {
      if (event.buttons === 0) return;
      this.showSpot(
        this.minimap.worldAt(this.scene, { x: event.offsetX, y: event.offsetY }),
        this.view.k,
        false,
      );
    };
    minimap.addEventListener("pointerdown", jump, on);
    minimap.addEventListener("pointermove", jump, on);
  }

  private makeScene(): Scene {
    const { options, store, layout } = this;
    const bands = bandsOf(store);
    const theme = readTheme(this.canvas.parentElement ?? document.body);
    const dimmed = new Uint8Array(store.plan.sections.length);
    if (options.spotlight)
      for (const { index } of store.plan.sections) dimmed[index] = options.spotlight.has(index) ? 0 : 1;
    const { mode, texts, locale, chosen, mine, claiming } = options;
    return {
      store,
      layout,
      theme,
      texts,
      locale,
      mode,
      band: bandOfSections(bands),
      colours: theme.bands.slice(0, bands.length),
      dimmed,
      chosen,
      mine,
      claiming,
    };
  }

  /** `seatsLook`: colours, shapes or prices may be others than before. */
  private rebuild(seatsLook: boolean): void {
    this.scene = this.makeScene();
    this.painter.change(this.scene, seatsLook);
    this.invalidate();
  }

  private storeChanged(change: StoreChange): void {
    if (change.prices) this.rebuild(true);
    if (change.whole) this.painter.seatsChanged(null, this.view.k, performance.now());
    else if (change.seats.length > 0) this.painter.seatsChanged(change.seats, this.view.k, performance.now());
    this.invalidate();
  }

  private resized(): void {
    const before = this.size;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    this.size = { width, height };
    this.dpr = Math.min(devicePixelRatio, DPR_MOST);
    this.canvas.width = Math.round(width * this.dpr);
    this.canvas.height = Math.round(height * this.dpr);
    const whole = before.width === 0 || !this.place.zoomed;
    const middle = toWorld(this.view, { x: before.width / 2, y: before.height / 2 });
    const { bounds } = this.layout;
    const margin = 0.12 * Math.max(bounds.maxX - bounds.minX, bounds.maxY - bounds.minY);
    this.gestures.limit(this.fit().k, Math.max(NEAREST, this.fit().k), grown(bounds, margin), this.size);
    if (this.wanted) this.showBox(this.wanted.box, false, this.wanted.nearest);
    else if (whole) this.showAll(false);
    else this.showSpot(middle, this.view.k, false);
    this.draw(performance.now());
  }

  private fit(): View {
    return viewOf(this.layout.bounds, this.size, PADDING, NEAREST * 0.9);
  }

  private showBox(box: Box, animated: boolean, nearest = NEAREST): void {
    this.wanted = this.size.width === 0 ? { box, nearest } : null;
    if (this.wanted) return;
    this.gestures.moveTo(viewOf(box, this.size, PADDING, nearest), animated);
  }

  private showSpot(world: Point, k: number, animated = true): void {
    const view = { k, x: this.size.width / 2 - world.x * k, y: this.size.height / 2 - world.y * k };
    this.gestures.moveTo(view, animated);
  }

  private viewMoved(view: View, byHand: boolean): void {
    if (view.k !== this.scaleBefore) this.scaledAt = performance.now();
    this.scaleBefore = view.k;
    if (byHand && this.hovered) this.setHovered(null);
    this.tellPlace(view);
    this.tellPoint();
    this.invalidate();
  }
  private scaleBefore = 0;

  private tellPlace(view: View): void {
    const zoomed = view.k > this.fit().k * 1.25;
    const middle = toWorld(view, { x: this.size.width / 2, y: this.size.height / 2 });
    const section = zoomed ? (this.layout.sectionAt(middle)?.index ?? null) : null;
    const block =
      zoomed && view.k >= MOUSE_FROM * 1.6 ? (this.layout.blockAt(middle)?.block.index ?? null) : null;
    const { place } = this;
    if (place.zoomed === zoomed && place.section === section && place.block === block) return;
    this.place = { section, block, zoomed };
    this.listener.onPlace(this.place);
  }

  private pointerMoved(event: PointerEvent): void {
    if (event.pointerType !== "mouse" || event.buttons !== 0) return;
    const target = targetAt(
      this.layout,
      toWorld(this.view, { x: event.offsetX, y: event.offsetY }),
      this.view.k,
    );
    this.canvas.style.cursor = target ? "pointer" : "grab";
    this.setHovered(target);
  }

  private setHovered(target: Target | null): void {
    if (sameTarget(this.hovered, target)) return;
    this.hovered = target;
    this.tellPoint();
    this.invalidate();
  }

  private setFocused(target: Target | null): void {
    if (sameTarget(this.focused, target)) return;
    this.focused = target;
    this.tellPoint();
    this.invalidate();
  }

  private tellPoint(): void {
    const target = this.hovered ?? this.focused;
    const spot = target ? toScreen(this.view, this.tipOf(target)) : { x: 0, y: 0 };
    this.listener.onPoint(target, spot, target !== null && target === this.focused);
  }

  /** The upper end of a thing, where its tooltip stands. */
  private tipOf(target: Target): Point {
    const middle = middleOf(this.layout, target);
    if (target.kind === "seat") return { x: middle.x, y: middle.y - 0.5 };
    const { box } =
      target.kind === "block" ? this.layout.placeOf(target.index) : this.layout.placeOfSection(target.index);
    return { x: middle.x, y: (box.minY + middle.y) / 2 };
  }

  private clicked(spot: Point): void {
    const { k } = this.view;
    const world = toWorld(this.view, spot);
    const target = targetAt(this.layout, world, k);
    if (!target) return;
    if (target.kind === "section") this.goNearer(target.index, world);
    else if (k >= this.pressedFrom()) this.press(target);
    else this.showBlock(blockOf(this.store.plan, target.index).index, world);
  }

  private pressedFrom(): number {
    return Math.min(this.touched ? TOUCH_FROM : MOUSE_FROM, Math.max(this.fit().k, MOUSE_FROM));
  }

  private press(target: Target): void {
    if (this.touched) this.setHovered(target);
    this.listener.onPress(target.index);
  }

  /** To the section if that is nearer, else to the block, else a step nearer to the point. */
  private goNearer(section: number, world: Point): void {
    const { k } = this.view;
    const view = viewOf(this.layout.placeOfSection(section).box, this.size, PADDING, NEAREST);
    const block = this.layout.blockAt(world);
    if (view.k > k * 1.3) this.gestures.moveTo(view, true);
    else if (block) this.showBlock(block.block.index, world);
    else this.showSpot(world, Math.max(k * 3, SEATS_ALL));
  }

  private moveFocus(direction: Point): void {
    const from = this.focused ?? this.nearestTo({ x: this.size.width / 2, y: this.size.height / 2 });
    const next = this.focused ? nextTarget(this.layout, from, direction) : from;
    if (!next) return;
    this.setHovered(null);
    this.setFocused(next);
    this.reveal(next);
  }

  private enter(): void {
    const target = this.focused;
    if (!target) this.focus();
    else if (target.kind === "seat") this.listener.onPress(target.index);
    else if (target.kind === "block") this.enterBlock(target.index);
    else this.enterSection(target.index);
  }

  private enterSection(section: number): void {
    const [first, second] = at(this.store.plan.sections, section).blocks;
    if (!first) return;
    this.showSection(section);
    if (second) this.setFocused({ kind: "block", index: first.index });
    else this.enterBlock(first.index);
  }

  private enterBlock(index: number): void {
    const block = at(this.store.plan.blocks, index);
    const seat = this.store.firstFree(block) ?? seatAt(block, 0, 0);
    if (seat !== undefined) this.setFocused({ kind: "seat", index: seat });
    this.showBlock(index, seat === undefined ? undefined : this.layout.seat(seat));
  }

  /** One level up; false when there is none, so that the key may mean something else. */
  private leave(): boolean {
    const target = this.focused;
    if (target?.kind === "seat") {
      const block = blockOf(this.store.plan, target.index);
      this.setFocused({ kind: "block", index: block.index });
      this.showSection(block.section);
    } else if (target?.kind === "block") {
      this.setFocused({ kind: "section", index: at(this.store.plan.blocks, target.index).section });
      this.showAll();
    } else if (this.place.zoomed) this.showAll();
    else return false;
    return true;
  }

  /** What the keyboard begins with: what is in the middle, on the level that is drawn. */
  private nearestTo(spot: Point): Target {
    const world = toWorld(this.view, spot);
    const found = targetAt(this.layout, world, this.view.k);
    if (found && (found.kind === "section" || this.view.k >= MOUSE_FROM)) return found;
    const distance = (middle: Point) => Math.hypot(middle.x - world.x, middle.y - world.y);
    const nearest = [...this.layout.sections].sort((a, b) => distance(a.middle) - distance(b.middle))[0];
    return { kind: "section", index: nearest?.index ?? 0 };
  }

  /** Brings a thing into view when it is at the edge or beyond. */
  private reveal(target: Target): void {
    const { x, y } = toScreen(this.view, middleOf(this.layout, target));
    const margin = 60;
    const right = Math.min(x - margin, 0) + Math.max(x - this.size.width + margin, 0);
    const down = Math.min(y - margin, 0) + Math.max(y - this.size.height + margin, 0);
    if (right !== 0 || down !== 0) this.gestures.panBy(-right, -down);
  }

  private invalidate(): void {
    if (this.frame !== 0 || this.size.width === 0 || this.end.signal.aborted) return;
    this.frame = requestAnimationFrame(now => this.draw(now));
  }

  private draw(now: number): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { view, size, dpr } = this;
    const settled = performance.now() - this.scaledAt > SETTLED_MS;
    const more = this.painter.draw(
      view,
      size,
      dpr,
      { hovered: this.hovered, focused: this.focused },
      settled,
      now,
    );
    if (this.place.zoomed) this.minimap.draw(this.scene, view, size, dpr, now);
    if (more) this.invalidate();
  }
}

function around({ x, y }: Point, reach: number): Box {
  return { minX: x - reach, minY: y - reach, maxX: x + reach, maxY: y + reach };
}

function grown({ minX, minY, maxX, maxY }: Box, by: number): Box {
  return { minX: minX - by, minY: minY - by, maxX: maxX + by, maxY: maxY + by };
}
