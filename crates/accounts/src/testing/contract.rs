//! What every store and every hasher must keep. Each check of a store wants a fresh one.

use std::{future::Future, time::Duration};

use kernel::{Principal, Timestamp};

use super::{PASSWORD, account, at, token, user_id};
use crate::{
    Account, EndId, Password, Session, TokenHash,
    ports::{AccountStore, AddOutcome, Hasher, Outdated},
};

/// All checks of a store, each on a store of its own.
pub async fn store<S: AccountStore, F: Future<Output = S>>(fresh: impl Fn() -> F) {
    an_address_has_one_account(&fresh().await).await;
    a_session_lives_until_it_is_ended(&fresh().await).await;
    ends_are_read_in_order_and_once(&fresh().await).await;
    what_is_outdated_is_removed(&fresh().await).await;
}

async fn an_address_has_one_account(store: &impl AccountStore) {
    let robin = account(1, "robin@example.org");
    assert_eq!(store.add(robin.clone(), "h1".to_owned()).await.unwrap(), AddOutcome::Added);
    let again = account(2, "ROBIN@example.org");
    assert_eq!(store.add(again, "h2".to_owned()).await.unwrap(), AddOutcome::EmailTaken);
    let found = store.by_email(&robin.email).await.unwrap();
    assert_eq!(found, Some((robin.clone(), "h1".to_owned())));
    assert_eq!(store.by_id(robin.id).await.unwrap(), Some(robin));
    assert_eq!(store.by_id(user_id(2)).await.unwrap(), None);
    assert_eq!(store.by_email(&"x@example.org".parse().unwrap()).await.unwrap(), None);
}

fn hash(n: u8) -> TokenHash {
    token(n).hash()
}

/// Robin's account, and sessions with these tokens that began then.
async fn sessions(store: &impl AccountStore, tokens: &[u8], began: Timestamp) -> Session {
    let robin: Account = account(1, "robin@example.org");
    let principal = Principal { user_id: robin.id, role: robin.role };
    store.add(robin, "h".to_owned()).await.unwrap();
    let session = Session::new(principal, began);
    for n in tokens {
        store.add_session(hash(*n), session).await.unwrap();
    }
    session
}

async fn a_session_lives_until_it_is_ended(store: &impl AccountStore) {
    let session = sessions(store, &[1, 2], at(1_000)).await;
    assert_eq!(store.session(hash(1)).await.unwrap(), Some(session));
    assert_eq!(store.session(hash(9)).await.unwrap(), None);
    store.seen(hash(1), at(5_000)).await.unwrap();
    let seen = Session { seen_at: at(5_000), ..session };
    assert_eq!(store.session(hash(1)).await.unwrap(), Some(seen));
    store.end_session(hash(1), at(6_000)).await.unwrap();
    assert_eq!(store.session(hash(1)).await.unwrap(), None);
    store.seen(hash(1), at(7_000)).await.unwrap();
    assert_eq!(store.session(hash(1)).await.unwrap(), None, "seen too late, it stays ended");
    assert_eq!(store.session(hash(2)).await.unwrap(), Some(session), "the other one lives");
}

async fn ends_after(store: &impl AccountStore, mut last: EndId) -> Vec<TokenHash> {
    let mut all = Vec::new();
    loop {
        let ends = store.ends_after(last).await.unwrap();
        let Some((latest, _)) = ends.last() else { return all };
        assert!(ends.is_sorted() && ends[0].0 > last, "{ends:?}");
        last = *latest;
        all.extend(ends.into_iter().map(|(_, token)| token));
    }
}

async fn ends_are_read_in_order_and_once(store: &impl AccountStore) {
    sessions(store, &[1, 2, 3], at(1_000)).await;
    store.end_session(hash(3), at(2_000)).await.unwrap();
    let before = store.latest_end().await.unwrap();
    for _ in 0..2 {
        store.end_session(hash(2), at(2_000)).await.unwrap();
        store.end_session(hash(1), at(2_000)).await.unwrap();
    }
    assert_eq!(ends_after(store, before).await, [hash(2), hash(1)]);
    let latest = store.latest_end().await.unwrap();
    assert!(latest > before);
    assert_eq!(ends_after(store, latest).await, []);
}

async fn what_is_outdated_is_removed(store: &impl AccountStore) {
    let session = sessions(store, &[1, 2, 3], at(1_000)).await;
    store.seen(hash(1), at(50_000)).await.unwrap();
    store.end_session(hash(3), at(20_000)).await.unwrap();
    let nothing = Outdated { seen_at: at(999), created_at: at(999), ended_at: at(19_999) };
    store.remove(nothing).await.unwrap();
    assert!(store.session(hash(2)).await.unwrap().is_some());
    assert_eq!(ends_after(store, EndId(0)).await, [hash(3)]);

    let idle = Outdated { seen_at: at(1_000), ended_at: at(20_000), ..nothing };
    store.remove(idle).await.unwrap();
    assert_eq!(store.session(hash(2)).await.unwrap(), None, "idle");
    assert!(store.session(hash(1)).await.unwrap().is_some(), "it was used since");
    assert_eq!(ends_after(store, EndId(0)).await, []);

    let old = Outdated { created_at: session.created_at + Duration::ZERO, ..nothing };
    store.remove(old).await.unwrap();
    assert_eq!(store.session(hash(1)).await.unwrap(), None, "too old");
}

/// All checks of a hasher.
pub async fn hasher(hasher: &impl Hasher) {
    let good = || Password::new(PASSWORD.to_owned()).unwrap();
    let stored = hasher.hash(good()).await.unwrap();
    assert!(hasher.verify(PASSWORD.to_owned(), stored.clone()).await.unwrap());
    assert!(!hasher.verify("correct horse batterz".to_owned(), stored.clone()).await.unwrap());
    assert!(!hasher.verify(String::new(), stored.clone()).await.unwrap());
    assert_ne!(stored, hasher.hash(good()).await.unwrap(), "each hash has a salt of its own");
    assert!(hasher.verify(PASSWORD.to_owned(), "rubbish".to_owned()).await.is_err());
    let nobody = hasher.hash(Password::of_nobody()).await.unwrap();
    assert!(!hasher.verify(PASSWORD.to_owned(), nobody).await.unwrap());
}
