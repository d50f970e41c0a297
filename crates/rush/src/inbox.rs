//! What one buyer has received about the own bookings, by answers and by the stream.
//!
//! Promises: updates are ordered by their revision and a final state stays; a line that waits for
//! an outcome is woken once it is known; contradictions are reported as errors. Never: asks the
//! server anything.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::outline::{Outline, SeatPlace};
use super::tally::Trouble;
use super::wire::BookingAnswer;

/// How far a booking has come, as the buyer knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Processing,
    Held,
    Paid,
    Cancelled,
    Failed(Refusal),
}

/// Why a booking failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NoSeatsLeft,
    SeatsTaken,
    NotEnoughSeats,
    Other,
}

impl State {
    /// Whether nothing may follow it.
    fn is_end(self) -> bool {
        matches!(self, Self::Paid | Self::Cancelled | Self::Failed(_))
    }

    fn read(booking: &BookingAnswer<'_>) -> Option<Self> {
        Some(match booking.status {
            "processing" => Self::Processing,
            "pending_payment" => Self::Held,
            "paid" => Self::Paid,
            "cancelled" => Self::Cancelled,
            "failed" => Self::Failed(match booking.failure.as_ref().map(|failure| failure.code) {
                Some("no-seats-left") => Refusal::NoSeatsLeft,
                Some("seats-taken") => Refusal::SeatsTaken,
                Some("not-enough-seats") => Refusal::NotEnoughSeats,
                _ => Refusal::Other,
            }),
            _ => return None,
        })
    }
}

/// How the latest payment of a booking stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Payment {
    #[default]
    None,
    /// The provider has not decided, or its answer is not known.
    Open,
    /// Late money is on its way back.
    Refunding,
    Refunded,
    Decided,
}

impl Payment {
    fn read(booking: &BookingAnswer<'_>) -> Self {
        match booking.payment.as_ref().map(|payment| payment.status) {
            None => Self::None,
            Some("pending" | "unknown") => Self::Open,
            Some("refunding") => Self::Refunding,
            Some("refunded") => Self::Refunded,
            Some(_) => Self::Decided,
        }
    }
}

/// How far a booking has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    revision: u32,
}

impl Step {
    /// None of an unknown status.
    pub(super) fn of(booking: &BookingAnswer<'_>) -> Option<Self> {
        State::read(booking).map(|_| Self { revision: booking.revision })
    }

    pub(super) fn is_before(self, other: Self) -> bool {
        self.revision < other.revision
    }
}

/// The buyer's side of a booking that was accepted; times in µs of the rush's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    pub(super) sent_us: u64,
    pub(super) accepted_us: u64,
    pub(super) quantity: u32,
    /// Did the buyer name the seats?
    pub(super) manual: bool,
}

/// All that is known of one booking.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// None while only the stream has spoken of it.
    pub(super) request: Option<Request>,
    pub(super) state: State,
    /// That of the latest news.
    pub(super) revision: u32,
    pub(super) seats: Vec<SeatPlace>,
    /// When the grant or refusal was received.
    pub(super) received_us: Option<u64>,
    /// When `paid` was received.
    pub(super) paid_us: Option<u64>,
    /// What the seats cost, minor units.
    pub(super) total_minor: Option<i64>,
    pub(super) payment: Payment,
    /// The buyer paid in the way that comes too late.
    pub(super) late: bool,
}

/// A decision on a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Granted(Vec<SeatPlace>),
    Refused(Refusal),
    /// Cancelled before the buyer learned of any seats.
    Gone,
}

/// What an update changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    Decided,
    Paid,
    Cancelled,
}

#[derive(Debug)]
struct Entry {
    record: Record,
    waiter: Option<oneshot::Sender<Outcome>>,
}

/// The bookings of one buyer by id.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    entries: Mutex<HashMap<Box<str>, Entry>>,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the system accepted a booking, and how to hear of its outcome.
    pub(super) fn accepted(&self, id: &str, request: Request) -> oneshot::Receiver<Outcome> {
        let (sender, receiver) = oneshot::channel();
        let mut entries = self.lock();
        let entry = entries.entry(id.into()).or_insert_with(Entry::new);
        entry.record.request = Some(request);
        entry.waiter = Some(sender);
        entry.wake();
        receiver
    }

    /// Takes in what the system says of a booking, at `now_us`.
    pub(super) fn receive(
        &self,
        outline: &Outline,
        booking: &BookingAnswer<'_>,
        now_us: u64,
    ) -> Result<Change, Trouble> {
        // A reused account may still hold seats of another event, whose stream is the same.
        if booking.event_id != outline.event_id {
            return Ok(Change::Nothing);
        }
        let trouble = |kind: &str| Trouble::new(kind, format!("{} {}", booking.id, booking.status));
        let state = State::read(booking).ok_or_else(|| trouble("received-unknown-status"))?;
        let seats: Option<Vec<SeatPlace>> = booking.seats.iter().map(|id| outline.place_of(id)).collect();
        let mut entries = self.lock();
        if state == State::Processing && entries.contains_key(booking.id) {
            return Ok(Change::Nothing);
        }
        let entry = entries.entry(booking.id.into()).or_insert_with(Entry::new);
        entry.record.receive(state, seats, booking, now_us).map_err(trouble).inspect(|_| entry.wake())
    }

    /// The latest received state of a booking.
    pub(super) fn state(&self, id: &str) -> Option<State> {
        self.lock().get(id).map(|entry| entry.record.state)
    }

    /// When a booking of this rush was asked for.
    pub(super) fn sent_us(&self, id: &str) -> Option<u64> {
        self.lock().get(id).and_then(|entry| entry.record.request).map(|request| request.sent_us)
    }

    /// Some booking that awaits its payment.
    pub(super) fn any_held(&self) -> Option<Box<str>> {
        let entries = self.lock();
        entries.iter().find(|(_, entry)| entry.record.state == State::Held).map(|(id, _)| id.clone())
    }

    /// Notes that a payment was made whose money comes too late.
    pub(super) fn pays_late(&self, id: &str) {
        if let Some(entry) = self.lock().get_mut(id) {
            entry.record.late = true;
        }
    }

    /// The bookings whose payment is undecided, or whose refund is in flight.
    pub(super) fn open_money(&self) -> Vec<(Box<str>, Record)> {
        let open = |record: &Record| {
            let undecided = matches!(record.payment, Payment::Open | Payment::Refunding);
            undecided && matches!(record.state, State::Held | State::Cancelled)
        };
        self.records().into_iter().filter(|(_, record)| open(record)).collect()
    }

    /// The seats that this buyer holds or has paid, as far as the buyer knows.
    pub(super) fn living_seats(&self) -> Vec<SeatPlace> {
        let entries = self.lock();
        let living = entries.values().filter(|entry| matches!(entry.record.state, State::Held | State::Paid));
        living.flat_map(|entry| entry.record.seats.iter().copied()).collect()
    }

    /// The accepted bookings whose outcome has not been received.
    pub(super) fn undecided(&self) -> Vec<Box<str>> {
        let entries = self.lock();
        let waiting =
            |entry: &Entry| entry.record.request.is_some() && entry.record.state == State::Processing;
        entries.iter().filter(|(_, entry)| waiting(entry)).map(|(id, _)| id.clone()).collect()
    }

    /// The outcomes of this rush's bookings, without those of an earlier rush.
    pub(super) fn records(&self) -> Vec<(Box<str>, Record)> {
        let entries = self.lock();
        let ours = entries.iter().filter(|(_, entry)| entry.record.request.is_some());
        ours.map(|(id, entry)| (id.clone(), entry.record.clone())).collect()
    }
}

impl Entry {
    fn new() -> Self {
        Self { record: Record::default(), waiter: None }
    }

    fn wake(&mut self) {
        let outcome = match self.record.state {
            State::Processing => return,
            State::Held | State::Paid => Outcome::Granted(self.record.seats.clone()),
            State::Cancelled => Outcome::Gone,
            State::Failed(refusal) => Outcome::Refused(refusal),
        };
        if let Some(waiter) = self.waiter.take() {
            // The line may have given up waiting.
            let _ = waiter.send(outcome);
        }
    }
}

impl Record {
    fn receive(
        &mut self,
        state: State,
        seats: Option<Vec<SeatPlace>>,
        booking: &BookingAnswer<'_>,
        now_us: u64,
    ) -> Result<Change, &'static str> {
        let seats = seats.ok_or("received-seat-outside-the-plan")?;
        let revision = booking.revision;
        if revision == self.revision && state != self.state {
            return Err("received-two-states-of-one-revision");
        }
        if revision < self.revision {
            return Ok(Change::Nothing);
        }
        self.revision = revision;
        if state == self.state || !self.state.is_end() {
            self.payment = Payment::read(booking);
        }
        if state == self.state {
            return Ok(Change::Nothing);
        }
        if self.state.is_end() {
            return Err("received-two-ends-of-one-booking");
        }
        let first_word = self.state == State::Processing;
        if matches!(state, State::Held | State::Paid) {
            if seats.is_empty() {
                return Err("received-granted-without-seats");
            }
            if !first_word && seats != self.seats {
                return Err("received-other-seats-than-before");
            }
            self.seats = seats;
            let total = booking.total.as_ref().map(|total| total.amount_minor);
            if self.total_minor.is_some() && self.total_minor != total {
                return Err("received-another-total-than-before");
            }
            self.total_minor = total;
        }
        if first_word {
            self.received_us = Some(now_us);
        }
        self.state = state;
        Ok(match state {
            State::Paid => {
                self.paid_us = Some(now_us);
                Change::Paid
            }
            State::Cancelled => Change::Cancelled,
            _ => Change::Decided,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::outline::tests::small;
    use super::super::wire::{PaymentAnswer, TotalAnswer};
    use super::*;

    const REQUEST: Request = Request { sent_us: 1, accepted_us: 2, quantity: 1, manual: false };

    fn answer<'a>(revision: u32, status: &'a str, seats: &[&'a str]) -> BookingAnswer<'a> {
        let seats = seats.to_vec();
        let (failure, total, payment) = (None, None, None);
        let (created_at, expires_at, cancel_reason) = (None, None, None);
        BookingAnswer {
            id: "bkg_1",
            event_id: "evt_1",
            status,
            seats,
            failure,
            total,
            payment,
            revision,
            created_at,
            expires_at,
            cancel_reason,
        }
    }

    /// Feeds an inbox a series of updates, the accepted booking first. Returns the last change or
    /// error.
    fn check(story: &[(u32, &str, &[&str])], expect: Result<Change, &str>) {
        let (inbox, outline) = (Inbox::default(), small());
        let _outcome = inbox.accepted("bkg_1", REQUEST);
        let mut last = Ok(Change::Nothing);
        for (revision, status, seats) in story {
            last = inbox.receive(&outline, &answer(*revision, status, seats), 9);
        }
        assert_eq!(last.as_ref().map_err(|trouble| trouble.kind.as_str()).copied(), expect, "{story:?}");
    }

    #[test]
    fn a_status_moves_forward_only_and_contradictions_are_troubles() {
        let a: &[&str] = &["A-1-1-1"];
        check(&[(1, "processing", &[])], Ok(Change::Nothing));
        check(&[(2, "pending_payment", a)], Ok(Change::Decided));
        check(&[(2, "pending_payment", a), (3, "paid", a)], Ok(Change::Paid));
        check(&[(2, "pending_payment", a), (3, "cancelled", a)], Ok(Change::Cancelled));
        check(&[(3, "paid", a), (2, "pending_payment", a)], Ok(Change::Nothing));
        check(&[(3, "paid", a), (3, "paid", a)], Ok(Change::Nothing));
        check(&[(3, "paid", a), (3, "cancelled", a)], Err("received-two-states-of-one-revision"));
        check(&[(3, "paid", a), (4, "cancelled", a)], Err("received-two-ends-of-one-booking"));
        check(&[(3, "paid", a), (4, "pending_payment", a)], Err("received-two-ends-of-one-booking"));
        check(&[(2, "failed", &[]), (3, "cancelled", &[])], Err("received-two-ends-of-one-booking"));
        check(
            &[(2, "pending_payment", a), (3, "paid", &["A-1-1-2"])],
            Err("received-other-seats-than-before"),
        );
        check(&[(2, "pending_payment", &[])], Err("received-granted-without-seats"));
        check(&[(2, "pending_payment", &["A-9-1-1"])], Err("received-seat-outside-the-plan"));
        check(&[(2, "lost", &[])], Err("received-unknown-status"));
    }

    #[test]
    fn news_are_ordered_by_their_revision() {
        let outline = small();
        let inbox = Inbox::default();
        let _outcome = inbox.accepted("bkg_1", REQUEST);
        let receive = |status, revision, payment: Option<&'static str>| {
            let payment = payment.map(|status| PaymentAnswer { status });
            let news = BookingAnswer { payment, ..answer(revision, status, &["A-1-1-1"]) };
            inbox.receive(&outline, &news, 9).map_err(|trouble| trouble.kind)
        };
        assert_eq!(receive("pending_payment", 2, None), Ok(Change::Decided));
        assert_eq!(receive("pending_payment", 3, Some("pending")), Ok(Change::Nothing));
        assert_eq!(inbox.open_money().len(), 1);
        assert_eq!(receive("cancelled", 4, Some("refunding")), Ok(Change::Cancelled));
        assert_eq!(receive("pending_payment", 2, None), Ok(Change::Nothing), "old news");
        assert_eq!(inbox.open_money().len(), 1);
        assert_eq!(receive("cancelled", 5, Some("refunded")), Ok(Change::Nothing));
        assert!(inbox.open_money().is_empty());
        assert_eq!(receive("pending_payment", 6, None), Err("received-two-ends-of-one-booking".to_owned()));
    }

    #[test]
    fn a_seat_lives_until_its_booking_is_cancelled() {
        let (inbox, outline) = (Inbox::default(), small());
        for (revision, status, living) in [(2, "pending_payment", 1), (3, "cancelled", 0)] {
            inbox.receive(&outline, &answer(revision, status, &["A-1-1-1"]), 9).unwrap();
            assert_eq!(inbox.living_seats().len(), living, "{status}");
        }
    }

    #[test]
    fn a_total_stays_what_it_was() {
        let (inbox, outline) = (Inbox::default(), small());
        let receive = |revision, status, amount_minor| {
            let total = Some(TotalAnswer { amount_minor });
            let news = BookingAnswer { total, ..answer(revision, status, &["A-1-1-1"]) };
            inbox.receive(&outline, &news, 9).map_err(|trouble| trouble.kind)
        };
        assert_eq!(receive(2, "pending_payment", 5), Ok(Change::Decided));
        assert_eq!(receive(3, "paid", 6), Err("received-another-total-than-before".to_owned()));
    }

    #[test]
    fn the_outcome_arrives_whether_received_before_or_after_the_answer() {
        let outline = small();
        for before in [true, false] {
            let inbox = Inbox::default();
            let receive = || inbox.receive(&outline, &answer(2, "pending_payment", &["A-1-1-1"]), 5).unwrap();
            if before {
                receive();
            }
            let mut outcome = inbox.accepted("bkg_1", REQUEST);
            if !before {
                assert_eq!(inbox.undecided(), vec![Box::<str>::from("bkg_1")]);
                receive();
            }
            assert_eq!(outcome.try_recv().unwrap(), Outcome::Granted(vec![SeatPlace(0)]));
            assert!(inbox.undecided().is_empty());
            assert_eq!(inbox.records().len(), 1);
        }
    }

    #[test]
    fn bookings_of_another_event_are_nobodys_business() {
        let (inbox, outline) = (Inbox::default(), small());
        let elsewhere = BookingAnswer { event_id: "evt_2", ..answer(3, "paid", &["Z-9-9-9"]) };
        assert_eq!(inbox.receive(&outline, &elsewhere, 5), Ok(Change::Nothing));
        assert_eq!(inbox.state("bkg_1"), None);
    }

    #[test]
    fn bookings_of_an_earlier_rush_are_not_in_the_records() {
        let inbox = Inbox::default();
        inbox.receive(&small(), &answer(3, "cancelled", &[]), 5).unwrap();
        assert!(inbox.records().is_empty());
    }
}
