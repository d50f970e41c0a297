//! The service object. Each use case adds its method in a file of its own.

use std::sync::Arc;

use kernel::{Clock, Fault};

use crate::{
    decision::{Decision, Refusal},
    domain::event::{Event, EventStatus},
    ports::EventStore,
};

/// The event_ticketing service: its use cases on its ports.
#[derive(Clone)]
pub struct Events {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Events {
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Carries a decision out. Its messages are in the log when this returns, so everything later
    /// comes after them.
    pub(super) async fn decide(
        &self,
        decision: impl Decision + 'static,
    ) -> Result<Result<Event, Refusal>, Fault> {
        let decided = self.store.decide(Arc::new(decision)).await?;
        if decided.as_ref().is_ok_and(|event| event.status == EventStatus::OnSale) {
            self.store.delivered().await?;
        }
        Ok(decided)
    }
}
