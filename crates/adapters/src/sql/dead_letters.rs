//! Dead letters: records that could not be decoded, stored in the transaction that moves past them,
//! and logged.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Timestamp;
use stream::DeadLetter;

use super::{SqlFault, Tx, table};
use crate::log::log_dead_letter;

table! {
    pub(super) struct LetterRow of "dead_letter" {
        topic: String,
        partition_no: u16,
        record_offset: u64,
        key_base64: String,
        payload_base64: String,
        reason: String,
        kept_at_ms: i64,
    }
    insert "ON CONFLICT (topic, partition_no, record_offset) DO NOTHING";
}

/// Keeps the records with their reasons. A record that is kept already stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn keep_dead_letters(tx: &mut Tx, letters: &[DeadLetter], at: Timestamp) -> Result<(), SqlFault> {
    if kernel::planted("sql.dead-letters-dropped") {
        return Ok(());
    }
    letters.iter().for_each(log_dead_letter);
    let row = |letter: &DeadLetter| LetterRow {
        topic: letter.record.source.topic.to_string(),
        partition_no: letter.record.source.partition,
        record_offset: letter.record.source.offset,
        key_base64: STANDARD.encode(&letter.record.key),
        payload_base64: STANDARD.encode(&letter.record.payload),
        reason: letter.reason.clone(),
        kept_at_ms: at.as_millis(),
    };
    tx.insert(letters.iter().map(row)).await
}
