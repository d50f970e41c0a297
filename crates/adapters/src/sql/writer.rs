//! The one writer of a database. It runs all jobs that wait in one transaction and answers them
//! after its commit (group commit).
//!
//! Promises: a job's answer comes after its commit is synced; a fault of one job rolls all back,
//! and then each runs alone, so only the faulty one fails. Never: two transactions at once, on
//! either engine.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use kernel::limits;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep_until,
};

use super::{SqlFault, Tx, outbox::Outbox};
use crate::{
    failpoint::{Point, hit},
    failure::Failure,
    pace::Pace,
};

/// The shortest time from the beginning of one commit to that of the next.
const PACE: Duration = Duration::from_millis(8);
/// How often work is tried that was rolled back by a conflict.
const TRIES: u32 = 3;

/// The way to the writer's task; clones share it.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Order>,
}

enum Order {
    Run(Box<dyn Job>),
    Close,
}

/// A piece of work whose types are its own business.
trait Job: Send {
    /// Runs it and keeps its answer until the commit.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), SqlFault>>;
    fn answer(self: Box<Self>, committed: Result<(), SqlFault>);
}

struct Work<I, T, F> {
    input: I,
    job: F,
    output: Option<T>,
    reply: oneshot::Sender<Result<T, SqlFault>>,
}

impl<I, T, F> Job for Work<I, T, F>
where
    I: Send + Sync,
    T: Send,
    F: for<'t> Fn(&'t I, &'t mut Tx) -> BoxFuture<'t, Result<T, SqlFault>> + Send + Sync,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), SqlFault>> {
        Box::pin(async move {
            let output = AssertUnwindSafe((self.job)(&self.input, tx)).catch_unwind().await;
            self.output = Some(output.map_err(|_| SqlFault::Panicked)??);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), SqlFault>) {
        let answer = match (committed, self.output) {
            (Ok(()), Some(output)) => Ok(output),
            (Ok(()), None) => unreachable!("a job is committed only after it has run"),
            (Err(fault), _) => Err(fault),
        };
        // The caller may have gone away; the work is done all the same.
        drop(self.reply.send(answer));
    }
}

impl Writer {
    pub(super) fn start(name: String, tx: Tx, outbox: Arc<Outbox>, failure: &Failure) -> Self {
        let (jobs, waiting) = mpsc::channel(limits::SQL_JOBS_WAITING);
        failure.spawn(name, run(waiting, tx, outbox));
        Self { jobs }
    }

    pub(super) async fn write<I, T, F>(&self, input: I, job: F) -> Result<T, SqlFault>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t I, &'t mut Tx) -> BoxFuture<'t, Result<T, SqlFault>> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(Work { input, job, output: None, reply });
        self.jobs.send(Order::Run(work)).await.map_err(|_| SqlFault::Closed)?;
        answer.await.map_err(|_| SqlFault::Closed)?
    }

    pub(super) async fn close(&self) {
        drop(self.jobs.send(Order::Close).await);
        // The task drops its end of the channel after its connection, also when it panics.
        self.jobs.closed().await;
    }
}

async fn run(mut waiting: mpsc::Receiver<Order>, mut tx: Tx, outbox: Arc<Outbox>) {
    let mut orders = Vec::with_capacity(limits::SQL_JOBS_PER_COMMIT);
    let mut open = true;
    let mut pace = Pace::new(PACE);
    while open && waiting.recv_many(&mut orders, limits::SQL_JOBS_PER_COMMIT).await > 0 {
        sleep_until(pace.next()).await;
        pace.begins();
        while orders.len() < limits::SQL_JOBS_PER_COMMIT
            && let Ok(order) = waiting.try_recv()
        {
            orders.push(order);
        }
        let full = orders.len() == limits::SQL_JOBS_PER_COMMIT;
        let mut jobs = Vec::with_capacity(orders.len());
        for order in orders.drain(..) {
            match order {
                Order::Run(job) if open => jobs.push(job),
                Order::Run(job) => job.answer(Err(SqlFault::Closed)),
                Order::Close => open = false,
            }
        }
        if !jobs.is_empty() {
            run_jobs(&mut tx, jobs, &outbox).await;
        }
        pace.ended(full);
    }
    tx.close().await;
}

async fn run_jobs(tx: &mut Tx, mut jobs: Vec<Box<dyn Job>>, outbox: &Outbox) {
    match run_in_one_commit(tx, &mut jobs, outbox).await {
        Err(fault) if jobs.len() > 1 && !fault.meets_all() => {
            for job in jobs {
                let mut alone = [job];
                let outcome = run_in_one_commit(tx, &mut alone, outbox).await;
                let [job] = alone;
                job.answer(outcome);
            }
        }
        outcome => jobs.into_iter().for_each(|job| job.answer(outcome.clone())),
    }
}

async fn run_in_one_commit(tx: &mut Tx, jobs: &mut [Box<dyn Job>], outbox: &Outbox) -> Result<(), SqlFault> {
    let mut tries = 1;
    loop {
        match transact(tx, jobs).await {
            Err(fault) if fault.is_passing() && tries < TRIES => tries += 1,
            Err(fault) => return Err(fault),
            Ok(()) => {
                hit(Point::SqlCommitted);
                if std::mem::take(&mut tx.sent) {
                    outbox.wake();
                }
                return Ok(());
            }
        }
    }
}

async fn transact(tx: &mut Tx, jobs: &mut [Box<dyn Job>]) -> Result<(), SqlFault> {
    tx.begin().await?;
    hit(Point::SqlBegun);
    let worked = async {
        for job in jobs {
            job.run(tx).await?;
        }
        Ok(())
    };
    match worked.await {
        Ok(()) => {
            hit(Point::SqlWorked);
            kernel::sabotaged!("sql.failed-commit-acknowledged", tx.commit().await, Ok(()))
        }
        Err(fault) => {
            tx.roll_back().await;
            Err(fault)
        }
    }
}
