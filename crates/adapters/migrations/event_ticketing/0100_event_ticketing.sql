-- Events, their plans and figures, and the tickets of living holds. A seat without a ticket is
-- available.

-- An event:
--
--   draft --> on_sale
--
-- A draft changes in everything. On sale only its descriptions and prices change.
CREATE TABLE event (
    id TEXT NOT NULL PRIMARY KEY,
    seller_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    venue_name TEXT NOT NULL,
    -- Name and venue in lower case, for searching.
    search_text TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    starts_at_ms BIGINT NOT NULL,
    currency TEXT NOT NULL,
    max_seats_per_booking BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

CREATE INDEX event_by_status ON event (status, id);

-- A section with its sums. `outline_base64` is the message `Section` of its plan; `price_minor` is
-- the price in force, in the event's currency.
CREATE TABLE event_section (
    event_id TEXT NOT NULL REFERENCES event (id),
    position_no BIGINT NOT NULL,
    name TEXT NOT NULL,
    outline_base64 TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    available BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    sold BIGINT NOT NULL,
    revenue_minor BIGINT NOT NULL,
    PRIMARY KEY (event_id, name)
);

-- How far each hold has come:
--
--   (no row) --> reserved --> sold
--       |  |        `-------> released
--       |  `----------------> sold        (paid was read before reserved)
--       `-------------------> released    (given back was read before reserved)
--
-- Sold and released are final. Rows are kept, so that a late message changes nothing.
CREATE TABLE hold (
    booking_id TEXT NOT NULL,
    hold_no BIGINT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (booking_id, hold_no)
);

-- One seat of a hold that is reserved or sold, with the hold's status:
--
--   (no row: available) --> reserved --> sold
--             ^                 |
--             `---- released ---'
--
-- The key allows one holder of a seat.
CREATE TABLE ticket (
    event_id TEXT NOT NULL,
    section TEXT NOT NULL,
    subsection_no BIGINT NOT NULL,
    row_no BIGINT NOT NULL,
    seat_no BIGINT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    booking_id TEXT NOT NULL,
    hold_no BIGINT NOT NULL,
    buyer_id TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (event_id, section, subsection_no, row_no, seat_no)
);

CREATE INDEX ticket_by_hold ON ticket (booking_id, hold_no);
-- Those that a buyer sees.
CREATE INDEX ticket_by_buyer ON ticket (buyer_id, id) WHERE status <> 'reserved';

CREATE TABLE sales_minute (
    event_id TEXT NOT NULL,
    minute_ms BIGINT NOT NULL,
    sold BIGINT NOT NULL,
    revenue_minor BIGINT NOT NULL,
    PRIMARY KEY (event_id, minute_ms)
);
