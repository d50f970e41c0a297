//! The map's chunk: fetched when a page first shows seats.

export { SeatList, SeatMap, SelectionGuard } from "../map";
