-- Sessions that were ended by sign-out, in the order of `id`. Processes that cache living sessions
-- follow this table. Rows are removed after an hour.
CREATE TABLE session_end (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    ended_at_ms BIGINT NOT NULL
);

CREATE INDEX session_end_by_time ON session_end (ended_at_ms);
