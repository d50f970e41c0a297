//! What the seat engine answers: `BookingUpdatedToPendingPayment` and `BookingUpdatedToFailed`.
//!
//! Promises: an answer counts once; a hold that nobody wants any more (the booking is cancelled, or has another hold) goes back at once.

use std::time::Duration;

use kernel::{
    BookingId, EventId, Fault, Timestamp,
    message::{BookingUpdatedToFailed, Envelope, EventOnSale, Failure, Grant, Message, Source},
    topic::Lane,
};
use stream::Record;

use super::{Bookings, messages, working_set::WorkingSet};
use crate::{
    Booking,
    domain::booking::Granted,
    ports::{BookingStore, PaymentProvider},
};

/// One answer, and where it lies in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatAnswer {
    pub verdict: Verdict,
    pub lane: Lane,
    pub source: Option<Source>,
    /// How long the buyer has to pay.
    pub payment_window: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Granted(Grant),
    Failed { booking_id: BookingId, event_id: EventId, failure: Failure },
}

impl SeatAnswer {
    pub fn booking_id(&self) -> BookingId {
        match &self.verdict {
            Verdict::Granted(grant) => grant.hold.booking_id,
            Verdict::Failed { booking_id, .. } => *booking_id,
        }
    }
}

/// A record of a topic that booking reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    Answer(SeatAnswer),
    OnSale(EventOnSale, Timestamp),
}

/// Reads a record of booking's topics.
///
/// # Errors
/// The reason, when it cannot be understood or is not for booking.
pub fn understand(record: &Record, payment_window: Duration) -> Result<Incoming, String> {
    let envelope = Envelope::decode(record.payload.clone()).map_err(|error| error.to_string())?;
    let verdict = match envelope.message {
        Message::BookingUpdatedToPendingPayment(grant) => Verdict::Granted(grant),
        Message::BookingUpdatedToFailed(BookingUpdatedToFailed { booking_id, event_id, failure }) => {
            Verdict::Failed { booking_id, event_id, failure }
        }
        Message::EventOnSale(event) => return Ok(Incoming::OnSale(event, envelope.at)),
        _ => return Err("this message is not for booking".to_owned()),
    };
    let (lane, source) = (record.source.topic.lane, Some(record.source));
    Ok(Incoming::Answer(SeatAnswer { verdict, lane, source, payment_window }))
}

/// Decides one of a batch. Facts: the booking that it names.
pub fn decide(set: &mut WorkingSet, answer: &SeatAnswer, now: Timestamp) {
    let booking = set.booking(answer.booking_id()).cloned();
    match &answer.verdict {
        Verdict::Granted(grant) => {
            let granted =
                booking.map_or(Granted::Orphan, |b| b.granted(grant.clone(), now, answer.payment_window));
            match granted {
                Granted::Held(booking) => {
                    set.put_booking(booking);
                }
                Granted::Known => {}
                Granted::Orphan => {
                    set.send(messages::release(answer.lane, grant.clone(), now, answer.source));
                }
            }
        }
        Verdict::Failed { failure, .. } => {
            if let Some(Ok(failed)) = booking.map(|booking| booking.refused(*failure, now)) {
                set.put_booking(failed);
            }
        }
    }
}

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    /// Carries out answers and tells whom they concern.
    ///
    /// # Errors
    /// When the store fails; then none of them counts.
    pub async fn answer(&self, answers: Vec<SeatAnswer>) -> Result<(), Fault> {
        let changed = self.store.answer(answers, self.clock.now()).await?;
        self.answered(&changed);
        Ok(())
    }

    /// Reminds of the deadlines of bookings that an answer changed, and tells their buyers. Call it after the commit; again is the same.
    pub fn answered(&self, changed: &[Booking]) {
        self.tell(changed);
    }
}
