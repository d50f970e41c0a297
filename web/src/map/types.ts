//! The words of the seat map: the outline of an event, seats, counts, and what its components are
//! given.
//!
//! Promises: `EventOutline` is a part of the API's event, so that an event can be passed as it
//! came.
//! Never: anything but types stands here.

import type { Subsection } from "#api";

export interface Money {
  readonly amount_minor: number;
  readonly currency: string;
  /** How many digits of the amount are decimals. */
  readonly decimals: number;
}

export type SeatStatus = "available" | "reserved" | "sold";

/** How many seats have which status. */
export interface Counts {
  available: number;
  reserved: number;
  sold: number;
}

/** What a plan must say of a subsection; whatever else the API says of it may be there. */
export type SubsectionOutline = Readonly<
  Pick<Subsection, "number" | "rows" | "seats_per_row"> & Partial<Subsection>
>;

export interface SectionOutline {
  readonly name: string;
  readonly price: Money;
  readonly subsections: readonly SubsectionOutline[];
}

/**
 * What the map needs to know of an event. Counts, where given, are shown until the first snapshot.
 */
export interface EventOutline {
  readonly id: string;
  readonly sections: readonly SectionOutline[];
}

/** A seat with all that a person reads about it. */
export interface Seat {
  /** `A-1-1-1`: section, subsection, row, seat. */
  readonly id: string;
  readonly section: string;
  readonly subsection: number;
  readonly row: number;
  readonly seat: number;
  readonly price: Money;
  readonly status: SeatStatus;
}

/**
 * A server-sent event of `GET /v1/events/{id}/live`, as `EventSource` or any other reader gives it.
 */
export interface FeedEvent {
  readonly type: string;
  readonly data: string;
  /** The id of this event, or of the last one before it that had one. */
  readonly lastEventId: string;
}

/**
 * Whether what is shown is what the server has.
 * `connecting`: nothing came yet. `live`: it is. `reconnecting`: the connection is lost since
 * `since`; what is shown may be old.
 */
export interface Connection {
  readonly state: "connecting" | "live" | "reconnecting";
  /** Milliseconds since 1970, when this state began. */
  readonly since: number;
}

/** What one change of a store touched. Seats and blocks are numbers of the plan. */
export interface StoreChange {
  /** Everything may have changed: a snapshot came. */
  readonly whole: boolean;
  /** Seats whose status changed; complete unless `whole`. */
  readonly seats: readonly number[];
  /** Subsections whose counts changed; complete unless `whole`. */
  readonly blocks: readonly number[];
  /** Prices of sections changed. */
  readonly prices: boolean;
  /** The connection changed. */
  readonly connection: boolean;
}

/**
 * `buyer`: own seats are marked, free ones have the colour of their price. `seller`: how much is
 * sold is shown as heat.
 */
export type MapMode = "buyer" | "seller";

/** What the map and the list are given alike. */
export interface SeatChoiceProps {
  readonly store: import("./store").SeatStore;
  readonly mode?: MapMode | undefined;
  /** Ids of the seats that are chosen now. */
  readonly selection: ReadonlySet<string>;
  /** Ids of seats that are mine already: booked or paid. */
  readonly mine?: ReadonlySet<string> | undefined;
  /** Ids of seats of a booking in flight: shown as mine, never reported as lost. */
  readonly claiming?: ReadonlySet<string> | undefined;
  /** A free seat was chosen, or a chosen one given back. In seller mode: any seat was pressed. */
  readonly onToggleSeat?: ((seat: Seat) => void) | undefined;
  /** How many seats may be chosen; more are refused, and the map and the list say why. */
  readonly maxSelectable?: number | undefined;
  /** Seats of one section only: a seat of another one starts the choice over. */
  readonly oneSection?: boolean | undefined;
}

export interface SeatMapProps extends SeatChoiceProps {
  /** What the map is called for a screen reader, usually the event's name. */
  readonly label: string;
  /** Sections to point out; the others step back. Null or absent: none. */
  readonly spotlight?: ReadonlySet<string> | null | undefined;
  /** The section or subsection in view changed; both null when the whole house is. */
  readonly onPlaceChange?:
    | ((place: { section: string | null; subsection: number | null }) => void)
    | undefined;
  readonly className?: string | undefined;
}

/** What a parent may ask the map to do, by `ref`. */
export interface SeatMapHandle {
  /** Shows the whole house. */
  showAll(): void;
  showSection(section: string): void;
  showSubsection(section: string, subsection: number): void;
  /** Brings these seats into view, near enough to read their numbers. */
  showSeats(ids: Iterable<string>): void;
}

export interface SeatListProps extends SeatChoiceProps {
  readonly className?: string | undefined;
}
