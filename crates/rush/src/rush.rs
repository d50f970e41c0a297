//! What all buyers of one rush share: the event, the beliefs about it, the clock and the counters.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::HeaderValue;
use tokio::sync::watch;

use super::args::RushArgs;
use super::client::Target;
use super::inbox::{Change, Inbox};
use super::market::Market;
use super::outline::{Outline, SeatPlace};
use super::seller::PriceList;
use super::tally::{Tally, Trouble};
use super::wire::{BookingAnswer, BookingTemplate, millis};

/// How far the times of an answer may be apart from those that its buyer measured.
const BESIDE: Duration = Duration::from_secs(1);

/// One buyer: the account's token and what it has received.
#[derive(Debug)]
pub(super) struct Buyer {
    pub(super) number: u32,
    pub(super) authorization: HeaderValue,
    pub(super) inbox: Inbox,
}

/// The shared state of a rush.
#[derive(Debug)]
pub(super) struct Rush {
    pub(super) args: RushArgs,
    pub(super) target: Arc<Target>,
    pub(super) outline: Outline,
    pub(super) template: BookingTemplate,
    pub(super) market: Market,
    pub(super) tally: Tally,
    /// What seats can have cost; none where somebody else sets the prices.
    pub(super) prices: Option<Arc<PriceList>>,
    /// Part of every Idempotency-Key, so that a second rush with the same accounts is not a replay.
    pub(super) run: String,
    clock: Instant,
    stopped: AtomicBool,
    /// Counts how often seats were seen to be back; see `reopened`.
    returns: watch::Sender<u64>,
    /// See `strangers_seats`.
    strangers: Mutex<Vec<SeatPlace>>,
}

impl Rush {
    /// A rush that has not started; its clock runs from now.
    pub(super) fn new(
        args: RushArgs,
        target: Arc<Target>,
        outline: Outline,
        prices: Option<Arc<PriceList>>,
        run: String,
    ) -> Self {
        Self {
            template: BookingTemplate::new(&outline),
            market: Market::new(&outline),
            args,
            target,
            outline,
            prices,
            tally: Tally::default(),
            run,
            clock: Instant::now(),
            stopped: AtomicBool::new(false),
            returns: watch::Sender::new(0),
            strangers: Mutex::default(),
        }
    }

    /// Did the rush make the event? Then nobody but its buyers and its stranger takes seats there.
    pub(super) fn made_the_event(&self) -> bool {
        self.prices.is_some()
    }

    /// The stranger took this seat, and nothing says that it came back.
    pub(super) fn stranger_keeps(&self, seat: SeatPlace) {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner).push(seat);
    }

    /// The seats that the stranger may still hold.
    pub(super) fn strangers_seats(&self) -> Vec<SeatPlace> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Microseconds on the rush's clock.
    pub(super) fn now_us(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Records what a buyer receives, by an answer or by the stream.
    pub(super) fn receive(&self, buyer: &Buyer, booking: &BookingAnswer<'_>) {
        match buyer.inbox.receive(&self.outline, booking, self.now_us()) {
            Ok(Change::Nothing) => {}
            Ok(Change::Decided) => {
                self.check_price(booking);
                self.check_window(buyer, booking);
                for place in self.places(booking) {
                    self.market.take(place);
                }
                Tally::add(&self.tally.granted_seats, booking.seats.len());
            }
            Ok(Change::Paid) => Tally::add(&self.tally.sold_seats, booking.seats.len()),
            Ok(Change::Cancelled) => {
                self.check_end(buyer, booking);
                self.places(booking).for_each(|place| self.market.give_back(place));
            }
            Err(trouble) => self.tally.error(trouble),
        }
    }

    /// A granted booking costs its seats at a price that was once in force.
    fn check_price(&self, booking: &BookingAnswer<'_>) {
        let Some(prices) = &self.prices else { return };
        let Some(first) = self.places(booking).next() else { return };
        let section = self.outline.section_of(first);
        let fits =
            booking.total.as_ref().zip(section).is_some_and(|(total, section)| {
                prices.allows(section, booking.seats.len(), total.amount_minor)
            });
        if !fits {
            let text = format!("{}: {:?} for {:?}", booking.id, booking.total, booking.seats);
            self.tally.error(Trouble::new("price-never-in-force", text));
        }
    }

    /// A hold ends so long after its grant as the server gives to pay. The grant lies between the
    /// request and its answer.
    fn check_window(&self, buyer: &Buyer, booking: &BookingAnswer<'_>) {
        let (Some(window), Some(sent_us)) = (self.args.window(), buyer.inbox.sent_us(booking.id)) else {
            return;
        };
        let times = booking.created_at.and_then(millis).zip(booking.expires_at.and_then(millis));
        let given =
            times.and_then(|(created, end)| u64::try_from(end - created).ok()).map(Duration::from_millis);
        let waited = Duration::from_micros(self.now_us().saturating_sub(sent_us));
        let fits = given.is_some_and(|given| (window..=window + waited + BESIDE).contains(&given));
        if !booking.seats.is_empty() && !fits {
            let text = format!("{}: {given:?} after {waited:?}", booking.id);
            self.tally.error(Trouble::new("another-time-to-pay", text));
        }
    }

    /// A hold that its buyer did not give back lasts for the time to pay.
    fn check_end(&self, buyer: &Buyer, booking: &BookingAnswer<'_>) {
        if booking.cancel_reason == Some("expired") && !booking.seats.is_empty() {
            self.check_over(buyer, booking.id);
        }
    }

    /// The time to pay has passed, as the server says: so it has since the request, at least.
    pub(super) fn check_over(&self, buyer: &Buyer, id: &str) {
        if let Some(held) = too_short(self.args.window(), buyer.inbox.sent_us(id), self.now_us()) {
            self.tally.error(Trouble::new("hold-ended-before-its-time", format!("{id} {held:?}")));
        }
    }

    fn places(&self, booking: &BookingAnswer<'_>) -> impl Iterator<Item = SeatPlace> {
        booking.seats.iter().filter_map(|id| self.outline.place_of(id))
    }

    /// Reads a booking out of a JSON text and takes it in.
    pub(super) fn tell_text(&self, buyer: &Buyer, text: &[u8]) {
        match serde_json::from_slice(text) {
            Ok(booking) => self.receive(buyer, &booking),
            Err(error) => {
                let text = String::from_utf8_lossy(text);
                self.tally.error(Trouble::new("unreadable-booking", format!("{error}: {text}")));
            }
        }
    }

    /// No more bookings are to be made.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Relaxed);
        self.returns.send_modify(|times| *times += 1);
    }

    /// Has the rush been stopped?
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// Wakes the waiting lines when there are seats again.
    pub(super) fn seats_are_back(&self) {
        self.returns.send_modify(|times| *times += 1);
    }

    /// Waits until seats come back or the rush is stopped.
    pub(super) async fn reopened(&self) {
        let mut returns = self.returns.subscribe();
        // Nothing may be missed between the caller's look at the market and this wait for long:
        // the watcher of returns speaks up again at its next look.
        drop(tokio::time::timeout(Duration::from_secs(1), returns.changed()).await);
    }
}

/// How long a hold lasted at most, when that is less than the time to pay.
fn too_short(window: Option<Duration>, sent_us: Option<u64>, now_us: u64) -> Option<Duration> {
    let held = Duration::from_micros(now_us.saturating_sub(sent_us?));
    (held < window?).then_some(held)
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use clap::Parser;

    use super::super::outline::tests::small;
    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: RushArgs,
    }

    /// A rush in the small event, at a port where nobody listens.
    pub(crate) fn small_rush() -> Rush {
        let args = Line::parse_from(["rush", "--url", "http://127.0.0.1:1"]).args;
        let target = Target::parse(&args.url, Duration::ZERO).unwrap();
        Rush::new(args, Arc::new(target), small(), None, String::new())
    }

    #[test]
    fn a_hold_ends_no_sooner_than_its_time_after_the_request() {
        let window = Some(Duration::from_secs(4));
        assert_eq!(too_short(window, Some(1_000_000), 4_999_999), Some(Duration::from_micros(3_999_999)));
        assert_eq!(too_short(window, Some(1_000_000), 5_000_000), None);
        assert_eq!(too_short(None, Some(1_000_000), 1_000_001), None);
    }
}
