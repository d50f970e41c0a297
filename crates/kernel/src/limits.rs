//! Every limit of the product, with its unit in the name. A user who hits a limit sees its value;
//! none is silent.

use std::{ops::RangeInclusive, time::Duration};

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
/// What an operator can set in its place.
pub const PAYMENT_WINDOWS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);
/// How long a booking may stay `processing` before the watchdog cancels it.
pub const PROCESSING_DEADLINE: Duration = Duration::from_secs(30);
/// The grace period that a payment with an unknown outcome keeps a booking past its deadline.
pub const PAYMENT_UNKNOWN_GRACE: Duration = Duration::from_mins(5);
/// How long a call of the payment provider may take; only after it is its payment polled.
pub const PROVIDER_CALL: Duration = Duration::from_secs(10);
/// The longest pause between two polls of one payment.
pub const PAYMENT_POLL_PAUSE: Duration = Duration::from_mins(1);
/// How long an idempotency key is remembered.
pub const IDEMPOTENCY_KEY_LIFETIME: Duration = Duration::from_hours(24);
/// How long (by the log's time) the seat engine remembers the outcome of a booking that is final.
pub const OUTCOME_RETENTION: Duration = Duration::from_mins(15);

/// Decisions about bookings that share one transaction, and decisions that wait for theirs; more
/// wait outside.
pub const DECISIONS_PER_BATCH: usize = 4 * BOOKINGS_PER_SWEEP as usize;
pub const DECISIONS_WAITING: usize = 4_096;
/// Bookings that one round of a sweep ends: a quarter of a batch, so that buyers are not kept
/// waiting.
pub const BOOKINGS_PER_SWEEP: u32 = 128;
/// Payments that one round calls the provider about, to ask or to refund.
pub const PAYMENTS_PER_ROUND: u32 = 100;
/// Calls of the payment provider that one round has running at once.
pub const PROVIDER_CALLS: usize = 8;

/// Bytes of a request body.
pub const REQUEST_BODY_BYTES: usize = 1024 * 1024;
/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS: usize = 255;
/// Entries of one page of a list.
pub const PAGE_SIZE: u32 = 100;
/// Entries of one page where the caller says nothing.
pub const PAGE_SIZE_DEFAULT: u32 = 20;
/// Characters of a request's id that a caller brings.
pub const REQUEST_ID_CHARS: usize = 64;
/// How long the head of a request may take, which is also how long an idle connection is kept.
pub const REQUEST_HEAD_WAIT: Duration = Duration::from_secs(75);
/// How long a request's body may pause while it arrives.
pub const REQUEST_BODY_PAUSE: Duration = Duration::from_secs(10);
/// Bytes of a body that nobody asked for which are read, so that its connection can be kept.
pub const REQUEST_REST_BYTES: u64 = 64 * 1024;
/// How long such a body may take to arrive.
pub const REQUEST_REST_WAIT: Duration = Duration::from_secs(1);
/// How long a client may leave an answer unread before its connection is closed.
pub const UNREAD_ANSWER_WAIT: Duration = Duration::from_mins(1);
/// How long a viewer waits for an event that this process does not know yet: it was perhaps put on
/// sale a moment ago.
pub const EVENT_OPENS: Duration = Duration::from_secs(3);

/// Minutes of sales figures that one answer has: the latest ones.
pub const SALES_MINUTES: u32 = 24 * 60;
/// Open live streams of one user.
pub const STREAMS_PER_USER: usize = 10;
/// Open live streams of one network address by people who are not signed in; many may share one.
pub const STREAMS_PER_ADDRESS: usize = 2_000;
/// Frames per second that one viewer gets of one event.
pub const FRAMES_PER_SECOND: u32 = 10;
/// Frames that wait for a slow viewer before it gets a snapshot instead.
pub const FRAMES_WAITING_PER_VIEWER: usize = 32;
/// Unfinished bookings of one status that a buyer's stream begins with, and latest ones, finished
/// or not, that it repeats after a gap.
pub const UNFINISHED_SHOWN: u32 = 100;
pub const LATEST_REPEATED: u32 = 50;
/// Frames of one buyer that are kept for slow streams and those that come back, and bytes that a
/// stream is given at once.
pub const FRAMES_KEPT_PER_BUYER: usize = 128;
pub const FRAME_BYTES_AT_ONCE: usize = 64 * 1024;
/// Frames of one event that are kept for viewers who come back, in number, bytes and time.
pub const FRAMES_KEPT_PER_EVENT: usize = 256;
pub const FRAME_BYTES_KEPT_PER_EVENT: usize = 512 * 1024;
pub const FRAMES_KEPT_FOR: Duration = Duration::from_mins(1);
/// Seats of one frame; with more, a snapshot is shorter.
pub const SEATS_PER_FRAME: usize = 4_000;
/// Bytes per second that all viewers of one event get together; larger frames come less often.
pub const FRAME_BYTES_PER_SECOND: usize = 20 * 1024 * 1024;
/// The longest pause between two frames, however large.
pub const FRAME_PAUSE: Duration = Duration::from_secs(1);
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
/// Accounts, and addresses, whose failures are remembered (the oldest are forgotten first), and for
/// how long.
pub const SIGN_IN_KEYS_KEPT: usize = 100_000;
pub const SIGN_IN_FAILURES_KEPT: Duration = Duration::from_mins(15);
/// Passwords that are hashed at once; each needs 19 MiB and a core.
pub const PASSWORD_HASHES_AT_ONCE: usize = 2;
/// Living sessions that a process caches, and tokens of no session. A token is given out once, so
/// those never become valid.
pub const SESSIONS_CACHED: usize = 200_000;
pub const ABSENT_TOKENS_CACHED: usize = 20_000;
/// How long cached sessions are trusted after a poll of the ends. While no process reaches the
/// database, nobody can sign out either; only a process that is cut off alone lags behind.
pub const SESSION_CACHE_TRUSTED: Duration = Duration::from_secs(30);
/// How long the end of a session is kept. A process that has not polled for so long trusts none of
/// its cached sessions.
pub const SESSION_ENDS_KEPT: Duration = Duration::from_hours(1);
/// Ends of sessions that one poll reads.
pub const SESSION_ENDS_PER_POLL: u32 = 1_000;
/// Sessions that are read from the database at once, and how long a token waits for that: invented
/// tokens must not exhaust the connections.
pub const SESSION_LOOK_UPS: usize = 4;
pub const SESSION_LOOK_UP_WAIT: Duration = Duration::from_secs(1);

/// Jobs that share one commit of a SQL database, and jobs that wait for theirs; more wait outside.
pub const SQL_JOBS_PER_COMMIT: usize = 256;
pub const SQL_JOBS_WAITING: usize = 4_096;
/// Messages of an outbox that one publish carries.
pub const MESSAGES_PER_PUBLISH: u32 = 1_000;
/// Records of one batch of a SQL service, and of one commit of a partition of seats.
pub const RECORDS_PER_PROJECTION: usize = 2_000;
pub const RECORDS_PER_SEAT_COMMIT: usize = 1_000;
/// Bytes of one write of the embedded log, and of one batch that a service reads of it.
pub const LOG_WRITE_BYTES: usize = 8 * 1024 * 1024;
pub const LOG_READ_BYTES: usize = 4 * 1024 * 1024;
/// Rows that may wait for a follower of the embedded log; with more it starts over.
pub const ROWS_WAITING_PER_FOLLOWER: usize = 100_000;
/// Free space, in bytes, that ends the refusal of writes after a full disk: with less it would be
/// full again at once.
pub const DISK_SPACE_BYTES: u64 = 32 * 1024 * 1024;
/// Reports of the sandbox that wait for booking. More are dropped, as webhooks may be; booking
/// polls anyway.
pub const PAYMENT_REPORTS_WAITING: usize = 1_024;
/// Capacity of the queue of deadlines to the timer; more are dropped, which costs punctuality and
/// never a hold.
pub const DEADLINES_WAITING: usize = 20_000;
/// Deadlines of one exchange with the timer, and due ones that one poll takes.
pub const DEADLINES_PER_EXCHANGE: usize = 500;
pub const DUE_PER_LOOK: usize = 500;

/// How far the wall clock may be off the monotonic clock, in milliseconds. Time servers correct by
/// less.
pub const CLOCK_JUMP_MS: i64 = 30_000;
/// How long requests, and after them background tasks, may take to finish at a shutdown.
pub const SHUTDOWN_REQUESTS: Duration = Duration::from_secs(20);
pub const SHUTDOWN_TASKS: Duration = Duration::from_secs(10);
