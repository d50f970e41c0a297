//! The live seat map.

import type { Ref } from "react";
import type { SeatMapHandle, SeatMapProps } from "../types";

export function SeatMap({ label, className }: SeatMapProps & { ref?: Ref<SeatMapHandle> }) {
  return <section className={className} aria-label={label} />;
}
