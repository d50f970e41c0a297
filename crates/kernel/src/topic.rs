//! Topic names, partition keys and partitions, as `docs/ARCHITECTURE.md` lists them. The same in
//! both modes.
//!
//! A topic is `{lane}.{action}.{target-service}`: `:` of the mission text is not legal in a Kafka
//! topic name.

use std::{fmt, str::FromStr};

use crate::{EventId, SectionName, names};

/// Partitions of every topic.
pub const PARTITIONS: u16 = 10;

/// Whose topics an event uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// All events without a lane of their own.
    Shared,
    /// A large or hot event: a rush on it slows nobody else.
    Own(EventId),
}

/// The service that reads a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    Booking,
    SeatReservation,
    EventTicketing,
}

names!(Service {
    Booking = "booking-service",
    SeatReservation = "seat-reservation-service",
    EventTicketing = "event-ticketing-service",
});

/// What a topic asks its reader to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Requests for seats, and between them, in order, what opens a section and changes its price.
    TicketReserveRequest,
    UpdateTicketStatusToReserved,
    UpdateBookingStatusToPendingPayment,
    BookingStatusToFailed,
    UpdateTicketStatusToPaid,
    UpdateTicketStatusToAvailable,
    ReleaseTicketToAvailable,
    FinalizeTicketToPaid,
    /// Announces events on sale to booking, with their outlines. Always on the shared lane.
    UpdateEventToOnSale,
}

impl Action {
    pub const fn target(self) -> Service {
        match self {
            Self::TicketReserveRequest | Self::ReleaseTicketToAvailable | Self::FinalizeTicketToPaid => {
                Service::SeatReservation
            }
            Self::UpdateTicketStatusToReserved
            | Self::UpdateTicketStatusToPaid
            | Self::UpdateTicketStatusToAvailable => Service::EventTicketing,
            Self::UpdateBookingStatusToPendingPayment
            | Self::BookingStatusToFailed
            | Self::UpdateEventToOnSale => Service::Booking,
        }
    }
}

names!(Action {
    TicketReserveRequest = "ticket-reserve-request",
    UpdateTicketStatusToReserved = "update-ticket-status-to-reserved",
    UpdateBookingStatusToPendingPayment = "update-booking-status-to-pending-payment",
    BookingStatusToFailed = "booking-status-to-failed",
    UpdateTicketStatusToPaid = "update-ticket-status-to-paid",
    UpdateTicketStatusToAvailable = "update-ticket-status-to-available",
    ReleaseTicketToAvailable = "release-ticket-to-available-by-rocksdb",
    FinalizeTicketToPaid = "finalize-ticket-to-paid-by-rocksdb",
    UpdateEventToOnSale = "update-event-to-on-sale",
});

/// A topic. `Display` is its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topic {
    pub lane: Lane,
    pub action: Action,
}

impl Topic {
    pub const fn new(lane: Lane, action: Action) -> Self {
        Self { lane, action }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared => f.write_str("events"),
            Self::Own(event) => write!(f, "event-id-{event}"),
        }
    }
}

/// A text that names no lane or topic of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a topic of the form lane.action.target-service")]
pub struct InvalidTopic;

impl FromStr for Lane {
    type Err = InvalidTopic;

    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        match text.strip_prefix("event-id-") {
            Some(event) => event.parse().map(Self::Own).map_err(|_| InvalidTopic),
            None if text == "events" => Ok(Self::Shared),
            None => Err(InvalidTopic),
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.lane, self.action, self.action.target())
    }
}

impl FromStr for Topic {
    type Err = InvalidTopic;

    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        let mut parts = text.splitn(3, '.');
        let (Some(lane), Some(action), Some(target)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidTopic);
        };
        let action: Action = action.parse().map_err(|_| InvalidTopic)?;
        if action.target().as_str() != target {
            return Err(InvalidTopic);
        }
        Ok(Self { lane: lane.parse()?, action })
    }
}

/// `event-{id}-section-{S}-partition-{n}`: the key of everything about one section's seats.
pub fn section_key(event: EventId, section: &SectionName, partition: u16) -> String {
    format!("event-{event}-section-{section}-partition-{partition}")
}

/// `event-{id}`: the key of everything about one event as a whole.
pub fn event_key(event: EventId) -> String {
    format!("event-{event}")
}

/// The partition of `event-{id}` keys. The last bytes of an id are random, so events spread evenly.
pub fn event_partition(event: EventId) -> u16 {
    let bytes = event.as_bytes();
    u16::from_be_bytes([bytes[14], bytes[15]]) % PARTITIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_seeds_with_dots_and_read_back() {
        let event = EventId::new(uuid::Uuid::from_u128(123));
        let topic = Topic::new(Lane::Own(event), Action::TicketReserveRequest);
        assert_eq!(
            topic.to_string(),
            "event-id-evt_0000000000000000000000000000007b.ticket-reserve-request.seat-reservation-service"
        );
        for lane in [Lane::Shared, Lane::Own(event)] {
            for action in Action::ALL {
                let topic = Topic::new(lane, action);
                assert_eq!(topic.to_string().parse(), Ok(topic));
            }
        }
    }

    #[test]
    fn a_topic_with_another_target_is_refused() {
        assert!("events.ticket-reserve-request.booking-service".parse::<Topic>().is_err());
        assert!("events.ticket-reserve-request".parse::<Topic>().is_err());
    }
}
