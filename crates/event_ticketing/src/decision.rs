//! How a use case changes an event: a pure decision on a working set, whose changes a store carries
//! out in one transaction.
//!
//! Promises: a decision that refuses has changed nothing. Never: loads or stores.

use kernel::{EventId, UserId, Violation};
use stream::Outgoing;

use crate::domain::event::Event;

/// A use case that changes one event, as a value. To add one, see the crate's documentation.
pub trait Decision: Send + Sync {
    /// The event that the set must hold.
    fn needs(&self) -> EventId;

    /// Judges what is stored. It may run again on newer facts until its changes are committed.
    ///
    /// # Errors
    /// When it refuses.
    fn decide(&self, set: &mut WorkingSet) -> Result<Event, Refusal>;
}

/// Why an event stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such event, or it is another seller's.
    NotFound,
    SectionNotFound,
    /// What it would change is fixed once the event is on sale.
    OnSale,
    /// Every broken rule with its place.
    Invalid(Vec<Violation>),
}

/// The facts of one transaction, and what was decided about them.
#[derive(Debug, Default)]
pub struct WorkingSet {
    stored: Option<Event>,
    event: Option<Event>,
    outgoing: Vec<Outgoing>,
}

/// What a store must carry out, all or nothing.
#[derive(Debug, Default)]
pub struct Changes {
    /// The stored event; none when there is no row yet.
    pub stored: Option<Event>,
    /// The event as it becomes; none when it stays as it is.
    pub event: Option<Event>,
    pub outgoing: Vec<Outgoing>,
}

impl WorkingSet {
    /// Takes in the stored event.
    pub fn new(stored: Option<Event>) -> Self {
        Self { stored, ..Self::default() }
    }

    /// The event, if it is this seller's.
    pub(crate) fn own(&self, seller: UserId) -> Result<Event, Refusal> {
        let own =
            |event: &Event| event.seller_id == seller || kernel::planted("events.changed-by-any-seller");
        self.stored.clone().filter(own).ok_or(Refusal::NotFound)
    }

    pub(crate) fn put(&mut self, event: Event) {
        self.event = Some(event);
    }

    pub(crate) fn send(&mut self, message: Outgoing) {
        self.outgoing.push(message);
    }

    /// Everything that was decided.
    pub fn into_changes(self) -> Changes {
        Changes { stored: self.stored, event: self.event, outgoing: self.outgoing }
    }
}
