//! A booking as its buyer sees it, and the ways to pay it. Never: another buyer's data, or a
//! payment's token.

use booking::{Booking, PaymentMethod, State};
use kernel::message::{Grant, Selection};
use serde::Serialize;
use utoipa::ToSchema;

use crate::shapes::{MoneyShape, rfc3339};

/// A booking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Booking)]
pub struct BookingShape {
    id: String,
    event_id: String,
    /// Such as `processing`, `pending_payment` or `paid`.
    status: &'static str,
    /// Counts the changes of this booking from 1: of two answers about it the one with the larger
    /// number is the later.
    revision: u32,
    /// `best_available` or `manual`.
    mode: &'static str,
    section: String,
    subsection: Option<u16>,
    /// How many seats were asked for.
    requested: u16,
    /// The seats that it holds or held.
    #[schema(example = json!(["A-1-1-1"]))]
    seats: Vec<String>,
    /// What the seats cost; null until they are granted.
    total: Option<MoneyShape>,
    created_at: String,
    /// Until when it can be paid.
    expires_at: Option<String>,
    paid_at: Option<String>,
    cancelled_at: Option<String>,
    /// `buyer` or `expired`.
    cancel_reason: Option<&'static str>,
    failure: Option<FailureShape>,
    payment: Option<PaymentShape>,
}

/// Why no seats were granted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Failure)]
struct FailureShape {
    code: &'static str,
    detail: &'static str,
}

/// What is known of the latest payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentState)]
struct PaymentShape {
    status: &'static str,
}

impl From<&Booking> for BookingShape {
    fn from(booking: &Booking) -> Self {
        let (mut paid_at, mut cancelled_at, mut cancel_reason, mut failure) = (None, None, None, None);
        match &booking.state {
            State::Processing | State::PendingPayment { .. } => {}
            State::Paid { paid_at: at, .. } => paid_at = Some(rfc3339(*at)),
            State::Failed { failure: why, .. } => {
                failure = Some(FailureShape { code: why.as_str(), detail: why.detail() });
            }
            State::Cancelled { reason, cancelled_at: at, .. } => {
                cancelled_at = Some(rfc3339(*at));
                cancel_reason = Some(reason.as_str());
            }
        }
        Self {
            id: booking.id.to_string(),
            event_id: booking.event_id.to_string(),
            status: booking.status().as_str(),
            revision: booking.revision.get(),
            mode: match booking.asked.selection {
                Selection::BestAvailable { .. } => "best_available",
                Selection::Manual { .. } => "manual",
            },
            section: booking.asked.section.to_string(),
            subsection: booking.asked.subsection,
            requested: booking.asked.selection.requested(),
            seats: booking
                .grant()
                .into_iter()
                .flat_map(Grant::seat_nos)
                .map(|seat| seat.to_string())
                .collect(),
            total: booking.total().map(MoneyShape::from),
            created_at: rfc3339(booking.created_at),
            expires_at: booking.pay_by().map(rfc3339),
            paid_at,
            cancelled_at,
            cancel_reason,
            failure,
            payment: booking.payment.map(|payment| PaymentShape { status: payment.as_str() }),
        }
    }
}

/// The ways to pay, in the order in which a page offers them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethods)]
pub struct PaymentMethodsShape {
    data: Vec<PaymentMethodShape>,
}

/// A way to pay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
struct PaymentMethodShape {
    /// What `payment_method` takes.
    token: &'static str,
    /// What a page translates.
    code: &'static str,
}

impl From<Vec<PaymentMethod>> for PaymentMethodsShape {
    fn from(methods: Vec<PaymentMethod>) -> Self {
        let shape = |method: PaymentMethod| PaymentMethodShape { token: method.token, code: method.code };
        Self { data: methods.into_iter().map(shape).collect() }
    }
}
