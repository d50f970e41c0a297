//! An event: its details, its plan, and whether it is on sale.
//!
//! Promises: details that exist keep the limits. Never: a change of the plan or the currency once
//! an event is on sale.

use std::ops::RangeInclusive;

use kernel::{
    Currency, EventId, Pointer, Timestamp, UserId, Violation, limits, names, plan::SectionOutline,
    topic::Lane, violation::code,
};

use super::{plan, zone};

/// An event as its seller keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub seller_id: UserId,
    pub details: Details,
    /// In the seller's order.
    pub sections: Vec<SectionOutline>,
    pub status: EventStatus,
    pub created_at: Timestamp,
}

/// What may be said about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    pub description: String,
    pub venue_name: String,
    /// The IANA name of a zone that [`zone`] knows, or one that was accepted before.
    pub time_zone: String,
    pub starts_at: Timestamp,
    pub currency: Currency,
    pub max_seats_per_booking: u16,
}

/// Details as the seller wrote them. Times were read where they came in.
#[derive(Debug, Clone)]
pub struct DetailsDraft {
    pub name: String,
    pub description: String,
    pub venue_name: String,
    pub time_zone: String,
    pub starts_at: Timestamp,
    pub currency: String,
    /// None: the default.
    pub max_seats_per_booking: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventStatus {
    /// Only its seller sees it.
    Draft,
    OnSale,
}

names!(EventStatus { Draft = "draft", OnSale = "on_sale" });

impl Event {
    /// Whose topics the event uses: its own when it is large.
    pub fn lane(&self) -> Lane {
        if plan::seats(&self.sections) >= u64::from(limits::OWN_LANE_SEATS) {
            Lane::Own(self.id)
        } else {
            Lane::Shared
        }
    }

    /// Others than its seller see it only when it is on sale.
    pub fn visible_to(&self, user: Option<UserId>) -> bool {
        self.status == EventStatus::OnSale || user == Some(self.seller_id)
    }
}

impl DetailsDraft {
    /// `before` are the details that this changes. What was accepted once stays accepted as long as
    /// it is not changed.
    ///
    /// # Errors
    /// Every broken rule with its place.
    pub fn read(self, before: Option<&Details>) -> Result<Details, Vec<Violation>> {
        let mut violations = Vec::new();
        let root = Pointer::ROOT;
        let mut length = |text: &str, field: &str, range: RangeInclusive<usize>| {
            if !range.contains(&text.trim().chars().count()) {
                let (least, most) = (range.start(), range.end());
                let detail = format!("Must be {least} to {most} characters long.");
                violations.push(root.field(field).violation(code::OUT_OF_RANGE, detail));
            }
        };
        length(&self.name, "name", 1..=limits::EVENT_NAME_CHARS);
        length(&self.venue_name, "venue_name", 0..=limits::EVENT_NAME_CHARS);
        length(&self.description, "description", 0..=limits::EVENT_DESCRIPTION_CHARS);
        let kept = before.map(|before| &before.time_zone).filter(|kept| **kept == self.time_zone);
        let time_zone = kept.cloned().or_else(|| zone::canonical(&self.time_zone).map(str::to_owned));
        if time_zone.is_none() {
            let detail = "Must be an IANA time zone name, for example Asia/Taipei.";
            violations.push(root.field("time_zone").violation(code::INVALID_FORMAT, detail));
        }
        let kept = before.map(|before| before.currency).filter(|kept| kept.code() == self.currency);
        let currency = kept.map_or_else(|| Currency::of_prices(&self.currency), Ok);
        if currency.is_err() {
            let detail =
                "Must be an ISO 4217 currency code in upper case with a minor unit, for example TWD.";
            violations.push(root.field("currency").violation(code::INVALID_FORMAT, detail));
        }
        let seats = self.max_seats_per_booking.unwrap_or(limits::SEATS_PER_BOOKING_DEFAULT.into());
        let seats = u16::try_from(seats).ok().filter(|seats| (1..=limits::SEATS_PER_BOOKING).contains(seats));
        if seats.is_none() {
            let detail = format!("Must be a number from 1 to {}.", limits::SEATS_PER_BOOKING);
            violations.push(root.field("max_seats_per_booking").violation(code::OUT_OF_RANGE, detail));
        }
        match (currency, seats, time_zone) {
            (Ok(currency), Some(max_seats_per_booking), Some(time_zone)) if violations.is_empty() => {
                Ok(Details {
                    name: self.name.trim().to_owned(),
                    description: self.description,
                    venue_name: self.venue_name.trim().to_owned(),
                    time_zone,
                    starts_at: self.starts_at,
                    currency,
                    max_seats_per_booking,
                })
            }
            _ => Err(violations),
        }
    }
}
