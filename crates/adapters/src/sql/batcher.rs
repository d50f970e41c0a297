//! Joins single requests into bulk statements: while one batch is being committed, the next one gathers.
//!
//! For what happens thousands of times a second (creating bookings, paying them). Everything else calls [`Database::write`] itself,
//! which shares the commit but not the statements.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::{Database, SqlFault, Tx};

/// Requests that may wait; more wait outside.
const QUEUE: usize = 4_096;

type Waiting<I, O> = (I, oneshot::Sender<Result<O, SqlFault>>);

/// Takes requests one by one and hands them to a bulk job in batches; clones share it.
pub struct Batcher<I, O> {
    requests: mpsc::Sender<Waiting<I, O>>,
}

impl<I, O> Clone for Batcher<I, O> {
    fn clone(&self) -> Self {
        Self { requests: self.requests.clone() }
    }
}

impl<I: Send + Sync + 'static, O: Send + 'static> Batcher<I, O> {
    /// Starts the task that runs `job` on up to `max` requests at once. The job answers one output for each input, in their order. When a
    /// batch faults, each of its requests is tried alone, unless the server is away.
    pub fn start<F>(database: Database, max: usize, job: F) -> Self
    where
        F: for<'t> Fn(&'t [I], &'t mut Tx) -> BoxFuture<'t, Result<Vec<O>, SqlFault>> + Send + Sync + 'static,
    {
        let (requests, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(run(database, max, Arc::new(job), waiting));
        Self { requests }
    }

    /// The request's own output, after the commit of its batch.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, request: I) -> Result<O, SqlFault> {
        let (reply, answer) = oneshot::channel();
        self.requests.send((request, reply)).await.map_err(|_| SqlFault::Closed)?;
        answer.await.map_err(|_| SqlFault::Closed)?
    }
}

async fn run<I, O, F>(database: Database, max: usize, job: Arc<F>, mut waiting: mpsc::Receiver<Waiting<I, O>>)
where
    I: Send + Sync + 'static,
    O: Send + 'static,
    F: for<'t> Fn(&'t [I], &'t mut Tx) -> BoxFuture<'t, Result<Vec<O>, SqlFault>> + Send + Sync + 'static,
{
    let mut gathered = Vec::with_capacity(max);
    while waiting.recv_many(&mut gathered, max).await > 0 {
        let (requests, replies): (Vec<I>, Vec<_>) = gathered.drain(..).unzip();
        let requests = Arc::new(requests);
        match write(&database, &job, &requests, 0..requests.len()).await {
            Ok(outputs) => {
                for (reply, output) in replies.into_iter().zip(outputs) {
                    drop(reply.send(Ok(output)));
                }
            }
            Err(fault) if requests.len() == 1 || fault.is_of_the_server() => {
                for reply in replies {
                    drop(reply.send(Err(fault.clone())));
                }
            }
            Err(_) => {
                for (at, reply) in replies.into_iter().enumerate() {
                    let outcome = write(&database, &job, &requests, at..at + 1).await;
                    drop(reply.send(outcome.map(|mut outputs| outputs.remove(0))));
                }
            }
        }
    }
}

async fn write<I, O, F>(
    database: &Database,
    job: &Arc<F>,
    requests: &Arc<Vec<I>>,
    range: std::ops::Range<usize>,
) -> Result<Vec<O>, SqlFault>
where
    I: Send + Sync + 'static,
    O: Send + 'static,
    F: for<'t> Fn(&'t [I], &'t mut Tx) -> BoxFuture<'t, Result<Vec<O>, SqlFault>> + Send + Sync + 'static,
{
    let expected = range.len();
    let outputs = database
        .write((Arc::clone(job), Arc::clone(requests), range), |(job, requests, range), tx| {
            job(&requests[range.clone()], tx)
        })
        .await?;
    assert_eq!(outputs.len(), expected, "a bulk job answers each of its requests");
    Ok(outputs)
}
