//! Failpoints: points between two durable steps at which a test can crash the process.
//!
//! Promises: without the feature `failpoints` a point compiles to nothing, and the program that is
//! shipped is built without it. With the feature, the variable `FAILPOINT` says which point ends
//! the process at which visit: `outbox.read=8`, at the eighth. Never: does anything at a point but
//! continue or abort.

macro_rules! points {
    ($($point:ident = $name:literal: $when:literal,)*) => {
        /// Where a process can be crashed. The first part of a name says to which process a point
        /// belongs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Point {
            $(#[doc = $when] $point,)*
        }

        impl Point {
            /// All of them, for the test that crashes a process at each.
            pub const ALL: &[Self] = &[$(Self::$point,)*];

            /// As `FAILPOINT` names it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }
        }
    };
}

points! {
    LocalRestoreOwned = "local.restore.owned": "A partition is owned; its rows are not read.",
    LocalRestoreRead = "local.restore.read": "Rows and positions are read; no record is.",
    LocalBatchRead = "local.batch.read": "Records are read; nothing is decided.",
    LocalBatchDecided = "local.batch.decided": "Everything is decided; the committer has not heard of it.",
    LocalWriteReady = "local.write.ready": "The write is put together; nothing of it is on the disk.",
    LocalWriteSynced = "local.write.synced": "The write is synced; nobody knows of it.",
    LocalWriteNotified = "local.write.notified": "Readers know of the write; its callers do not.",
    LocalBatchCommitted = "local.batch.committed": "The seat loop knows of its commit.",

    KafkaRestoreOwned = "kafka.restore.owned": "A partition is owned; earlier owners are not fenced.",
    KafkaRestoreFenced = "kafka.restore.fenced": "Earlier owners are fenced; the changelog is not read.",
    KafkaRestoreRead = "kafka.restore.read": "Changes are read; the checkpoint does not have them.",
    KafkaRestoreAdvanced = "kafka.restore.advanced": "The checkpoint has the changes that were read.",
    KafkaRestoreLoaded = "kafka.restore.loaded": "Rows and positions are loaded; reading has not gone on behind them.",
    KafkaRestoreDone = "kafka.restore.done": "Reading resumes; nothing is decided.",
    KafkaBatchRead = "kafka.batch.read": "Records are read; nothing is decided.",
    KafkaBatchBegun = "kafka.batch.begun": "Everything is decided and a transaction is begun; nothing is sent.",
    KafkaBatchMessagesSent = "kafka.batch.messages-sent": "Messages are sent; rows and positions are not.",
    KafkaBatchChangesSent = "kafka.batch.changes-sent": "Everything is sent, rows and positions as changes; nothing is committed.",
    KafkaBatchCommitted = "kafka.batch.committed": "The transaction is committed; the checkpoint does not have it.",
    KafkaBatchDone = "kafka.batch.done": "The checkpoint has the batch; the seat loop does not know.",

    KafkaLaneMade = "kafka.lane.made": "The topics of a new lane are made; nobody knows of them.",
    KafkaLaneAnnounced = "kafka.lane.announced": "A new lane is announced; nothing is sent to it.",

    BookingRead = "booking.batch.read": "booking has read records; no transaction is begun.",
    BookingMoved = "booking.batch.moved": "booking has moved its positions; no row is written.",
    BookingWritten = "booking.batch.written": "booking has written all rows of a batch; nothing is committed.",
    BookingCommitted = "booking.batch.committed": "booking has committed a batch; no buyer was notified.",
    BookingRowsWritten = "booking.rows.written": "Rows of bookings are written, by any decision; its messages are not in the outbox.",
    BookingCreated = "booking.created": "A booking is committed; its buyer has no answer.",
    BookingCancelled = "booking.cancelled": "A cancellation is committed; its buyer has no answer.",

    PaymentBegun = "booking.payment.begun": "An attempt is committed; the provider was not called.",
    PaymentCharged = "booking.payment.charged": "The provider has the money; booking does not know.",
    PaymentSettled = "booking.payment.settled": "A payment is committed; its buyer has no answer.",
    ExpiryFound = "booking.expiry.found": "Bookings are found to be over; none is ended.",
    ExpiryCommitted = "booking.expiry.committed": "The end of one is committed; its buyer was not notified.",
    RefundMade = "booking.refund.made": "The provider has returned the money; booking does not know.",
    RefundCommitted = "booking.refund.committed": "The refund is committed; its buyer was not notified.",

    TicketsRead = "tickets.batch.read": "event_ticketing has read records; no transaction is begun.",
    TicketsMoved = "tickets.batch.moved": "event_ticketing has moved its positions; no row is written.",
    TicketsRowsWritten = "tickets.rows.written": "Holds, tickets and figures are written; what others hear of it is not in the outbox.",
    TicketsWritten = "tickets.batch.written": "event_ticketing has written all rows of a batch; nothing is committed.",
    TicketsCommitted = "tickets.batch.committed": "event_ticketing has committed a batch; it does not know.",

    OutboxRead = "outbox.read": "The relay has read messages; none is published.",
    OutboxPublished = "outbox.published": "Messages are published; the outbox still has them.",
    OutboxRemoved = "outbox.removed": "Published messages are removed; nothing is committed.",
    OutboxCommitted = "outbox.committed": "The removal is committed; the relay does not know.",

    SqlBegun = "sql.begun": "A transaction is begun; none of its jobs has run.",
    SqlWorked = "sql.worked": "All jobs have run; COMMIT is not sent.",
    SqlCommitted = "sql.committed": "The transaction is committed; none of those who wait for it knows.",
}

/// A visit of the point. Aborts the process if this visit is armed.
#[cfg(feature = "failpoints")]
pub fn hit(point: Point) {
    armed::visit(point);
}

/// Nothing.
#[cfg(not(feature = "failpoints"))]
pub const fn hit(_: Point) {}

/// A visit of the point behind the commit of a booking's decision, which is known by what it does.
#[cfg(feature = "failpoints")]
pub fn hit_committed(doing: &str) {
    use booking::{
        app::{
            cancel::CancelBooking, create_booking::CreateBooking, expire::Expire, pay::BeginPayment,
            refund::NoteRefund, settle_payment::Report,
        },
        decision::Decision,
    };
    let points = [
        (CreateBooking::DOING, Point::BookingCreated),
        (CancelBooking::DOING, Point::BookingCancelled),
        (BeginPayment::DOING, Point::PaymentBegun),
        (Report::DOING, Point::PaymentSettled),
        (Expire::DOING, Point::ExpiryCommitted),
        (NoteRefund::DOING, Point::RefundCommitted),
    ];
    points.into_iter().filter(|(of, _)| *of == doing).for_each(|(_, point)| hit(point));
}

/// Nothing.
#[cfg(not(feature = "failpoints"))]
pub const fn hit_committed(_: &str) {}

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    };

    use super::Point;

    /// The point that ends the process, and the visits until then. None when the variable is not
    /// set.
    static TRAP: LazyLock<Option<(Point, AtomicU64)>> = LazyLock::new(|| {
        let set = std::env::var("FAILPOINT").ok()?;
        let trap = parse(&set);
        assert!(trap.is_some(), "FAILPOINT is no point and visit, like outbox.read=8, but {set}");
        trap
    });

    fn parse(set: &str) -> Option<(Point, AtomicU64)> {
        let (name, visits) = set.split_once('=')?;
        let point = Point::ALL.iter().find(|point| point.name() == name)?;
        Some((*point, AtomicU64::new(visits.parse().ok()?)))
    }

    pub(super) fn visit(point: Point) {
        if let Some((trap, left)) = &*TRAP
            && *trap == point
            && left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            eprintln!("failpoint: {}", point.name());
            std::process::abort();
        }
    }
}
