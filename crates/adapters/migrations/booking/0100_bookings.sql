-- One row per booking. `status` moves along these arrows only, each a change guarded by `revision`:
--
--                    ┌──── no seats ────▶ failed
--   processing ──────┤
--        │           └──── seats held ──▶ pending_payment ──── money in time ────▶ paid
--        │                                       │
--        └─ buyer, or no answer in time ─┐       └─ buyer, or the payment deadline
--                                        ▼       ▼
--                                        cancelled
--
-- The words of `status`, `mode`, `failure`, `cancel_reason` and `payment_status` are those of the
-- program, which refuses a row with any other; a CHECK on them could never be changed on SQLite.
-- Seats are written subsection-row-seat, comma-separated; together with `section` they are seats of
-- the plan.
CREATE TABLE bookings (
    id TEXT NOT NULL PRIMARY KEY,
    buyer_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    -- 1: the event has topics of its own.
    own_lane BIGINT NOT NULL,
    section TEXT NOT NULL,
    subsection BIGINT,
    mode TEXT NOT NULL,
    requested BIGINT NOT NULL,
    -- Manual mode only.
    asked_seats TEXT,
    accept_partial BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    status TEXT NOT NULL,
    -- 1 when it is made, one more with each change: it orders all updates of the booking.
    revision BIGINT NOT NULL,
    -- The hold, once granted; it stays for the record when the booking is cancelled.
    hold_number BIGINT,
    seats TEXT,
    unit_price_minor BIGINT,
    currency TEXT,
    -- The truth about the time to pay.
    expires_at_ms BIGINT,
    -- When it became paid, failed or cancelled.
    ended_at_ms BIGINT,
    failure TEXT,
    cancel_reason TEXT,
    -- What the buyer is shown of the latest payment.
    payment_status TEXT
);

CREATE INDEX bookings_of_buyer ON bookings (buyer_id, id);
CREATE INDEX bookings_to_expire ON bookings (expires_at_ms) WHERE status = 'pending_payment';
CREATE INDEX bookings_in_process ON bookings (created_at_ms) WHERE status = 'processing';

-- Written before the provider is called; `id` is the provider's idempotency key.
--
--   sent ──┬─▶ unknown ─┬─▶ pending ──┐           open: the provider is asked again
--          │            │             │
--          └────────────┴─────────────┴─▶ declined, voided, charged, refunding
--
--   declined, voided ──▶ charged, refunding         money counts, whatever was said before
--   refunding ──▶ refunded                          the money pays for no booking; the provider is
--                                                   asked under the key `refund:` and the id
CREATE TABLE payment_attempts (
    id TEXT NOT NULL PRIMARY KEY,
    booking_id TEXT NOT NULL REFERENCES bookings (id),
    buyer_id TEXT NOT NULL,
    method TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    pay_by_ms BIGINT NOT NULL,
    status TEXT NOT NULL,
    sent_at_ms BIGINT NOT NULL,
    next_poll_at_ms BIGINT NOT NULL,
    polls BIGINT NOT NULL
);

CREATE INDEX payment_attempts_of_booking ON payment_attempts (booking_id);
CREATE INDEX payment_attempts_due ON payment_attempts (next_poll_at_ms)
    WHERE status IN ('sent', 'pending', 'unknown', 'refunding');
-- The last line of defence against paying twice.
CREATE UNIQUE INDEX payment_attempts_one_open ON payment_attempts (booking_id)
    WHERE status IN ('sent', 'pending', 'unknown');

CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL,
    route TEXT NOT NULL,
    request_key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    -- The booking or the attempt that came of it.
    resource TEXT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, route, request_key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (first_seen_ms);

-- The message EventOnSale as it came, base64.
CREATE TABLE event_outlines (
    event_id TEXT NOT NULL PRIMARY KEY,
    message_base64 TEXT NOT NULL
);
