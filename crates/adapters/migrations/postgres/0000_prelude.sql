-- What statements need of PostgreSQL; every service's database begins with it.

-- SQLite's function of this name, for an argument that is the text of a JSON array. PostgreSQL's
-- own takes a jsonb object, so the argument's type selects the right one. Being plain and not
-- STRICT, it is inlined.
CREATE FUNCTION jsonb_each(TEXT) RETURNS TABLE (value JSONB)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT jsonb_array_elements(CAST($1 AS jsonb))';

-- The latest transaction of each writer, to look up the outcome of a COMMIT whose answer was lost.
CREATE TABLE writer_commit (
    writer TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50);
