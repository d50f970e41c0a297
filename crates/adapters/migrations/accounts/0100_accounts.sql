-- Sellers and buyers, and their sessions.

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- A living session, named by the hash of its token. Its end removes the row:
--
--   sign in --> row --> sign out, or idle, or too old: no row
--
-- A sign-out also writes to session_end.
CREATE TABLE session (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    created_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL
);

CREATE INDEX session_by_seen_at ON session (seen_at_ms);
