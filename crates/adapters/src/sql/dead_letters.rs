//! Dead letters: records that could not be decoded, stored in the transaction that moves past them,
//! and logged.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Timestamp;
use serde::Serialize;
use stream::DeadLetter;

use super::{SqlFault, Tx, args, json};
use crate::log::log_dead_letter;

#[derive(Serialize)]
struct Row<'a> {
    topic: String,
    partition: u16,
    offset: u64,
    key: String,
    payload: String,
    reason: &'a str,
}

/// Keeps the records with their reasons. A record that is kept already stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn keep_dead_letters(tx: &mut Tx, letters: &[DeadLetter], at: Timestamp) -> Result<(), SqlFault> {
    if letters.is_empty() || kernel::planted("sql.dead-letters-dropped") {
        return Ok(());
    }
    letters.iter().for_each(log_dead_letter);
    let rows: Vec<Row<'_>> = letters
        .iter()
        .map(|letter| Row {
            topic: letter.record.source.topic.to_string(),
            partition: letter.record.source.partition,
            offset: letter.record.source.offset,
            key: STANDARD.encode(&letter.record.key),
            payload: STANDARD.encode(&letter.record.payload),
            reason: &letter.reason,
        })
        .collect();
    tx.execute(
        "INSERT INTO dead_letter (topic, partition_no, record_offset, key_base64, payload_base64, reason, kept_at_ms)
         SELECT value ->> 'topic', CAST(value ->> 'partition' AS BIGINT), CAST(value ->> 'offset' AS BIGINT),
                value ->> 'key', value ->> 'payload', value ->> 'reason', $2
         FROM jsonb_each($1) WHERE true
         ON CONFLICT (topic, partition_no, record_offset) DO NOTHING",
        args![json(&rows), at],
    )
    .await
    .map(drop)
}
