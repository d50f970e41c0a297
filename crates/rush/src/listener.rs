//! A buyer's live stream: `GET /v1/me/live`, open for the whole rush.
//!
//! Promises that a dropped stream is opened again with `Last-Event-ID`, and that bookings whose
//! outcome may have been missed meanwhile are asked for once. Otherwise never polls.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::{Context as _, bail};
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use tokio::sync::oneshot;

use super::client::{Call, Connection};
use super::inbox::Step;
use super::rush::{Buyer, Rush};
use super::sse::SseReader;
use super::tally::Trouble;
use super::wire::BookingAnswer;

/// The server sends a comment every 15 s; three missed ones mean a dead connection.
const SILENCE: Duration = Duration::from_secs(45);
const PAUSE: Duration = Duration::from_millis(100);

/// Listens until aborted; signals `ready` when the first stream is open.
pub(super) async fn listen(rush: Arc<Rush>, buyer: Arc<Buyer>, ready: oneshot::Sender<()>) {
    let mut ready = Some(ready);
    let mut reader = SseReader::default();
    let mut failures = 0;
    // Then the buyer stays deaf and says so.
    let most = u32::try_from(rush.target.patience.as_millis() / PAUSE.as_millis()).unwrap_or(u32::MAX);
    while failures < most {
        let first = ready.is_some();
        match one_stream(&rush, &buyer, &mut reader, &mut ready).await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                if failures == most || first && failures == 20 {
                    rush.tally.error(Trouble::new("stream-does-not-open", format!("{error:#}")));
                    return;
                }
            }
        }
        if ready.is_none() {
            rush.tally.dropped_streams.fetch_add(1, Relaxed);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Opens the stream and reads it to its end, which is no error; not being able to open it is.
async fn one_stream(
    rush: &Arc<Rush>,
    buyer: &Arc<Buyer>,
    reader: &mut SseReader,
    ready: &mut Option<oneshot::Sender<()>>,
) -> anyhow::Result<()> {
    let mut connection = Connection::new(Arc::clone(&rush.target), Some(buyer.authorization.clone()));
    reader.reconnect();
    let response = connection.stream(&Call::get("/v1/me/live"), reader.last_id()).await?;
    if response.status() != StatusCode::OK {
        bail!("GET /v1/me/live answered {}", response.status());
    }
    match ready.take() {
        // Nobody waits any more when the preparation was given up.
        Some(ready) => drop(ready.send(())),
        None => drop(tokio::spawn(reconcile(Arc::clone(rush), Arc::clone(buyer)))),
    }
    let mut order = Order::default();
    let mut body = response.into_body();
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(SILENCE, body.frame()).await {
        let Some(bytes) = frame.data_ref() else { continue };
        let mut whole_reset = false;
        reader
            .feed(bytes, |name, data| match name {
                "booking" => {
                    order.check(rush, data);
                    rush.tell_text(buyer, data.as_bytes());
                }
                "reset" => whole_reset = true,
                _ => {}
            })
            .ok()
            .context("an event without an end")?;
        if whole_reset {
            tokio::spawn(reconcile(Arc::clone(rush), Arc::clone(buyer)));
        }
    }
    Ok(())
}

/// The updates of one stream: those of each booking only move forward.
#[derive(Default)]
struct Order(HashMap<String, Step>);

impl Order {
    fn check(&mut self, rush: &Rush, data: &str) {
        let Ok(booking) = serde_json::from_str::<BookingAnswer<'_>>(data) else { return };
        let Some(step) = Step::of(&booking) else { return };
        match self.0.get_mut(booking.id) {
            Some(last) if step.is_before(*last) => {
                rush.tally.error(Trouble::new("stream-went-back", format!("{last:?}, then {data}")));
            }
            Some(last) => *last = step,
            None => drop(self.0.insert(booking.id.to_owned(), step)),
        }
    }
}

/// Asks for every accepted booking whose outcome has not been received.
async fn reconcile(rush: Arc<Rush>, buyer: Arc<Buyer>) {
    let mut connection = Connection::new(Arc::clone(&rush.target), Some(buyer.authorization.clone()));
    for id in buyer.inbox.undecided() {
        if let Err(trouble) = ask(&rush, &buyer, &mut connection, &id).await {
            rush.tally.error(trouble);
        }
    }
}

/// Asks for one booking, and waits up to 10 s on the server's side for its decision.
pub(super) async fn ask(
    rush: &Rush,
    buyer: &Buyer,
    connection: &mut Connection,
    id: &str,
) -> Result<(), Trouble> {
    let reply = connection.call(&Call::get(format!("/v1/bookings/{id}?wait=10")), &rush.tally).await?;
    if reply.status != StatusCode::OK {
        return Err(reply.trouble("ask"));
    }
    rush.tell_text(buyer, &reply.body);
    Ok(())
}
