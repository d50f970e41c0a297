//! Records of the topics that booking reads, as decisions.
//!
//! Promises: a record that booking cannot decode is refused with the reason (a dead letter).
//! Never: a rule; each kind of record has its decision beside this file.

use std::time::Duration;

use kernel::{
    Timestamp,
    message::{BookingUpdatedToFailed, Envelope, Message},
};
use stream::Record;

use super::{
    event_on_sale::KeepOutline,
    seat_answer::{SeatAnswer, Verdict},
};
use crate::decision::{Decision, Needs, WorkingSet};

/// What a record asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    Answer(SeatAnswer),
    OnSale(KeepOutline),
}

impl Incoming {
    /// Reads a record of booking's topics, to be decided `now`.
    ///
    /// # Errors
    /// The reason, when it cannot be understood or is not for booking.
    pub fn read(record: &Record, payment_window: Duration, now: Timestamp) -> Result<Self, String> {
        let envelope = Envelope::decode(record.payload.clone()).map_err(|error| error.to_string())?;
        let verdict = match envelope.message {
            Message::BookingUpdatedToPendingPayment(grant) => Verdict::Granted(grant),
            Message::BookingUpdatedToFailed(BookingUpdatedToFailed { booking_id, failure, .. }) => {
                Verdict::Failed { booking_id, failure }
            }
            Message::EventOnSale(event) => {
                return Ok(Self::OnSale(KeepOutline { event, at: envelope.at }));
            }
            _ => return Err("this message is not for booking".to_owned()),
        };
        let (lane, source) = (record.source.topic.lane, Some(record.source));
        Ok(Self::Answer(SeatAnswer { verdict, lane, source, payment_window, now }))
    }
}

impl Decision for Incoming {
    type Answer = ();
    const DOING: &'static str = "apply messages to bookings";

    fn needs(&self) -> Needs {
        match self {
            Self::Answer(answer) => answer.needs(),
            Self::OnSale(outline) => outline.needs(),
        }
    }

    fn decide(&self, set: &mut WorkingSet) {
        match self {
            Self::Answer(answer) => answer.decide(set),
            Self::OnSale(outline) => outline.decide(set),
        }
    }
}
