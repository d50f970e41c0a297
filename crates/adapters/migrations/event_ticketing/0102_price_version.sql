-- Counts the changes of a section's price: it orders what the seat engine reads of it. As with the
-- price, this column is in force, and not what `outline_base64` says.
ALTER TABLE event_section ADD COLUMN price_version BIGINT NOT NULL DEFAULT 0;
