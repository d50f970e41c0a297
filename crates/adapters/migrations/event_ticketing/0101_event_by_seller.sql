-- A seller's own events, the newest first.

CREATE INDEX event_by_seller ON event (seller_id, id);
