-- The tables of every service on the log: consumer positions, outbox (transactional outbox) and
-- dead letters, written in the same transactions as its rows.

-- How far each partition has been read. `previous` is where the last move began: it makes the move
-- a compare-and-set.
CREATE TABLE consumer_position (
    topic TEXT NOT NULL,
    partition_no BIGINT NOT NULL,
    next_offset BIGINT NOT NULL,
    previous_offset BIGINT NOT NULL,
    PRIMARY KEY (topic, partition_no)
);

-- Messages that are decided but not yet acknowledged by the log, in the order of `id`. An id is
-- never used twice.
CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic TEXT NOT NULL,
    partition_no BIGINT NOT NULL,
    message_key TEXT NOT NULL,
    payload_base64 TEXT NOT NULL
);

-- Records that could not be decoded, whole, with the reason.
CREATE TABLE dead_letter (
    topic TEXT NOT NULL,
    partition_no BIGINT NOT NULL,
    record_offset BIGINT NOT NULL,
    key_base64 TEXT NOT NULL,
    payload_base64 TEXT NOT NULL,
    reason TEXT NOT NULL,
    kept_at_ms BIGINT NOT NULL,
    PRIMARY KEY (topic, partition_no, record_offset)
);
