//! Every limit of the product, with its unit in the name. A limit is told to users where it is hit; none is silent.

use std::time::Duration;

/// Seats of one event.
pub const SEATS_PER_EVENT: u32 = 500_000;
/// Sections of one event.
pub const SECTIONS_PER_EVENT: usize = 100;
/// Subsections of one section.
pub const SUBSECTIONS_PER_SECTION: usize = 1_000;
/// Rows of one subsection.
pub const ROWS_PER_SUBSECTION: u16 = 1_000;
/// Seats of one row.
pub const SEATS_PER_ROW: u16 = 1_000;
/// Characters of a section's name.
pub const SECTION_NAME_CHARS: usize = 32;
/// Seats of one booking, whatever the event allows.
pub const SEATS_PER_BOOKING: u16 = 10;
/// Seats of one booking where the seller says nothing.
pub const SEATS_PER_BOOKING_DEFAULT: u16 = 4;
/// Price of one seat in minor units.
pub const PRICE_MINOR: i64 = 100_000_000_000;
/// From this many seats on an event gets topics of its own.
pub const OWN_LANE_SEATS: u32 = 10_000;

/// How long a buyer has to pay.
pub const PAYMENT_WINDOW: Duration = Duration::from_mins(15);
/// How long a booking may stay `processing` before the watchdog cancels it.
pub const PROCESSING_DEADLINE: Duration = Duration::from_secs(30);
/// How long an unknown payment may keep a booking past its deadline.
pub const PAYMENT_UNKNOWN_GRACE: Duration = Duration::from_mins(5);
/// How long an idempotency key is remembered.
pub const IDEMPOTENCY_KEY_LIFETIME: Duration = Duration::from_hours(24);
/// How long (by the log's time) the seat engine remembers the outcome of a booking that is final.
pub const OUTCOME_RETENTION: Duration = Duration::from_mins(15);

/// Decisions about bookings that share one transaction.
pub const DECISIONS_PER_BATCH: usize = 512;
/// Bookings that one round of a sweep ends: a quarter of a batch, so that buyers are not kept waiting.
pub const BOOKINGS_PER_SWEEP: u32 = 128;
/// Payments that one round asks the provider about.
pub const PAYMENTS_PER_ROUND: u32 = 100;
/// Refunds that one round makes.
pub const REFUNDS_PER_ROUND: u32 = 100;

/// Bytes of a request body.
pub const REQUEST_BODY_BYTES: usize = 1024 * 1024;
/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS: usize = 255;
/// Entries of one page of a list.
pub const PAGE_SIZE: u32 = 100;
/// Entries of one page where the caller says nothing.
pub const PAGE_SIZE_DEFAULT: u32 = 20;
/// Open live streams of one user.
pub const STREAMS_PER_USER: usize = 10;
/// Frames per second that one viewer gets of one event.
pub const FRAMES_PER_SECOND: u32 = 10;
/// Seconds that `?wait=` may ask for.
pub const WAIT_SECONDS: u64 = 30;

/// Characters of an event's name, and of its venue's.
pub const EVENT_NAME_CHARS: usize = 200;
/// Characters of an event's description.
pub const EVENT_DESCRIPTION_CHARS: usize = 10_000;
/// Characters of a search text.
pub const SEARCH_CHARS: usize = 200;

/// Characters of a user's name.
pub const USER_NAME_CHARS: usize = 100;
/// Characters of an e-mail address.
pub const EMAIL_CHARS: usize = 254;
/// Characters of a password: at least, and at most.
pub const PASSWORD_CHARS_MIN: usize = 8;
pub const PASSWORD_CHARS_MAX: usize = 128;
/// How long a session lives that nobody uses.
pub const SESSION_IDLE: Duration = Duration::from_hours(24);
/// How long a session lives at most.
pub const SESSION_LIFETIME: Duration = Duration::from_hours(30 * 24);
/// Failed sign-ins of one account before it must wait, and how long each further one waits.
pub const SIGN_IN_FAILURES_PER_ACCOUNT: u32 = 10;
pub const SIGN_IN_WAIT_PER_ACCOUNT: Duration = Duration::from_secs(30);
/// The same for one network address; many people may share one.
pub const SIGN_IN_FAILURES_PER_ADDRESS: u32 = 100;
pub const SIGN_IN_WAIT_PER_ADDRESS: Duration = Duration::from_secs(1);
