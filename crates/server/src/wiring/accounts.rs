//! Background tasks of the accounts service: poll sessions that ended elsewhere, and clean up.
//!
//! Promises: a fault is logged and retried; each loop runs until it is dropped.
//! Never: decides; the use cases of `accounts` do.

use std::{sync::Arc, time::Duration};

use accounts::Accounts;
use kernel::fault::chain;
use tokio::time::{MissedTickBehavior, interval};

/// The interval of polls for sessions that were ended at other processes.
const LOOK: Duration = Duration::from_millis(250);
/// The interval of removals of expired sessions.
const FORGET: Duration = Duration::from_mins(10);

/// Ends cached sessions that were ended at other processes. An outage is logged once.
pub(super) async fn follow_ends(accounts: Arc<Accounts>) {
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tick.tick().await;
        let looked = accounts.follow_ends().await;
        if let (Err(fault), false) = (&looked, failing) {
            tracing::warn!(cause = chain(fault), "ended sessions could not be read; trying again");
        }
        failing = looked.is_err();
    }
}

/// Removes sessions that have ended by themselves.
pub(super) async fn forget_ended(accounts: Arc<Accounts>) {
    let mut tick = interval(FORGET);
    loop {
        tick.tick().await;
        if let Err(fault) = accounts.forget_ended().await {
            tracing::warn!(
                cause = chain(&fault),
                "outdated sessions could not be deleted; trying again later"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use accounts::{
        ports::AccountStore as _,
        testing::{MemoryStore, PASSWORD, process, registration, token, user_id},
    };
    use kernel::{Clock as _, limits, testing::HandClock};
    use tokio::time::advance;

    use super::*;

    const ROBIN: &str = "robin@example.org";

    /// Two processes on one store. Robin is signed in at the first with token 1.
    async fn two_processes() -> (Arc<MemoryStore>, [(Arc<Accounts>, Arc<HandClock>); 2]) {
        let store = Arc::<MemoryStore>::default();
        let both = [process(&store).await, process(&store).await];
        let here = &both[0].0;
        here.register(user_id(1), registration(ROBIN)).await.unwrap();
        let home = IpAddr::V4(Ipv4Addr::LOCALHOST);
        here.sign_in(ROBIN, PASSWORD.to_owned(), home, &token(1)).await.unwrap();
        (store, both)
    }

    /// Lets the loops run without moving the time.
    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_sign_out_counts_everywhere_within_a_second() {
        let (_store, [(here, _), (there, _)]) = two_processes().await;
        let following = tokio::spawn(follow_ends(Arc::clone(&there)));
        settle().await;
        assert!(there.principal(&token(1)).await.unwrap().is_some());
        here.sign_out(&token(1)).await.unwrap();
        assert!(there.principal(&token(1)).await.unwrap().is_some(), "it is known here");
        advance(Duration::from_secs(1)).await;
        settle().await;
        assert_eq!(there.principal(&token(1)).await.unwrap(), None);
        following.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_that_ended_by_themselves_are_removed_again_and_again() {
        let (store, [(here, clock), _]) = two_processes().await;
        let cleaning = tokio::spawn(forget_ended(here));
        settle().await;
        assert!(store.session(token(1).hash()).await.unwrap().is_some());
        clock.set(clock.now() + limits::SESSION_IDLE);
        advance(FORGET).await;
        settle().await;
        assert_eq!(store.session(token(1).hash()).await.unwrap(), None);
        cleaning.abort();
    }
}
