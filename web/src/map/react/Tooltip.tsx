//! What the mouse or the keyboard points at, in words, beside it. The same is spoken by the map's
//! live region.

import { useLayoutEffect, useRef } from "react";
import type { Target } from "../engine/scene";
import type { Point } from "../layout/polar";
import type { SeatChoiceProps } from "../types";
import { describeTarget } from "./describe";
import { useStoreVersion } from "./hooks";
import styles from "./SeatMap.module.css";
import { SeatMark } from "./SeatMark";
import { useMapLocale, useMapTexts } from "./texts";

const GAP = 10;
const EDGE = 8;

export interface TooltipProps {
  readonly choice: SeatChoiceProps;
  readonly target: Target;
  /** Where on the map its upper end is. */
  readonly spot: Point;
}

export function Tooltip({ choice, target, spot }: TooltipProps) {
  useStoreVersion(choice.store);
  const texts = useMapTexts();
  const locale = useMapLocale();
  const box = useRef<HTMLDivElement>(null);
  const { title, detail, price, state, mark } = describeTarget(choice, texts, locale, target);

  useLayoutEffect(() => {
    if (box.current) place(box.current, spot);
  });

  return (
    <div ref={box} className={styles.tooltip} aria-hidden="true">
      <strong>{title}</strong>
      {detail && <span>{detail}</span>}
      <span className={styles.tooltipPrice}>{price}</span>
      <span className={styles.tooltipState}>
        {mark && <SeatMark state={mark} mode={choice.mode ?? "buyer"} size={14} />}
        {state}
      </span>
    </div>
  );
}

/** Above its spot, below where there is no room, and never beyond the map. */
function place(box: HTMLElement, { x, y }: Point): void {
  const { offsetWidth: width, offsetHeight: height, offsetParent: map } = box;
  const most = (map?.clientWidth ?? 0) - width - EDGE;
  const left = Math.max(Math.min(x - width / 2, most), EDGE);
  const above = y - height - GAP;
  const top = above >= EDGE ? above : y + 2.5 * GAP;
  box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}
