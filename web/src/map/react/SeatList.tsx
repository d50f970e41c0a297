//! The seats as a list: section, row, seat.

import type { SeatListProps } from "../types";

export function SeatList({ className }: SeatListProps) {
  return <div className={className} />;
}
