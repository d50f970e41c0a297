//! Requests from outside: sent to the process that answers now, and lost when it dies or says
//! nothing for too long.

use std::{
    future::{Future, poll_fn},
    sync::{Arc, Mutex},
    task::{Poll, Waker},
};

use booking::Bookings;
use event_ticketing::Events;
use kernel::Fault;

use crate::{
    sql::locked,
    store::SimStore,
    town::Town,
    world::{Life, ProcessId},
};

/// How long a client waits for an answer.
const PATIENCE_MS: u64 = 4_000;

struct Reply<T> {
    answer: Option<T>,
    lost: bool,
    waker: Option<Waker>,
}

/// The answering end; dropped without an answer it says so.
struct Sender<T>(Arc<Mutex<Reply<T>>>);

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waker = {
            let mut reply = locked(&self.0);
            reply.lost = true;
            reply.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Has `work` done by booking; none when nobody took it, no answer came, or a fault. Whether it was
/// done is then not known.
pub(crate) async fn ask<T, F>(town: &Arc<Town>, work: impl FnOnce(Bookings<SimStore>) -> F) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let door = locked(&town.doors).booking.clone();
    through(town, door, work).await
}

/// The same of event_ticketing.
pub(crate) async fn ask_events<T, F>(town: &Arc<Town>, work: impl FnOnce(Events) -> F) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let door = locked(&town.doors).ticketing.clone();
    through(town, door, work).await
}

/// The same of the process behind a door.
pub(crate) async fn through<S, T, F>(
    town: &Arc<Town>,
    door: Option<(ProcessId, S)>,
    work: impl FnOnce(S) -> F,
) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let (process, service) = door.filter(|(process, _)| town.world.life(*process) != Life::Dead)?;
    let reply = Arc::new(Mutex::new(Reply { answer: None, lost: false, waker: None }));
    // Boxed at once, since it is large and moved more than once.
    let (sender, job) = (Sender(Arc::clone(&reply)), Box::pin(work(service)));
    let world = town.world.clone();
    town.world.spawn(process, async move {
        if world.chance(30) {
            world.pause(5).await;
        }
        let answer = job.await;
        locked(&sender.0).answer = answer.ok();
        drop(sender);
    });
    let answered = poll_fn(|cx| {
        let mut reply = locked(&reply);
        if reply.lost {
            return Poll::Ready(reply.answer.take());
        }
        reply.waker = Some(cx.waker().clone());
        Poll::Pending
    });
    let answer = town.world.within(PATIENCE_MS, answered).await.flatten();
    if answer.is_none() {
        town.world.cover("answers that were lost");
    }
    answer
}
