//! What the seat engine answers: `BookingUpdatedToPendingPayment` and `BookingUpdatedToFailed`.
//!
//! Promises: an answer counts once; a hold whose booking is cancelled or has another hold is
//! released at once.

use std::time::Duration;

use kernel::{
    BookingId, Timestamp,
    message::{Failure, Grant, Source},
    topic::Lane,
};

use super::messages;
use crate::{
    decision::{Decision, Needs, WorkingSet},
    domain::booking::Granted,
};

/// One answer, and its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatAnswer {
    pub verdict: Verdict,
    pub lane: Lane,
    pub source: Option<Source>,
    /// How long the buyer has to pay.
    pub payment_window: Duration,
    pub now: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Granted(Grant),
    Failed { booking_id: BookingId, failure: Failure },
}

impl SeatAnswer {
    fn booking_id(&self) -> BookingId {
        match &self.verdict {
            Verdict::Granted(grant) => grant.hold.booking_id,
            Verdict::Failed { booking_id, .. } => *booking_id,
        }
    }
}

impl Decision for SeatAnswer {
    type Answer = ();
    const DOING: &'static str = "apply the seat engine's answer";

    fn needs(&self) -> Needs {
        Needs { bookings: vec![self.booking_id()], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) {
        let booking = set.booking(self.booking_id()).cloned();
        match &self.verdict {
            Verdict::Granted(grant) => {
                let granted = booking.map_or(Granted::Orphan, |booking| {
                    booking.granted(grant.clone(), self.now, self.payment_window)
                });
                match granted {
                    Granted::Held(booking) => {
                        set.put_booking(booking);
                    }
                    Granted::Known => {}
                    Granted::Orphan if kernel::planted("booking.orphan-hold-kept") => {}
                    Granted::Orphan => {
                        set.send(messages::release(self.lane, grant.clone(), self.now, self.source));
                    }
                }
            }
            Verdict::Failed { failure, .. } => {
                if let Some(Ok(failed)) = booking.map(|booking| booking.refused(*failure, self.now)) {
                    set.put_booking(failed);
                }
            }
        }
    }
}
