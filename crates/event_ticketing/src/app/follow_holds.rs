//! The projection of the log: tickets and sales figures follow the holds, and the seat engine is
//! notified of what was sold or released.
//!
//! Promises: a record is applied once; a record that cannot be decoded, or names an unknown
//! section, becomes a dead letter.

use std::{collections::HashMap, sync::Arc};

use kernel::{Clock, EventId, Fault, SectionName, message::Envelope};
use stream::{DeadLetter, Position, Record, projection::Projection};

use crate::{
    domain::holds::{HoldBatch, HoldMessage, Route},
    ports::{EventStore, HoldStore},
};

/// The service's reading of the log.
pub struct TicketProjection {
    events: Arc<dyn EventStore>,
    holds: Box<dyn HoldStore>,
    clock: Arc<dyn Clock>,
    /// The routes of each event's messages; they never change once it is on sale.
    routes: HashMap<EventId, HashMap<SectionName, Route>>,
}

impl TicketProjection {
    pub fn new(events: Arc<dyn EventStore>, holds: Box<dyn HoldStore>, clock: Arc<dyn Clock>) -> Self {
        Self { events, holds, clock, routes: HashMap::new() }
    }

    async fn read(&mut self, records: &[Record]) -> Result<HoldBatch, Fault> {
        let (mut messages, mut dead_letters, mut routes) = (Vec::new(), Vec::new(), HashMap::new());
        for record in records {
            match self.read_one(record).await? {
                Ok((message, route)) => {
                    routes.insert((message.grant.event_id, message.grant.section.clone()), route);
                    messages.push(message);
                }
                Err(reason) => dead_letters.push(DeadLetter { record: record.clone(), reason }),
            }
        }
        Ok(HoldBatch { messages, dead_letters, routes, read_at: self.clock.now() })
    }

    async fn read_one(&mut self, record: &Record) -> Result<Result<(HoldMessage, Route), String>, Fault> {
        let envelope = match Envelope::decode(record.payload.clone()) {
            Ok(envelope) => envelope,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let Some(message) = HoldMessage::read(envelope, record.source) else {
            return Ok(Err("the message is not for event_ticketing".to_owned()));
        };
        let route = self.route(message.grant.event_id, &message.grant.section).await?;
        Ok(route.map(|route| (message, route)).ok_or_else(|| "no event has this section".to_owned()))
    }

    async fn route(&mut self, id: EventId, section: &SectionName) -> Result<Option<Route>, Fault> {
        if !self.routes.contains_key(&id) {
            let Some(event) = self.events.event(id).await? else { return Ok(None) };
            let lane = event.lane();
            let routes = event.sections.into_iter().map(|s| (s.name, (lane, s.partition))).collect();
            self.routes.insert(id, routes);
        }
        Ok(self.routes.get(&id).and_then(|routes| routes.get(section).copied()))
    }
}

impl Projection for TicketProjection {
    async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
        self.holds.positions().await
    }

    async fn apply(&mut self, records: &[Record]) -> Result<(), Fault> {
        let batch = self.read(records).await?;
        self.holds.apply(records, batch).await
    }
}
