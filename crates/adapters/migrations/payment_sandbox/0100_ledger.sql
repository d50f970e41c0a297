-- The sandbox provider's own books. Rows are only ever added.
-- `entry` is `charge`, `decline`, `void` or `refund`; the program refuses a row with any other
-- word. Money was taken where it is `charge`, from `effective_at_ms` on, and given back where it is
-- `refund`.
CREATE TABLE ledger (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry TEXT NOT NULL,
    -- One outcome per key, whatever is asked for how often.
    entry_key TEXT NOT NULL UNIQUE,
    -- The booking, as the caller named it; none for a void.
    booking_id TEXT,
    amount_minor BIGINT NOT NULL,
    currency TEXT,
    effective_at_ms BIGINT NOT NULL
);
