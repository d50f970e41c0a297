//! The rows that the seat engine stores: what each key and value says, and how they are written.
//! Read by the live maps, the seller's monitor and the auditor; written by the engine alone.
//!
//! | kind | key after the kind byte | value after the version byte | written |
//! |---|---|---|---|
//! | 0 partition | partition | log time | when the log's time moves on |
//! | 1 section | event, section | lane, partition, price, subsections, version of the price | when it opens and when its price changes |
//! | 2 version | event, section | number of grants so far | with each grant |
//! | 3 seats | event, section, subsection, row | the row's holders | with each change of the row |
//! | 4 outcome | booking | the outcome of the booking's request | with each change of it; removed when it is forgotten |
//!
//! Promises: numbers are big-endian of fixed width and a name follows its length, so keys sort by
//! event, section (shorter names first), subsection, row, and no two keys can be mistaken for each
//! other. The same content has the same bytes, always. Only outcome rows are ever removed: a row of
//! seats that is free again has an explicit value without holders, and a row that nobody ever held
//! is absent (all its seats are free).
//! Never: decides, or guesses at bytes of another version.

mod codec;

use bytes::Bytes;
use kernel::{
    BookingId, EventId, SectionName, Timestamp, UserId,
    message::{Failure, Grant, Hold},
    plan::{SectionOutline, SubsectionOutline},
    topic::Lane,
};

use codec::{ID, MONEY, Reader, Writer, grant_bytes, name_bytes};

/// The version of the values that this program writes, but for sections.
pub const VALUE_VERSION: u8 = 1;
/// The version of a section's value. Version 1 ends before the version of the price, which is 0.
pub const SECTION_VERSION: u8 = 2;

/// The kind bytes, the first of every key.
pub mod kind {
    pub const PARTITION: u8 = 0;
    pub const SECTION: u8 = 1;
    pub const VERSION: u8 = 2;
    pub const SEATS: u8 = 3;
    pub const OUTCOME: u8 = 4;
}

/// One stored row, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatRow {
    Partition(Partition),
    Section(Section),
    Version(Version),
    Seats(Seats),
    Outcome(Outcome),
}

/// How far the time of one partition's log has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    pub partition: u16,
    /// The latest time of any record decided so far; it never goes back.
    pub log_time: Timestamp,
}

/// A section that is open: its plan, and the price in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub event_id: EventId,
    pub lane: Lane,
    /// With the price in force, which is not always the one it opened with.
    pub outline: SectionOutline,
}

/// How many grants a section has seen; the number of its latest hold. Absent: none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub event_id: EventId,
    pub section: SectionName,
    pub version: u64,
}

/// One row of seats and who holds which of them. Seats that no holder names are free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    pub event_id: EventId,
    pub section: SectionName,
    pub subsection: u16,
    pub row: u16,
    /// By hold number, ascending; each hold once.
    pub holders: Vec<Holder>,
}

/// A hold's seats in one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub hold: Hold,
    pub buyer_id: UserId,
    /// When the seats were granted, by the log's time.
    pub at: Timestamp,
    /// Sold, or only reserved.
    pub sold: bool,
    /// Seat numbers from 1, ascending; at least one.
    pub seats: Vec<u16>,
}

/// The outcome of a booking's request. A repeated request gets the same answer for as long as this
/// is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub booking_id: BookingId,
    /// The event's lane, which the answer went out on.
    pub lane: Lane,
    pub answer: Answer,
}

/// The first answer to a booking's request, and what happened to its hold since. `at` (the log's
/// time) is when it became final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Failed { event_id: EventId, failure: Failure, at: Timestamp },
    Reserved { grant: Grant },
    Released { grant: Grant, at: Timestamp },
    Sold { grant: Grant, at: Timestamp },
}

impl Answer {
    /// When it became final; a living hold is not.
    pub const fn final_at(&self) -> Option<Timestamp> {
        match self {
            Self::Reserved { .. } => None,
            Self::Failed { at, .. } | Self::Released { at, .. } | Self::Sold { at, .. } => Some(*at),
        }
    }
}

/// Why bytes are no row of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRow {
    #[error("a key of the unknown kind {0}")]
    UnknownKind(u8),
    /// A newer program wrote it; this one must not guess.
    #[error("a value of the unknown version {0}")]
    UnknownVersion(u8),
    #[error("it ends before its {0}")]
    Short(&'static str),
    #[error("bytes follow its end")]
    Long,
    #[error("its {0} is none that can be")]
    Invalid(&'static str),
}

/// Decodes one row.
///
/// # Errors
/// When the key or the value is not one that this version writes.
pub fn decode_row(key: &[u8], value: &[u8]) -> Result<SeatRow, InvalidRow> {
    let mut key = Reader::new(key);
    let mut value = Reader::new(value);
    let kind = key.u8("kind")?;
    if !(kind::PARTITION..=kind::OUTCOME).contains(&kind) {
        return Err(InvalidRow::UnknownKind(kind));
    }
    let version = value.u8("version")?;
    if version != VALUE_VERSION && (kind, version) != (kind::SECTION, SECTION_VERSION) {
        return Err(InvalidRow::UnknownVersion(version));
    }
    let row = match kind {
        kind::PARTITION => SeatRow::Partition(Partition {
            partition: key.u16("partition")?,
            log_time: value.timestamp("log time")?,
        }),
        kind::SECTION => SeatRow::Section(read_section(version, &mut key, &mut value)?),
        kind::VERSION => SeatRow::Version(Version {
            event_id: key.event()?,
            section: key.section()?,
            version: value.u64("version")?,
        }),
        kind::SEATS => SeatRow::Seats(Seats {
            event_id: key.event()?,
            section: key.section()?,
            subsection: key.u16("subsection")?,
            row: key.u16("row")?,
            holders: read_holders(&mut value)?,
        }),
        _ => SeatRow::Outcome(read_outcome(&mut key, &mut value)?),
    };
    key.end()?;
    value.end()?;
    Ok(row)
}

pub fn partition_key(partition: u16) -> Bytes {
    Writer::key(kind::PARTITION, 2).u16(partition).done()
}

pub fn section_key(event: EventId, section: &SectionName) -> Bytes {
    Writer::key(kind::SECTION, ID + name_bytes(section)).event(event).section(section).done()
}

pub fn version_key(event: EventId, section: &SectionName) -> Bytes {
    Writer::key(kind::VERSION, ID + name_bytes(section)).event(event).section(section).done()
}

pub fn seats_key(event: EventId, section: &SectionName, subsection: u16, row: u16) -> Bytes {
    Writer::key(kind::SEATS, ID + name_bytes(section) + 4)
        .event(event)
        .section(section)
        .u16(subsection)
        .u16(row)
        .done()
}

pub fn outcome_key(booking: BookingId) -> Bytes {
    Writer::key(kind::OUTCOME, ID).booking(booking).done()
}

pub(crate) fn partition_value(log_time: Timestamp) -> Bytes {
    Writer::value(8).timestamp(log_time).done()
}

pub(crate) fn version_value(version: u64) -> Bytes {
    Writer::value(8).u64(version).done()
}

pub(crate) fn section_value(lane: Lane, outline: &SectionOutline) -> Bytes {
    let rest = 1 + 2 + MONEY + 2 + 6 * outline.subsections.len() + 4;
    let mut value = Writer::value_of(SECTION_VERSION, rest).lane(lane);
    value = value.u16(outline.partition).money(outline.price);
    value = value.u16(short(outline.subsections.len()));
    for subsection in &outline.subsections {
        value = value.u16(subsection.number).u16(subsection.rows).u16(subsection.seats_per_row);
    }
    value.u32(outline.price_version).done()
}

fn read_section(version: u8, key: &mut Reader<'_>, value: &mut Reader<'_>) -> Result<Section, InvalidRow> {
    let event_id = key.event()?;
    let name = key.section()?;
    let lane = value.lane(event_id)?;
    let partition = value.u16("partition")?;
    let price = value.money()?;
    let count = value.u16("subsections")?;
    let subsections = (0..count)
        .map(|_| {
            Ok(SubsectionOutline::new(
                value.u16("subsection")?,
                value.u16("rows")?,
                value.u16("seats per row")?,
            ))
        })
        .collect::<Result<Vec<_>, InvalidRow>>()?;
    let mut outline = SectionOutline::new(name, partition, price, subsections);
    if version == SECTION_VERSION {
        outline.price_version = value.u32("version of the price")?;
    }
    Ok(Section { event_id, lane, outline })
}

/// Writes the value of a row of seats holder by holder, so that the engine needs no list of them.
pub(crate) struct SeatsValue(Writer);

impl SeatsValue {
    /// A value of that many holders with that many seats between them.
    pub(crate) fn of(holders: usize, seats: usize) -> Self {
        Self(Writer::value(holders * (2 * ID + 8 + 8 + 1 + 2) + 2 * seats))
    }

    pub(crate) fn holder(
        &mut self,
        hold: Hold,
        buyer: UserId,
        at: Timestamp,
        sold: bool,
        seats: impl ExactSizeIterator<Item = u16>,
    ) {
        let mut value = std::mem::take(&mut self.0)
            .booking(hold.booking_id)
            .u64(hold.number)
            .user(buyer)
            .timestamp(at)
            .u8(sold.into())
            .u16(short(seats.len()));
        for seat in seats {
            value = value.u16(seat);
        }
        self.0 = value;
    }

    pub(crate) fn done(self) -> Bytes {
        self.0.done()
    }
}

fn read_holders(value: &mut Reader<'_>) -> Result<Vec<Holder>, InvalidRow> {
    let mut holders: Vec<Holder> = Vec::new();
    while !value.is_empty() {
        let hold = Hold { booking_id: value.booking()?, number: value.u64("hold number")? };
        let holder = Holder {
            hold,
            buyer_id: value.user()?,
            at: value.timestamp("reserved at")?,
            sold: value.bool("status")?,
            seats: value.u16s("seats")?,
        };
        let ascending = holder.seats.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || holder.seats.first().is_none_or(|&seat| seat == 0) {
            return Err(InvalidRow::Invalid("seats"));
        }
        if holders.last().is_some_and(|before| before.hold.number >= hold.number) {
            return Err(InvalidRow::Invalid("order of holders"));
        }
        holders.push(holder);
    }
    Ok(holders)
}

const FAILED: u8 = 0;
const RESERVED: u8 = 1;
const RELEASED: u8 = 2;
const SOLD: u8 = 3;

/// The value of a request that got no seats.
pub(crate) fn failed_value(own_lane: bool, event: EventId, failure: Failure, at: Timestamp) -> Bytes {
    let value = Writer::value(2 + ID + 1 + 8).u8(own_lane.into()).u8(FAILED);
    value.event(event).u8(failure_byte(failure)).timestamp(at).done()
}

/// The value of a hold that lives.
pub(crate) fn reserved_value(own_lane: bool, grant: &Grant) -> Bytes {
    Writer::value(2 + grant_bytes(grant)).u8(own_lane.into()).u8(RESERVED).grant(grant).done()
}

/// The value of a hold that ended: sold, or released.
pub(crate) fn ended_value(own_lane: bool, sold: bool, grant: &Grant, at: Timestamp) -> Bytes {
    let state = if sold { SOLD } else { RELEASED };
    Writer::value(2 + grant_bytes(grant) + 8).u8(own_lane.into()).u8(state).grant(grant).timestamp(at).done()
}

fn read_outcome(key: &mut Reader<'_>, value: &mut Reader<'_>) -> Result<Outcome, InvalidRow> {
    let booking_id = key.booking()?;
    let own_lane = value.bool("lane")?;
    let (event_id, answer) = match value.u8("state")? {
        FAILED => {
            let event_id = value.event()?;
            let failure = failure_of(value.u8("failure")?)?;
            (event_id, Answer::Failed { event_id, failure, at: value.timestamp("failed at")? })
        }
        state @ RESERVED..=SOLD => {
            let grant = value.grant(booking_id)?;
            let event_id = grant.event_id;
            let answer = match state {
                RESERVED => Answer::Reserved { grant },
                RELEASED => Answer::Released { grant, at: value.timestamp("released at")? },
                _ => Answer::Sold { grant, at: value.timestamp("sold at")? },
            };
            (event_id, answer)
        }
        _ => return Err(InvalidRow::Invalid("state")),
    };
    Ok(Outcome { booking_id, lane: codec::lane(own_lane, event_id), answer })
}

/// The number that stands for a failure in a stored value; it never changes.
const fn failure_byte(failure: Failure) -> u8 {
    match failure {
        Failure::NoSeatsLeft => 1,
        Failure::SeatsTaken => 2,
        Failure::NotEnoughSeats => 3,
        Failure::SectionNotOpen => 4,
    }
}

fn failure_of(byte: u8) -> Result<Failure, InvalidRow> {
    let mut all = Failure::ALL.into_iter();
    all.find(|&failure| failure_byte(failure) == byte).ok_or(InvalidRow::Invalid("failure"))
}

/// A length that the limits keep far below what 16 bits hold.
fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or_else(|_| unreachable!("limits keep every list of a row below 65,536"))
}

#[cfg(test)]
mod tests;
