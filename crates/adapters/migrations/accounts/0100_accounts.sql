-- Sellers and buyers, and their sessions.

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- A session is known by the hash of its secret only.
CREATE TABLE session (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    created_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL
);

CREATE INDEX session_by_seen_at ON session (seen_at_ms);
