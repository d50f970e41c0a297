//! How a house is divided between sold, held and free, as one bar. The numbers stand beside it,
//! where it is used.

import type { Counts } from "#api";
import css from "./HouseBar.module.css";

export function HouseBar({ counts, thin = false }: { readonly counts: Counts; readonly thin?: boolean }) {
  const { sold, reserved, available } = counts;
  const all = Math.max(sold + reserved + available, 1);
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      className={css.bar}
      data-thin={thin || undefined}
      viewBox={`0 0 ${all} 1`}
      preserveAspectRatio="none"
    >
      <rect className={css.free} width={all} height="1" />
      <rect className={css.held} width={sold + reserved} height="1" />
      <rect className={css.sold} width={sold} height="1" />
    </svg>
  );
}
