//! The limits of an event, as the program holds them (`kernel::limits`), so that they can be
//! explained while someone types.
//!
//! Never: decides; the program judges what it is sent. A test holds these numbers against the
//! program's.

export const SEATS_PER_EVENT = 500_000;
export const SECTIONS_PER_EVENT = 100;
export const SUBSECTIONS_PER_SECTION = 1_000;
export const ROWS_PER_SUBSECTION = 1_000;
export const SEATS_PER_ROW = 1_000;
export const SECTION_NAME_CHARS = 32;
export const SEATS_PER_BOOKING = 10;
export const SEATS_PER_BOOKING_DEFAULT = 4;
export const PRICE_MINOR = 100_000_000_000;
export const EVENT_NAME_CHARS = 200;
export const EVENT_DESCRIPTION_CHARS = 10_000;
export const REQUEST_BODY_BYTES = 1024 * 1024;
