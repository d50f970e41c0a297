//! The part of d3-transition that d3-zoom and this map need, in its place (see
//! vite.config.ts): one animated move of an element at a time. The whole of it brings colours,
//! styles and strings, a fifth of the map's code, and nothing here moves them.
//!
//! Promises: a move that is interrupted before its first frame notifies nobody; every other ends
//! with `end` or with `interrupt`.

import { select, selection } from "d3-selection";

type Tween = (share: number) => void;

const current = new WeakMap<Element, Move>();

class Move {
  private readonly element: Element;
  private readonly listeners = new Map<string, () => void>();
  private makeTween: ((this: Element) => Tween) | undefined;
  private moved: Tween | undefined;
  private milliseconds = 250;
  private begun = 0;
  private frame: number;

  constructor(element: Element) {
    this.element = element;
    interrupt(element);
    current.set(element, this);
    this.frame = requestAnimationFrame(now => this.begin(now));
  }

  selection() {
    return select(this.element);
  }

  duration(milliseconds: number): this {
    this.milliseconds = milliseconds;
    return this;
  }

  call(action: (move: this, ...options: unknown[]) => void, ...options: unknown[]): this {
    action(this, ...options);
    return this;
  }

  on(names: string, listener: () => void): this {
    for (const name of names.split(" ")) this.listeners.set(name.split(".")[0] ?? name, listener);
    return this;
  }

  /** As d3 has it: made when the move begins, then called with how far it is. */
  tween(_name: string, make: (this: Element) => Tween): this {
    this.makeTween = make;
    return this;
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    current.delete(this.element);
    if (this.moved) this.notify("interrupt");
  }

  private begin(now: number): void {
    this.begun = now;
    this.notify("start");
    this.moved = this.makeTween?.call(this.element) ?? (() => {});
    this.step(now);
  }

  private step(now: number): void {
    const share = Math.min((now - this.begun) / this.milliseconds, 1);
    this.moved?.(eased(share));
    if (share < 1) {
      this.frame = requestAnimationFrame(next => this.step(next));
      return;
    }
    current.delete(this.element);
    this.notify("end");
  }

  private notify(name: string): void {
    this.listeners.get(name)?.call(this.element);
  }
}

/** Ends the move of an element, if it has one. */
export function interrupt(element: Element): void {
  current.get(element)?.stop();
}

interface Selected {
  node(): Element | null;
}

Object.assign(selection.prototype, {
  transition(this: Selected) {
    const element = this.node();
    return element && new Move(element);
  },
  interrupt(this: Selected) {
    const element = this.node();
    if (element) interrupt(element);
    return this;
  },
});

/** Slow at both ends. */
function eased(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - 4 * (1 - share) ** 3;
}
