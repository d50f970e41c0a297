//! Big-endian bytes of fixed layout, one reader and one writer. Never reads past the end, never
//! leaves a rest unseen.

use bytes::Bytes;
use kernel::{
    BookingId, Currency, EventId, Money, SeatPlace, SectionName, Timestamp, UserId,
    message::{Grant, Hold},
    topic::Lane,
};

use super::{InvalidRow, VALUE_VERSION, short};

/// Bytes of an id.
pub(super) const ID: usize = 16;
/// Bytes of money: amount and currency.
pub(super) const MONEY: usize = 11;

/// Bytes of a section's name with its length.
pub(super) fn name_bytes(section: &SectionName) -> usize {
    1 + section.as_str().len()
}

/// Bytes of a grant without its booking.
pub(super) fn grant_bytes(grant: &Grant) -> usize {
    2 * ID + name_bytes(&grant.section) + 8 + MONEY + 2 + 6 * grant.seats.len()
}

/// Appends to one key or value.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// A key whose rest has `rest` bytes. Rows are many and kept for a while, so their bytes are
    /// allocated once and exactly.
    pub(super) fn key(kind: u8, rest: usize) -> Self {
        Self::starting_with(kind, rest)
    }

    /// A value whose rest has `rest` bytes.
    pub(super) fn value(rest: usize) -> Self {
        Self::value_of(VALUE_VERSION, rest)
    }

    pub(super) fn value_of(version: u8, rest: usize) -> Self {
        Self::starting_with(version, rest)
    }

    fn starting_with(first: u8, rest: usize) -> Self {
        let mut bytes = Vec::with_capacity(1 + rest);
        bytes.push(first);
        Self(bytes)
    }

    pub(super) fn done(self) -> Bytes {
        self.0.into()
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn u8(self, value: u8) -> Self {
        self.bytes(&[value])
    }

    pub(super) fn u16(self, value: u16) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn u32(self, value: u32) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn u64(self, value: u64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn timestamp(self, at: Timestamp) -> Self {
        self.bytes(&at.as_millis().to_be_bytes())
    }

    pub(super) fn event(self, id: EventId) -> Self {
        self.bytes(id.as_bytes())
    }

    pub(super) fn booking(self, id: BookingId) -> Self {
        self.bytes(id.as_bytes())
    }

    pub(super) fn user(self, id: UserId) -> Self {
        self.bytes(id.as_bytes())
    }

    /// Length first: no name can be mistaken for another one and what follows it. 32 characters are
    /// at most 128 bytes.
    pub(super) fn section(self, name: &SectionName) -> Self {
        let length = u8::try_from(name.as_str().len())
            .unwrap_or_else(|_| unreachable!("a section name is at most 128 bytes"));
        self.u8(length).bytes(name.as_str().as_bytes())
    }

    pub(super) fn money(self, money: Money) -> Self {
        self.bytes(&money.amount_minor.to_be_bytes()).bytes(money.currency.code().as_bytes())
    }

    pub(super) fn lane(self, lane: Lane) -> Self {
        self.u8((lane != Lane::Shared).into())
    }

    /// All of a grant but its booking, which is in the key.
    pub(super) fn grant(self, grant: &Grant) -> Self {
        let mut value = self
            .event(grant.event_id)
            .section(&grant.section)
            .u64(grant.hold.number)
            .user(grant.buyer_id)
            .money(grant.unit_price)
            .u16(short(grant.seats.len()));
        for place in &grant.seats {
            value = value.u16(place.subsection).u16(place.row).u16(place.seat);
        }
        value
    }
}

/// Reads one key or value from its beginning to its end.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn end(&self) -> Result<(), InvalidRow> {
        if self.0.is_empty() { Ok(()) } else { Err(InvalidRow::Long) }
    }

    fn slice(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], InvalidRow> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(InvalidRow::Short(what))?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], InvalidRow> {
        let (head, rest) = self.0.split_first_chunk().ok_or(InvalidRow::Short(what))?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn u8(&mut self, what: &'static str) -> Result<u8, InvalidRow> {
        self.array(what).map(u8::from_be_bytes)
    }

    pub(super) fn bool(&mut self, what: &'static str) -> Result<bool, InvalidRow> {
        match self.u8(what)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(InvalidRow::Invalid(what)),
        }
    }

    pub(super) fn u16(&mut self, what: &'static str) -> Result<u16, InvalidRow> {
        self.array(what).map(u16::from_be_bytes)
    }

    pub(super) fn u16s(&mut self, what: &'static str) -> Result<Vec<u16>, InvalidRow> {
        let count = self.u16(what)?;
        let bytes = self.slice(usize::from(count) * 2, what)?;
        Ok(bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, InvalidRow> {
        self.array(what).map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, InvalidRow> {
        self.array(what).map(u64::from_be_bytes)
    }

    pub(super) fn timestamp(&mut self, what: &'static str) -> Result<Timestamp, InvalidRow> {
        self.array(what).map(|bytes| Timestamp::from_millis(i64::from_be_bytes(bytes)))
    }

    pub(super) fn event(&mut self) -> Result<EventId, InvalidRow> {
        EventId::from_slice(self.slice(16, "event")?).map_err(|_| InvalidRow::Invalid("event"))
    }

    pub(super) fn booking(&mut self) -> Result<BookingId, InvalidRow> {
        BookingId::from_slice(self.slice(16, "booking")?).map_err(|_| InvalidRow::Invalid("booking"))
    }

    pub(super) fn user(&mut self) -> Result<UserId, InvalidRow> {
        UserId::from_slice(self.slice(16, "buyer")?).map_err(|_| InvalidRow::Invalid("buyer"))
    }

    pub(super) fn section(&mut self) -> Result<SectionName, InvalidRow> {
        let length = self.u8("section")?;
        let name = std::str::from_utf8(self.slice(length.into(), "section")?);
        name.ok().and_then(|name| name.parse().ok()).ok_or(InvalidRow::Invalid("section"))
    }

    pub(super) fn money(&mut self) -> Result<Money, InvalidRow> {
        let amount = i64::from_be_bytes(self.array("price")?);
        let code = std::str::from_utf8(self.slice(3, "currency")?);
        let currency: Option<Currency> = code.ok().and_then(|code| code.parse().ok());
        Ok(Money::new(amount, currency.ok_or(InvalidRow::Invalid("currency"))?))
    }

    pub(super) fn lane(&mut self, event: EventId) -> Result<Lane, InvalidRow> {
        self.bool("lane").map(|own| lane(own, event))
    }

    pub(super) fn grant(&mut self, booking_id: BookingId) -> Result<Grant, InvalidRow> {
        let event_id = self.event()?;
        let section = self.section()?;
        let hold = Hold { booking_id, number: self.u64("hold number")? };
        let buyer_id = self.user()?;
        let unit_price = self.money()?;
        let count = self.u16("seats")?;
        let seats = (0..count)
            .map(|_| {
                Ok(SeatPlace {
                    subsection: self.u16("subsection")?,
                    row: self.u16("row")?,
                    seat: self.u16("seat")?,
                })
            })
            .collect::<Result<Vec<_>, InvalidRow>>()?;
        if seats.is_empty() || !seats.is_sorted_by(|a, b| a < b) {
            return Err(InvalidRow::Invalid("seats"));
        }
        Ok(Grant { hold, buyer_id, event_id, section, seats, unit_price })
    }
}

pub(super) fn lane(own: bool, event: EventId) -> Lane {
    if own { Lane::Own(event) } else { Lane::Shared }
}
