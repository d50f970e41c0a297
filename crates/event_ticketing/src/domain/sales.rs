//! Sales figures: sums that move with the tickets.
//!
//! Never: counts seat by seat.

use std::collections::BTreeMap;

use kernel::{Currency, EventId, SectionName, Timestamp, UserId};

/// The figures of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSales {
    pub seller_id: UserId,
    pub currency: Currency,
    /// In the seller's order.
    pub sections: Vec<SectionSales>,
    /// Ascending; only minutes with sales.
    pub minutes: Vec<MinuteSales>,
}

/// What changes in one section's figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delta {
    pub available: i64,
    pub reserved: i64,
    pub sold: i64,
    pub revenue_minor: i64,
}

impl Delta {
    pub fn add(&mut self, other: Self) {
        self.available += other.available;
        self.reserved += other.reserved;
        self.sold += other.sold;
        self.revenue_minor += other.revenue_minor;
    }

    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// The figures of one section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionSales {
    pub name: SectionName,
    pub available: u64,
    pub reserved: u64,
    pub sold: u64,
    pub revenue_minor: i64,
}

/// What was sold in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinuteSales {
    /// The minute's beginning.
    pub at: Timestamp,
    pub sold: i64,
    pub revenue_minor: i64,
}

/// The changes of one batch, summed up.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SalesChanges {
    pub sections: BTreeMap<(EventId, SectionName), Delta>,
    /// By the beginning of the minute.
    pub minutes: BTreeMap<(EventId, Timestamp), Delta>,
}

const MINUTE_MS: i64 = 60_000;

impl SalesChanges {
    pub fn add(&mut self, event: EventId, section: &SectionName, at: Timestamp, delta: Delta) {
        self.sections.entry((event, section.clone())).or_default().add(delta);
        if delta.sold > 0 && !kernel::planted("sales.minutes-not-kept") {
            let minute = Timestamp::from_millis(at.as_millis().div_euclid(MINUTE_MS) * MINUTE_MS);
            self.minutes.entry((event, minute)).or_default().add(delta);
        }
    }
}
