//! Consumer positions: how far a service has read each partition, stored beside the rows that its
//! reading changed.
//!
//! Promises: a position moves only by compare-and-set, in the transaction of the rows; so a record
//! is applied once, and a reader that was replaced (a zombie) changes nothing more. The database is
//! the source of truth; the log stores no offsets for it.

use std::collections::HashMap;

use kernel::topic::Topic;
use stream::{Position, Record};

use super::{Database, SqlFault, Table as _, Tx, table};

/// The positions in the database, as far as this reader knows them.
#[derive(Debug, Default)]
pub struct Positions {
    next: HashMap<(Topic, u16), u64>,
}

/// Moves of positions past one batch of records.
#[derive(Debug, Clone, Default)]
pub struct Moves(Vec<Move>);

#[derive(Debug, Clone, Copy)]
struct Move {
    topic: Topic,
    partition: u16,
    previous: u64,
    next: u64,
}

table! {
    pub(super) struct MoveRow of "consumer_position" {
        topic: String,
        partition_no: u16,
        next_offset: u64,
        previous_offset: u64,
    }
    insert "ON CONFLICT (topic, partition_no) DO UPDATE
            SET next_offset = excluded.next_offset, previous_offset = excluded.previous_offset
            WHERE consumer_position.next_offset = excluded.previous_offset";
}

impl Positions {
    /// Reads all positions from the database, in the form that `Reader::seek` takes.
    ///
    /// # Errors
    /// When the database fails or holds a topic that is none.
    pub async fn load(&mut self, database: &Database) -> Result<Vec<Position>, SqlFault> {
        let rows: Vec<(String, i64, i64)> =
            database.all("SELECT topic, partition_no, next_offset FROM consumer_position", []).await?;
        let positions = rows
            .into_iter()
            .map(|(topic, partition, next)| {
                let impossible = |column| SqlFault::impossible("consumer_position", &topic, column);
                Ok(Position {
                    topic: topic.parse().map_err(|_| impossible("topic"))?,
                    partition: u16::try_from(partition).map_err(|_| impossible("partition_no"))?,
                    next: u64::try_from(next).map_err(|_| impossible("next_offset"))?,
                })
            })
            .collect::<Result<Vec<_>, SqlFault>>()?;
        self.next = positions.iter().map(|p| ((p.topic, p.partition), p.next)).collect();
        Ok(positions)
    }

    /// The moves past `records`, which are in order within each partition.
    ///
    /// # Errors
    /// When a record lies before the position: it has been applied already, so the reader must seek
    /// again.
    pub fn past(&self, records: &[Record]) -> Result<Moves, SqlFault> {
        let mut moves: HashMap<(Topic, u16), Move> = HashMap::new();
        for record in records {
            let (topic, partition) = (record.source.topic, record.source.partition);
            let previous = self.next.get(&(topic, partition)).copied().unwrap_or(0);
            let step = moves.entry((topic, partition)).or_insert(Move {
                topic,
                partition,
                previous,
                next: previous,
            });
            if record.source.offset < step.next && !kernel::planted("sql.applied-records-applied-again") {
                return Err(SqlFault::PositionMoved);
            }
            step.next = record.source.offset + 1;
        }
        Ok(Moves(moves.into_values().collect()))
    }

    /// Notes that the moves are committed.
    pub fn moved(&mut self, moves: &Moves) {
        self.next.extend(moves.0.iter().map(|step| ((step.topic, step.partition), step.next)));
    }
}

impl Moves {
    /// Moves the positions in this transaction, all or none.
    ///
    /// # Errors
    /// When a position is not where the move begins, or the database fails.
    pub async fn make(&self, tx: &mut Tx) -> Result<(), SqlFault> {
        let kept = kernel::sabotaged!("sql.positions-not-stored", self.0.len(), 0);
        let rows = self.0.iter().take(kept).map(|step| MoveRow {
            topic: step.topic.to_string(),
            partition_no: step.partition,
            next_offset: step.next,
            previous_offset: step.previous,
        });
        let moved = tx.execute_bulk(MoveRow::INSERT, rows).await?;
        let whole = moved == kept as u64 || kernel::planted("sql.positions-unguarded");
        if whole { Ok(()) } else { Err(SqlFault::PositionMoved) }
    }
}
