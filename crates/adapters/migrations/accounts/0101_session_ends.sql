-- Sessions that were ended, in the order of `id`, for the processes that remember living ones. Kept for a while only.
CREATE TABLE session_end (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    ended_at_ms BIGINT NOT NULL
);

CREATE INDEX session_end_by_time ON session_end (ended_at_ms);
