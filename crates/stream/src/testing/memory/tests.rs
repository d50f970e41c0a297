//! The log in memory against the contract that the real logs keep.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::MemoryLog;
use crate::testing::{Calm, contract::Rig};

struct Memory;

impl Rig for Memory {
    type Log = MemoryLog;

    async fn log(&self) -> MemoryLog {
        MemoryLog::new(Arc::new(Calm))
    }

    async fn crash(&self, log: MemoryLog) -> MemoryLog {
        log.lose_tail();
        log.open_again();
        log
    }

    /// A millisecond is one turn of all the others.
    async fn within<T>(&self, longest: Duration, wait: impl Future<Output = T>) -> Option<T> {
        let (mut wait, mut turns) = (pin!(wait), longest.as_millis() + 1);
        poll_fn(|cx| {
            if let Poll::Ready(answer) = wait.as_mut().poll(cx) {
                return Poll::Ready(Some(answer));
            }
            turns -= 1;
            if turns == 0 {
                return Poll::Ready(None);
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

fn run(case: impl Future<Output = ()>) {
    let mut case = pin!(case);
    while case.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}

crate::log_contract!(run, Memory);
