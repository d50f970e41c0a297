//! The picture of a seat's state, as on the map, for legend, tooltip and list.

import type { MapMode } from "../types";
import type { SeatState } from "./choice";

export interface SeatMarkProps {
  readonly state: SeatState;
  readonly mode?: MapMode;
  /** Of a free seat; the text's colour where it is absent. */
  readonly colour?: string | undefined;
  readonly size?: number;
}

export function SeatMark({ state, mode = "buyer", colour = "currentColor", size = 16 }: SeatMarkProps) {
  return (
    <svg width={size} height={size} viewBox="-8 -8 16 16" aria-hidden="true" focusable="false">
      {mode === "seller" ? sellerShape(state, colour) : buyerShape(state, colour)}
    </svg>
  );
}

function buyerShape(state: SeatState, colour: string) {
  if (state === "free") return <circle r="6.4" fill={colour} />;
  if (state === "mine") {
    return (
      <>
        <rect x="-7" y="-7" width="14" height="14" rx="3.2" fill="var(--seat-mine)" />
        <path
          d="M0-4.8 1.3-1.6 4.6-1.5 2 .7 2.8 3.9 0 2.1-2.8 3.9-2 .7-4.6-1.5-1.3-1.6Z"
          fill="var(--seat-mine-ink)"
        />
      </>
    );
  }
  if (state === "chosen") {
    return (
      <>
        <circle r="7.4" fill="var(--seat-mine)" />
        <path d="M-3.2.3-.8 2.7 3.5-2.4" {...stroke("var(--seat-mine-ink)", 1.8)} />
      </>
    );
  }
  if (state === "reserved") return <circle r="5.6" {...stroke("var(--seat-taken-mark)", 1.6)} />;
  return (
    <>
      <circle r="5.6" fill="var(--seat-taken)" />
      <path d="M-2-2 2 2M2-2-2 2" {...stroke("var(--seat-taken-mark)", 1.4)} />
    </>
  );
}

function sellerShape(state: SeatState, colour: string) {
  if (state === "sold") return <circle r="6.4" fill="var(--good)" />;
  if (state === "reserved") {
    return (
      <>
        <circle r="5.6" {...stroke("var(--warn)", 1.6)} />
        <path d="M-5.8 0A5.8 5.8 0 0 0 5.8 0Z" fill="var(--warn)" />
      </>
    );
  }
  return <circle r="5.6" {...stroke(colour, 1.6)} />;
}

function stroke(colour: string, width: number) {
  return {
    fill: "none",
    stroke: colour,
    strokeWidth: width,
    strokeLinecap: "round",
    strokeLinejoin: "round",
  } as const;
}
