//! The loop of a SQL service (a projection): resume from the position in its database, apply
//! batches, each with its position in one transaction.
//!
//! Promises: every record is applied exactly once, in order within its partition. Never: trusts
//! offsets that the log stores.

use std::future::Future;

use kernel::Fault;

use crate::port::{Position, Reader, Record};

/// A database that records change.
pub trait Projection: Send {
    /// The committed positions of everything read so far.
    fn positions(&mut self) -> impl Future<Output = Result<Vec<Position>, Fault>> + Send;

    /// Applies the records and moves their positions in one transaction. A position is moved by
    /// compare-and-set: when it is not where the batch begins, nothing is applied and the answer is
    /// a fault. A record that cannot be decoded becomes a dead letter in the same transaction.
    fn apply(&mut self, records: &[Record]) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Runs the loop until the reader says stop. Faults are reported and retried with back-off.
pub async fn run<R: Reader, P: Projection>(reader: &mut R, projection: &mut P) {
    let mut attempt = 0;
    while let Err(fault) = follow(reader, projection, &mut attempt).await {
        attempt += 1;
        reader.back_off(fault, attempt).await;
    }
}

async fn follow<R: Reader, P: Projection>(
    reader: &mut R,
    projection: &mut P,
    attempt: &mut u32,
) -> Result<(), Fault> {
    let positions = projection.positions().await?;
    reader.seek(kernel::sabotaged!("stream.projection-begins-at-zero", positions, Vec::new())).await?;
    while let Some(records) = reader.next_batch().await? {
        projection.apply(&records).await?;
        *attempt = 0;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use kernel::topic::{Action, Lane, Topic};

    use super::*;

    const READ: u64 = 7;

    fn position() -> Position {
        let topic = Topic::new(Lane::Shared, Action::UpdateEventToOnSale);
        Position { topic, partition: 3, next: READ }
    }

    /// A reader that notes where it is sent, and a database that has read seven records.
    #[derive(Default)]
    struct Noted(Vec<Position>);

    impl Reader for Noted {
        async fn seek(&mut self, positions: Vec<Position>) -> Result<(), Fault> {
            self.0 = positions;
            Ok(())
        }

        async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
            Ok(None)
        }

        async fn back_off(&mut self, _fault: Fault, _attempt: u32) {}
    }

    struct Database;

    impl Projection for Database {
        async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
            Ok(vec![position()])
        }

        async fn apply(&mut self, _records: &[Record]) -> Result<(), Fault> {
            Ok(())
        }
    }

    #[test]
    fn reading_resumes_at_the_positions_of_the_database() {
        let mut reader = Noted::default();
        let ended = pin!(run(&mut reader, &mut Database)).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(ended, Poll::Ready(()));
        assert_eq!(reader.0, [position()]);
    }
}
