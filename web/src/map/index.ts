//! The live seat map: a store of an event's seats, the map, and its list twin.
//!
//! Everything that other parts of the application may use is named here; nothing else of this
//! folder is. A page makes a store with `useSeatStore(event)`, keeps the selection itself, and
//! gives both to `<SeatMap>` and `<SeatList>`.

export { openSeatFeed } from "./feed";
export { formatMoney } from "./money";
export { useConnection, useCounts, useSeatStore, useSectionCounts, useStoreLoaded } from "./react/hooks";
export { SeatList } from "./react/SeatList";
export { SeatMap } from "./react/SeatMap";
export { SelectionGuard } from "./react/SelectionGuard";
export { SeatStore } from "./store";
export type {
  Connection,
  Counts,
  EventOutline,
  FeedEvent,
  MapMode,
  Money,
  Seat,
  SeatChoiceProps,
  SeatListProps,
  SeatMapHandle,
  SeatMapProps,
  SeatStatus,
  SectionOutline,
  StoreChange,
  SubsectionOutline,
} from "./types";
