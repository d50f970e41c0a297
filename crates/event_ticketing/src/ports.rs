//! The ports of the event_ticketing service. Each duty is stated here; `adapters` implements them,
//! and one contract suite checks the real store and the in-memory one.
//!
//! Never: a rule. Who may see or change what is decided in `app`.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{EventId, Fault, SeatNo, SectionName, TicketId, UserId};
use stream::{Position, Record};

use crate::{
    decision::{Decision, Refusal},
    domain::{
        event::Event,
        holds::HoldBatch,
        sales::EventSales,
        ticket::{SoldTicket, TakenSeat, TicketStatus},
    },
};

/// Which page of a list of events.
#[derive(Debug, Clone)]
pub struct EventPage {
    pub listed: Listed,
    /// Only events that are older than this one.
    pub before: Option<EventId>,
    pub limit: u32,
}

/// Which events are listed.
#[derive(Debug, Clone)]
pub enum Listed {
    /// Those on sale that have these words, in any case, in their name or venue.
    OnSale { words: String },
    /// All of a seller, drafts too.
    Of(UserId),
}

/// Which taken seats are asked for.
#[derive(Debug, Clone)]
pub struct TakenSeats {
    pub event_id: EventId,
    pub section: Option<SectionName>,
    pub status: Option<TicketStatus>,
    /// Only seats behind this one.
    pub after: Option<SeatNo>,
    pub limit: u32,
}

/// Which page of a buyer's tickets.
#[derive(Debug, Clone, Copy)]
pub struct TicketPage {
    pub buyer_id: UserId,
    pub after: Option<TicketId>,
    pub limit: u32,
}

/// Where events, tickets and figures are kept.
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Loads the event, lets the decision judge it, and stores all that it decided (rows and
    /// messages) in one transaction. When it answers, the change is durable; on a fault nothing was
    /// changed, or it is not known whether it was. Decisions about one event happen one after
    /// another.
    async fn decide(&self, decision: Arc<dyn Decision>) -> Result<Result<Event, Refusal>, Fault>;

    /// Waits until the log has the messages of all earlier decisions; while the log is unavailable,
    /// for a few seconds at most.
    async fn delivered(&self) -> Result<(), Fault>;

    async fn event(&self, id: EventId) -> Result<Option<Event>, Fault>;

    async fn seller_of(&self, id: EventId) -> Result<Option<UserId>, Fault>;

    /// The newest first.
    async fn events(&self, page: EventPage) -> Result<Vec<Event>, Fault>;

    /// The figures of an event, with the minutes of the latest [`kernel::limits::SALES_MINUTES`].
    async fn sales(&self, id: EventId) -> Result<Option<EventSales>, Fault>;

    /// The seats that have a ticket, in order.
    async fn taken_seats(&self, which: TakenSeats) -> Result<Vec<TakenSeat>, Fault>;

    /// A buyer's tickets that were paid, in the order of their ids.
    async fn tickets(&self, page: TicketPage) -> Result<Vec<SoldTicket>, Fault>;
}

/// The same store as the reader of the log changes it. One reader counts: another that moves the
/// positions makes the next batch of this one a fault.
#[async_trait]
pub trait HoldStore: Send + 'static {
    /// The committed positions of everything that was read.
    async fn positions(&mut self) -> Result<Vec<Position>, Fault>;

    /// In one transaction: moves the positions behind these records by compare-and-set, loads how
    /// far the holds of the batch have come, lets the batch decide, and stores the holds, their
    /// tickets, the figures, the messages and the dead letters. A new ticket gets an id and a code
    /// that nobody can guess. On a fault nothing was changed, or it is not known whether it was:
    /// then the positions must be read again.
    async fn apply(&mut self, records: &[Record], batch: HoldBatch) -> Result<(), Fault>;
}
