//! Rows of the booking service's tables, and their mapping to the domain. An impossible row is a
//! named fault.

use base64::{Engine, engine::general_purpose::STANDARD};
use booking::{
    Asked, AttemptId, Booking, PaymentAttempt, State,
    decision::{KeyName, KeyUse},
};
use kernel::{
    Money, Revision, SeatPlace, Timestamp,
    message::{Envelope, EventOnSale, Grant, Hold, Message, Partial, Selection},
    topic::Lane,
};
use serde::Serialize;

use crate::sql::{SqlFault, table};

const BEST_AVAILABLE: &str = "best_available";
const MANUAL: &str = "manual";

table! {
    #[derive(sqlx::FromRow)]
    pub(super) struct BookingRow of "bookings" {
        id: String,
        buyer_id: String,
        event_id: String,
        own_lane: i64,
        section: String,
        subsection: Option<i64>,
        mode: String,
        requested: i64,
        asked_seats: Option<String>,
        accept_partial: i64,
        created_at_ms: i64,
        status: String,
        revision: i64,
        hold_number: Option<i64>,
        seats: Option<String>,
        unit_price_minor: Option<i64>,
        currency: Option<String>,
        expires_at_ms: Option<i64>,
        ended_at_ms: Option<i64>,
        failure: Option<String>,
        cancel_reason: Option<String>,
        payment_status: Option<String>,
    }
    insert "";
    ONE = "WHERE id = $1";
    NAMED = "WHERE id IN (SELECT value ->> 'id' FROM jsonb_each($1))";
    HISTORY = "WHERE buyer_id = $1 AND (CAST($2 AS TEXT) IS NULL OR id < $2)
                 AND (CAST($3 AS TEXT) IS NULL OR status = $3)
               ORDER BY id DESC LIMIT $4";
}

/// What a decision changes of a booking, guarded by the revision that it was decided from.
pub(super) const UPDATE_BOOKINGS: &str = "UPDATE bookings
    SET status = new.value ->> 'status', revision = CAST(new.value ->> 'revision' AS BIGINT),
        hold_number = CAST(new.value ->> 'hold_number' AS BIGINT),
        seats = new.value ->> 'seats', unit_price_minor = CAST(new.value ->> 'unit_price_minor' AS BIGINT),
        currency = new.value ->> 'currency', expires_at_ms = CAST(new.value ->> 'expires_at_ms' AS BIGINT),
        ended_at_ms = CAST(new.value ->> 'ended_at_ms' AS BIGINT), failure = new.value ->> 'failure',
        cancel_reason = new.value ->> 'cancel_reason', payment_status = new.value ->> 'payment_status'
    FROM jsonb_each($1) AS new
    WHERE bookings.id = new.value ->> 'id' AND bookings.revision = CAST(new.value ->> 'was' AS BIGINT)";

/// A change of a booking: the new row and the revision that the stored one must have.
#[derive(Serialize)]
pub(super) struct BookingChange {
    pub(super) was: u32,
    #[serde(flatten)]
    pub(super) row: BookingRow,
}

table! {
    pub(super) struct KeyRow of "idempotency_keys" {
        user_id: String,
        route: String,
        request_key: String,
        body_hash: String,
        resource: String,
        first_seen_ms: i64,
    }
    insert "";
}

impl KeyRow {
    pub(super) fn of((name, used, at): &(KeyName, KeyUse, Timestamp)) -> Self {
        Self {
            user_id: name.user_id.to_string(),
            route: name.route.to_owned(),
            request_key: name.key.clone(),
            body_hash: used.body_hash.clone(),
            resource: used.resource.to_string(),
            first_seen_ms: at.as_millis(),
        }
    }
}

pub(super) fn bookings(rows: Vec<BookingRow>) -> Result<Vec<Booking>, SqlFault> {
    rows.into_iter().map(Booking::try_from).collect()
}

pub(super) fn attempts(rows: Vec<AttemptRow>) -> Result<Vec<PaymentAttempt>, SqlFault> {
    rows.into_iter().map(PaymentAttempt::try_from).collect()
}

fn write_places(places: &[SeatPlace]) -> String {
    let texts: Vec<String> =
        places.iter().map(|place| format!("{}-{}-{}", place.subsection, place.row, place.seat)).collect();
    texts.join(",")
}

fn read_places(text: &str) -> Option<Vec<SeatPlace>> {
    text.split(',')
        .map(|place| {
            let mut numbers = place.split('-').map(str::parse);
            let mut next = || numbers.next()?.ok();
            Some(SeatPlace { subsection: next()?, row: next()?, seat: next()? })
        })
        .collect()
}

fn number<T: TryFrom<i64>>(value: i64) -> Option<T> {
    T::try_from(value).ok()
}

impl BookingRow {
    pub(super) fn of(booking: &Booking) -> Self {
        let (mode, asked_seats) = match &booking.asked.selection {
            Selection::BestAvailable { .. } => (BEST_AVAILABLE, None),
            Selection::Manual { seats } => (MANUAL, Some(write_places(seats))),
        };
        let (ended_at, failure, cancel_reason) = match &booking.state {
            State::Processing | State::PendingPayment { .. } => (None, None, None),
            State::Paid { paid_at, .. } => (Some(*paid_at), None, None),
            State::Failed { failure, failed_at } => (Some(*failed_at), Some(failure.to_string()), None),
            State::Cancelled { reason, cancelled_at, .. } => {
                (Some(*cancelled_at), None, Some(reason.as_str().to_owned()))
            }
        };
        let grant = booking.grant();
        Self {
            id: booking.id.to_string(),
            buyer_id: booking.buyer_id.to_string(),
            event_id: booking.event_id.to_string(),
            own_lane: i64::from(booking.lane != Lane::Shared),
            section: booking.asked.section.to_string(),
            subsection: booking.asked.subsection.map(i64::from),
            mode: mode.to_owned(),
            requested: i64::from(booking.asked.selection.requested()),
            asked_seats,
            accept_partial: i64::from(booking.asked.partial == Partial::Accept),
            created_at_ms: booking.created_at.as_millis(),
            status: booking.status().as_str().to_owned(),
            revision: i64::from(booking.revision.get()),
            // Holds are counted from 1 per section; they do not come near the sign bit.
            hold_number: grant.map(|grant| grant.hold.number.cast_signed()),
            seats: grant.map(|grant| write_places(&grant.seats)),
            unit_price_minor: grant.map(|grant| grant.unit_price.amount_minor),
            currency: grant.map(|grant| grant.unit_price.currency.code().to_owned()),
            expires_at_ms: booking.pay_by().map(Timestamp::as_millis),
            ended_at_ms: ended_at.map(Timestamp::as_millis),
            failure,
            cancel_reason,
            payment_status: booking.payment.map(|status| status.as_str().to_owned()),
        }
    }

    fn selection(&self) -> Result<Selection, &'static str> {
        match (self.mode.as_str(), &self.asked_seats) {
            (BEST_AVAILABLE, None) => Ok(Selection::BestAvailable {
                quantity: number(self.requested).ok_or("requested")?,
                subsection: self.subsection.map(|n| number(n).ok_or("subsection")).transpose()?,
            }),
            (MANUAL, Some(seats)) => {
                Ok(Selection::Manual { seats: read_places(seats).ok_or("asked_seats")? })
            }
            _ => Err("mode"),
        }
    }

    /// The seats held and until when they can be paid; none when there never were any.
    fn held(&self, asked: &Asked) -> Result<Option<(Grant, Timestamp)>, &'static str> {
        let Some(hold_number) = self.hold_number else { return Ok(None) };
        let currency = self.currency.as_deref().and_then(|code| code.parse().ok()).ok_or("currency")?;
        let grant = Grant {
            hold: Hold {
                booking_id: self.id.parse().map_err(|_| "id")?,
                number: hold_number.cast_unsigned(),
            },
            buyer_id: self.buyer_id.parse().map_err(|_| "buyer_id")?,
            event_id: self.event_id.parse().map_err(|_| "event_id")?,
            section: asked.section.clone(),
            seats: self.seats.as_deref().and_then(read_places).ok_or("seats")?,
            unit_price: Money::new(self.unit_price_minor.ok_or("unit_price_minor")?, currency),
        };
        Ok(Some((grant, Timestamp::from_millis(self.expires_at_ms.ok_or("expires_at_ms")?))))
    }

    fn state(&self, asked: &Asked) -> Result<State, &'static str> {
        let held = self.held(asked)?;
        let ended_at = self.ended_at_ms.map(Timestamp::from_millis).ok_or("ended_at_ms");
        Ok(match (self.status.as_str(), held) {
            ("processing", None) => State::Processing,
            ("pending_payment", Some((grant, pay_by))) => State::PendingPayment { grant, pay_by },
            ("paid", Some((grant, pay_by))) => State::Paid { grant, pay_by, paid_at: ended_at? },
            ("failed", None) => State::Failed {
                failure: self.failure.as_deref().and_then(|code| code.parse().ok()).ok_or("failure")?,
                failed_at: ended_at?,
            },
            ("cancelled", held) => State::Cancelled {
                held,
                reason: self.cancel_reason.as_deref().and_then(|r| r.parse().ok()).ok_or("cancel_reason")?,
                cancelled_at: ended_at?,
            },
            _ => return Err("status"),
        })
    }

    fn booking(&self) -> Result<Booking, &'static str> {
        let event_id = self.event_id.parse().map_err(|_| "event_id")?;
        let asked = Asked {
            section: self.section.parse().map_err(|_| "section")?,
            subsection: self.subsection.map(|n| number(n).ok_or("subsection")).transpose()?,
            selection: self.selection()?,
            partial: if self.accept_partial == 0 { Partial::Refuse } else { Partial::Accept },
        };
        Ok(Booking {
            id: self.id.parse().map_err(|_| "id")?,
            buyer_id: self.buyer_id.parse().map_err(|_| "buyer_id")?,
            event_id,
            lane: if self.own_lane == 0 { Lane::Shared } else { Lane::Own(event_id) },
            state: self.state(&asked)?,
            asked,
            created_at: Timestamp::from_millis(self.created_at_ms),
            payment: self
                .payment_status
                .as_deref()
                .map(|status| status.parse().map_err(|_| "payment_status"))
                .transpose()?,
            revision: Revision::read(self.revision).ok_or("revision")?,
        })
    }
}

impl TryFrom<BookingRow> for Booking {
    type Error = SqlFault;

    fn try_from(row: BookingRow) -> Result<Self, SqlFault> {
        row.booking().map_err(|column| SqlFault::impossible("bookings", &row.id, column))
    }
}

table! {
    #[derive(sqlx::FromRow)]
    pub(super) struct AttemptRow of "payment_attempts" {
        id: String,
        booking_id: String,
        buyer_id: String,
        method: String,
        amount_minor: i64,
        currency: String,
        pay_by_ms: i64,
        status: String,
        sent_at_ms: i64,
        next_poll_at_ms: i64,
        polls: i64,
    }
    insert "ON CONFLICT (id) DO UPDATE SET status = excluded.status,
               next_poll_at_ms = excluded.next_poll_at_ms, polls = excluded.polls";
    NAMED = "WHERE id IN (SELECT value ->> 'id' FROM jsonb_each($1))";
    OF_BOOKINGS = "WHERE booking_id IN (SELECT value ->> 'id' FROM jsonb_each($1))";
    DUE = "WHERE status IN ('sent', 'pending', 'unknown', 'refunding') AND next_poll_at_ms <= $1
           ORDER BY next_poll_at_ms LIMIT $2";
}

impl AttemptRow {
    pub(super) fn of(attempt: &PaymentAttempt) -> Self {
        Self {
            id: attempt.id.to_string(),
            booking_id: attempt.booking_id.to_string(),
            buyer_id: attempt.buyer_id.to_string(),
            method: attempt.method.clone(),
            amount_minor: attempt.amount.amount_minor,
            currency: attempt.amount.currency.code().to_owned(),
            pay_by_ms: attempt.pay_by.as_millis(),
            status: attempt.status.as_str().to_owned(),
            sent_at_ms: attempt.sent_at.as_millis(),
            next_poll_at_ms: attempt.next_poll_at.as_millis(),
            polls: i64::from(attempt.polls),
        }
    }
}

impl TryFrom<AttemptRow> for PaymentAttempt {
    type Error = SqlFault;

    fn try_from(row: AttemptRow) -> Result<Self, SqlFault> {
        let impossible = |column| SqlFault::impossible("payment_attempts", &row.id, column);
        let currency = row.currency.parse().map_err(|_| impossible("currency"))?;
        Ok(Self {
            id: AttemptId::new(row.id.as_str()),
            booking_id: row.booking_id.parse().map_err(|_| impossible("booking_id"))?,
            buyer_id: row.buyer_id.parse().map_err(|_| impossible("buyer_id"))?,
            amount: Money::new(row.amount_minor, currency),
            pay_by: Timestamp::from_millis(row.pay_by_ms),
            status: row.status.parse().map_err(|_| impossible("status"))?,
            sent_at: Timestamp::from_millis(row.sent_at_ms),
            next_poll_at: Timestamp::from_millis(row.next_poll_at_ms),
            polls: number(row.polls).ok_or_else(|| impossible("polls"))?,
            method: row.method,
        })
    }
}

table! {
    #[derive(sqlx::FromRow)]
    pub(super) struct EventRow of "event_outlines" {
        event_id: String,
        message_base64: String,
    }
    insert "ON CONFLICT (event_id) DO UPDATE SET message_base64 = excluded.message_base64";
    ONE = "WHERE event_id = $1";
}

impl EventRow {
    pub(super) fn of(event: &EventOnSale, at: Timestamp) -> Self {
        let envelope = Envelope { at, source: None, message: Message::EventOnSale(event.clone()) };
        Self { event_id: event.event_id.to_string(), message_base64: STANDARD.encode(envelope.encode()) }
    }
}

impl TryFrom<EventRow> for EventOnSale {
    type Error = SqlFault;

    fn try_from(row: EventRow) -> Result<Self, SqlFault> {
        let impossible = || SqlFault::impossible("event_outlines", &row.event_id, "message_base64");
        let bytes = STANDARD.decode(&row.message_base64).map_err(|_| impossible())?;
        match Envelope::decode(bytes.into()).map(|envelope| envelope.message) {
            Ok(Message::EventOnSale(event)) => Ok(event),
            _ => Err(impossible()),
        }
    }
}
