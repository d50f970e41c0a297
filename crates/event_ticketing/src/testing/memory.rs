//! A store in memory. It passes the same contract suite as the real one.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use kernel::{
    EventId, Fault, SeatNo, SectionName, TicketId, Timestamp, UserId, limits,
    message::{Grant, Hold},
    topic::Topic,
};
use stream::{DeadLetter, Outgoing, Position, Record};

use super::contract::Inspected;
use crate::{
    Changes, Decision, Event, EventStatus, HoldStatus, Refusal, TicketStatus, WorkingSet,
    domain::{
        holds::{Followed, HoldBatch, HoldChange},
        sales::{Delta, EventSales, MinuteSales, SectionSales},
        ticket::{SoldTicket, TakenSeat, Ticket},
    },
    ports::{EventPage, EventStore, HoldStore, Listed, TakenSeats, TicketPage},
};

/// Events, tickets and figures in memory; clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    events: BTreeMap<EventId, Event>,
    holds: BTreeMap<Hold, HoldStatus>,
    tickets: BTreeMap<(EventId, SeatNo), (Hold, SoldTicket)>,
    sections: BTreeMap<(EventId, SectionName), Delta>,
    minutes: BTreeMap<(EventId, Timestamp), Delta>,
    positions: BTreeMap<(Topic, u16), u64>,
    outgoing: Vec<Outgoing>,
    dead_letters: Vec<DeadLetter>,
    tickets_made: u128,
}

/// A reader of the log on a [`MemoryStore`].
#[derive(Debug)]
pub struct MemoryHolds {
    store: MemoryStore,
    /// The positions as this reader knows them.
    positions: BTreeMap<(Topic, u16), u64>,
}

impl MemoryStore {
    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }

    /// A reader that knows no positions yet.
    pub fn reader(&self) -> MemoryHolds {
        MemoryHolds { store: self.clone(), positions: BTreeMap::new() }
    }

    /// Messages behind the first `known` that were sent, in order.
    pub fn sent_after(&self, known: usize, limit: usize) -> Vec<Outgoing> {
        self.with(|memory| memory.outgoing.iter().skip(known).take(limit).cloned().collect())
    }

    /// How many messages were sent so far.
    pub fn sent_count(&self) -> usize {
        self.with(|memory| memory.outgoing.len())
    }

    /// Every ticket, with its hold.
    pub fn all_tickets(&self) -> Vec<(Hold, Ticket)> {
        self.with(|memory| memory.tickets.values().map(|(hold, sold)| (*hold, sold.ticket.clone())).collect())
    }

    /// How far each hold was followed.
    pub fn all_holds(&self) -> Vec<(Hold, HoldStatus)> {
        self.with(|memory| memory.holds.iter().map(|(hold, status)| (*hold, *status)).collect())
    }

    /// What each event sold in each minute.
    pub fn all_minutes(&self) -> Vec<(EventId, MinuteSales)> {
        self.with(|memory| memory.minutes.iter().map(|((id, at), delta)| (*id, minute(*at, delta))).collect())
    }

    /// The position where reading of this partition resumes.
    pub fn next(&self, topic: Topic, partition: u16) -> u64 {
        self.with(|memory| memory.positions.get(&(topic, partition)).copied().unwrap_or(0))
    }

    /// Why records were put aside.
    pub fn dead_letters(&self) -> Vec<String> {
        self.with(|memory| memory.dead_letters.iter().map(|letter| letter.reason.clone()).collect())
    }

    /// Takes the messages that are on their way to the log.
    pub fn take_outgoing(&self) -> Vec<Outgoing> {
        self.with(|memory| std::mem::take(&mut memory.outgoing))
    }
}

fn minute(at: Timestamp, delta: &Delta) -> MinuteSales {
    MinuteSales { at, sold: delta.sold, revenue_minor: delta.revenue_minor }
}

impl Memory {
    fn carry_out(&mut self, changes: Changes) {
        if let Some(event) = changes.event {
            let replaced = self.events.insert(event.id, event);
            assert_eq!(replaced, changes.stored, "decided from what is stored");
        }
        self.outgoing.extend(changes.outgoing);
    }

    fn sales(&self, event: &Event) -> EventSales {
        let section = |outline: &kernel::plan::SectionOutline| {
            let delta = self.sections.get(&(event.id, outline.name.clone())).copied().unwrap_or_default();
            let count = |value: i64| u64::try_from(value).unwrap();
            SectionSales {
                name: outline.name.clone(),
                available: count(i64::from(outline.seats()) + delta.available),
                reserved: count(delta.reserved),
                sold: count(delta.sold),
                revenue_minor: delta.revenue_minor,
            }
        };
        let minutes = self.minutes.iter().filter(|((id, _), _)| *id == event.id);
        let minutes = minutes.map(|((_, at), delta)| minute(*at, delta));
        let mut minutes: Vec<_> = minutes.rev().take(limits::SALES_MINUTES as usize).collect();
        minutes.reverse();
        EventSales {
            seller_id: event.seller_id,
            currency: event.details.currency,
            sections: event.sections.iter().map(section).collect(),
            minutes,
        }
    }

    fn follow(&mut self, followed: Followed) {
        for change in &followed.holds {
            self.holds.insert(change.grant.hold, change.after);
            if change.after.tickets().is_none() {
                self.remove_tickets(&change.grant);
            }
        }
        for change in &followed.holds {
            if let Some(status) = change.after.tickets() {
                self.put_tickets(change, status);
            }
        }
        for (key, delta) in followed.sales.sections {
            self.sections.entry(key).or_default().add(delta);
        }
        for (key, delta) in followed.sales.minutes {
            self.minutes.entry(key).or_default().add(delta);
        }
        self.outgoing.extend(followed.messages);
    }

    fn remove_tickets(&mut self, grant: &Grant) {
        for place in &grant.seats {
            let seat = SeatNo { section: grant.section.clone(), place: *place };
            if let Entry::Occupied(ticket) = self.tickets.entry((grant.event_id, seat))
                && ticket.get().0 == grant.hold
            {
                ticket.remove();
            }
        }
    }

    fn put_tickets(&mut self, change: &HoldChange, status: TicketStatus) {
        let grant = &change.grant;
        for place in &grant.seats {
            let seat = SeatNo { section: grant.section.clone(), place: *place };
            let key = (grant.event_id, seat.clone());
            if let Some((hold, sold)) = self.tickets.get_mut(&key) {
                assert_eq!(*hold, grant.hold, "a seat has one ticket");
                (sold.ticket.status, sold.ticket.since) = (status, change.at);
                continue;
            }
            self.tickets_made += 1;
            let ticket = Ticket {
                id: TicketId::from_slice(&self.tickets_made.to_be_bytes()).unwrap(),
                booking_id: grant.hold.booking_id,
                buyer_id: grant.buyer_id,
                event_id: grant.event_id,
                seat,
                price: grant.unit_price,
                status,
                since: change.at,
            };
            let code = format!("code-{}", self.tickets_made);
            self.tickets.insert(key, (grant.hold, SoldTicket { ticket, code }));
        }
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn decide(&self, decision: Arc<dyn Decision>) -> Result<Result<Event, Refusal>, Fault> {
        Ok(self.with(|memory| {
            let mut set = WorkingSet::new(memory.events.get(&decision.needs()).cloned());
            let decided = decision.decide(&mut set);
            memory.carry_out(set.into_changes());
            decided
        }))
    }

    async fn delivered(&self) -> Result<(), Fault> {
        Ok(())
    }

    async fn event(&self, id: EventId) -> Result<Option<Event>, Fault> {
        Ok(self.with(|memory| memory.events.get(&id).cloned()))
    }

    async fn seller_of(&self, id: EventId) -> Result<Option<UserId>, Fault> {
        Ok(self.with(|memory| memory.events.get(&id).map(|event| event.seller_id)))
    }

    async fn events(&self, page: EventPage) -> Result<Vec<Event>, Fault> {
        let fits = |event: &&Event| match &page.listed {
            Listed::Of(seller) => event.seller_id == *seller,
            Listed::OnSale { words } => {
                let texts = [&event.details.name, &event.details.venue_name];
                let has = |text: &String| text.to_lowercase().contains(&words.to_lowercase());
                event.status == EventStatus::OnSale && texts.into_iter().any(has)
            }
        };
        let older = |event: &&Event| page.before.is_none_or(|before| event.id < before);
        Ok(self.with(|memory| {
            let events = memory.events.values().rev().filter(older).filter(fits);
            events.take(page.limit as usize).cloned().collect()
        }))
    }

    async fn sales(&self, id: EventId) -> Result<Option<EventSales>, Fault> {
        Ok(self.with(|memory| memory.events.get(&id).map(|event| memory.sales(event))))
    }

    async fn taken_seats(&self, which: TakenSeats) -> Result<Vec<TakenSeat>, Fault> {
        let fits = |ticket: &&Ticket| {
            ticket.event_id == which.event_id
                && which.section.as_ref().is_none_or(|section| ticket.seat.section == *section)
                && which.status.is_none_or(|status| ticket.status == status)
                && which.after.as_ref().is_none_or(|after| ticket.seat > *after)
        };
        let taken = |t: &Ticket| TakenSeat {
            seat: t.seat.clone(),
            status: t.status,
            booking_id: t.booking_id,
            since: t.since,
        };
        Ok(self.with(|memory| {
            let tickets = memory.tickets.values().map(|(_, sold)| &sold.ticket);
            tickets.filter(fits).take(which.limit as usize).map(taken).collect()
        }))
    }

    async fn tickets(&self, page: TicketPage) -> Result<Vec<SoldTicket>, Fault> {
        let fits = |ticket: &Ticket| {
            ticket.buyer_id == page.buyer_id
                && ticket.status != TicketStatus::Reserved
                && page.after.is_none_or(|after| ticket.id > after)
        };
        Ok(self.with(|memory| {
            let tickets = memory.tickets.values().map(|(_, sold)| sold);
            let mut tickets: Vec<_> = tickets.filter(|sold| fits(&sold.ticket)).cloned().collect();
            tickets.sort_by_key(|sold| sold.ticket.id);
            tickets.truncate(page.limit as usize);
            tickets
        }))
    }
}

#[async_trait]
impl HoldStore for MemoryHolds {
    async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
        self.positions = self.store.with(|memory| memory.positions.clone());
        let position =
            |(&(topic, partition), &next): (&(Topic, u16), &u64)| Position { topic, partition, next };
        Ok(self.positions.iter().map(position).collect())
    }

    async fn apply(&mut self, records: &[Record], batch: HoldBatch) -> Result<(), Fault> {
        let moved = || Fault::new("follow the holds", "a position was moved by another reader");
        let mut next = self.positions.clone();
        for record in records {
            let at = next.entry((record.source.topic, record.source.partition)).or_default();
            if record.source.offset < *at {
                return Err(moved());
            }
            *at = record.source.offset + 1;
        }
        self.store.with(|memory| {
            if memory.positions != self.positions {
                return Err(moved());
            }
            memory.positions.clone_from(&next);
            let followed = batch.decide(&memory.holds);
            memory.follow(followed);
            memory.dead_letters.extend(batch.dead_letters);
            Ok(())
        })?;
        self.positions = next;
        Ok(())
    }
}

#[async_trait]
impl Inspected for MemoryStore {
    fn events(&self) -> Arc<dyn EventStore> {
        Arc::new(self.clone())
    }

    fn reader(&self) -> Box<dyn HoldStore> {
        Box::new(self.reader())
    }

    async fn sent(&self) -> Vec<Outgoing> {
        self.with(|memory| memory.outgoing.clone())
    }

    async fn dead_letters(&self) -> usize {
        self.with(|memory| memory.dead_letters.len())
    }
}
