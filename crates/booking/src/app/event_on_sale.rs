//! An event is on sale: booking keeps its outline, to check requests against it (a projection of
//! event_ticketing's data).

use kernel::{Timestamp, message::EventOnSale};

use crate::decision::{Decision, Needs, WorkingSet};

/// An outline that came at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepOutline {
    pub event: EventOnSale,
    pub at: Timestamp,
}

impl Decision for KeepOutline {
    type Answer = ();
    const DOING: &'static str = "store the event's outline";

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, set: &mut WorkingSet) {
        set.put_event(self.event.clone(), self.at);
    }
}
