//! Sessions begin, are known without the store, survive a restart, and end for good, at every process.

use std::{
    net::Ipv4Addr,
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
};

use adapters::sql::{Database, DatabaseUrl, accounts::ACCOUNTS_MIGRATIONS};
use kernel::{Role, Timestamp, limits};

use super::{remembered::BELIEVED, *};

const GOOD: &str = "correct horse battery";
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Rig {
    service: Arc<AccountsService>,
    database: Database,
    clock: Arc<HandClock>,
}

/// A process on a file of its own.
async fn open(folder: &Path) -> Rig {
    open_at(&DatabaseUrl::File(folder.join("accounts.sqlite"))).await
}

/// A process that has looked once.
async fn open_at(place: &DatabaseUrl) -> Rig {
    let database = Database::open(place, &[ACCOUNTS_MIGRATIONS]).await.unwrap();
    let clock = Arc::new(HandClock(AtomicI64::new(1_000_000_000_000)));
    let stored = SqlAccounts::new(database.clone());
    let passwords = Passwords::new().await.unwrap();
    let service = Arc::new(AccountsService::new(stored, passwords, Arc::<HandClock>::clone(&clock)));
    service.look().await.unwrap();
    Rig { service, database, clock }
}

impl Rig {
    async fn register(&self, email: &str) -> Registered {
        let registration = Registration {
            email: email.to_owned(),
            password: GOOD.to_owned(),
            name: "Robin".to_owned(),
            role: Role::Buyer,
        };
        self.service.register(registration).await.unwrap()
    }

    async fn token(&self, email: &str) -> String {
        match self.service.sign_in(email, GOOD.to_owned(), HOME).await.unwrap() {
            SignIn::Done { token, .. } => token,
            _ => panic!("{email} cannot sign in"),
        }
    }

    async fn is_alive(&self, token: &str) -> bool {
        self.service.principal_of(token).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn a_session_lives_until_it_is_ended_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let rig = open(folder.path()).await;
    assert!(matches!(rig.register("robin@example.org").await, Registered::Done(_)));
    assert!(matches!(rig.register("ROBIN@example.org").await, Registered::EmailTaken));
    let (one, two) = (rig.token("Robin@Example.org").await, rig.token("robin@example.org").await);
    assert_ne!(one, two);
    assert!(rig.is_alive(&one).await && rig.is_alive(&two).await);
    assert!(!rig.is_alive("made up").await);
    rig.service.sign_out(&one).await.unwrap();
    assert!(!rig.is_alive(&one).await, "it ended at once");
    assert!(rig.is_alive(&two).await, "the other goes on");
    rig.database.close().await;

    let again = open(folder.path()).await;
    assert!(
        again.is_alive(&two).await && !again.is_alive(&one).await,
        "the store says the same after a restart"
    );
    again.clock.0.fetch_add(i64::try_from(limits::SESSION_IDLE.as_millis()).unwrap(), Ordering::Relaxed);
    assert!(!again.is_alive(&two).await, "it was idle for too long");
}

#[tokio::test]
async fn a_known_session_costs_no_call_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let rig = open(folder.path()).await;
    rig.register("robin@example.org").await;
    let token = rig.token("robin@example.org").await;
    rig.database.close().await;
    assert!(rig.is_alive(&token).await);
}

#[tokio::test]
async fn who_guesses_must_wait_and_hears_nothing_of_who_exists() {
    let folder = tempfile::tempdir().unwrap();
    let rig = open(folder.path()).await;
    rig.register("robin@example.org").await;
    for email in ["robin@example.org", "nobody@example.org"] {
        for _ in 0..limits::SIGN_IN_FAILURES_PER_ACCOUNT {
            let answer = rig.service.sign_in(email, "wrong".to_owned(), HOME).await.unwrap();
            assert!(matches!(answer, SignIn::WrongCredentials), "{email}");
        }
        let answer = rig.service.sign_in(email, GOOD.to_owned(), HOME).await.unwrap();
        assert!(matches!(answer, SignIn::TooMany(_)), "{email}");
    }
    rig.clock
        .0
        .fetch_add(i64::try_from(limits::SIGN_IN_WAIT_PER_ACCOUNT.as_millis()).unwrap(), Ordering::Relaxed);
    rig.token("robin@example.org").await;
}

/// A database that several processes share.
async fn shared() -> DatabaseUrl {
    let name = format!("accounts_{}", Uuid::new_v4().simple());
    let url = rig::postgres().await.create_database(&name, "accounts").await.unwrap();
    DatabaseUrl::server(&url).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_at_one_process_counts_at_another_within_a_second() {
    let place = shared().await;
    let (one, other) = (open_at(&place).await, open_at(&place).await);
    let following = tokio::spawn(Arc::clone(&other.service).follow_ends());
    one.register("robin@example.org").await;
    let token = one.token("robin@example.org").await;
    assert!(other.is_alive(&token).await, "a session that began elsewhere");
    let elsewhere = other.token("robin@example.org").await;
    assert!(one.is_alive(&elsewhere).await, "and the other way round");

    one.service.sign_out(&token).await.unwrap();
    let begun = Instant::now();
    while other.is_alive(&token).await {
        tokio::task::yield_now().await;
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(other.is_alive(&elsewhere).await);
    following.abort();
}

#[tokio::test]
async fn a_process_that_hears_nothing_stops_believing_what_it_knows() {
    let place = shared().await;
    let (one, deaf) = (open_at(&place).await, open_at(&place).await);
    one.register("robin@example.org").await;
    let token = one.token("robin@example.org").await;
    assert!(deaf.is_alive(&token).await);
    deaf.database.close().await;
    assert!(deaf.is_alive(&token).await, "an outage of seconds signs nobody out");
    one.service.sign_out(&token).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(BELIEVED).await;
    assert!(deaf.service.principal_of(&token).await.is_err(), "who cannot ask cannot say who this is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_another_process_keeps_in_use_is_not_idle() {
    let place = shared().await;
    let (one, other) = (open_at(&place).await, open_at(&place).await);
    one.register("robin@example.org").await;
    let token = one.token("robin@example.org").await;
    assert!(other.is_alive(&token).await);
    let almost = i64::try_from(limits::SESSION_IDLE.as_millis()).unwrap() - 1_000;
    one.clock.0.fetch_add(almost, Ordering::Relaxed);
    assert!(one.is_alive(&token).await, "used in time, and noted");
    other.clock.0.fetch_add(almost + 2_000, Ordering::Relaxed);
    assert!(other.is_alive(&token).await, "here it was never used since");
}

#[tokio::test]
async fn a_token_that_nobody_has_is_looked_up_once() {
    let folder = tempfile::tempdir().unwrap();
    let rig = open(folder.path()).await;
    let made_up = "0".repeat(TOKEN_LENGTH);
    assert!(!rig.is_alive(&made_up).await);
    rig.database.close().await;
    assert!(!rig.is_alive(&made_up).await, "known to be of no use");
    assert!(!rig.is_alive("short").await, "no token at all");
    assert!(rig.service.principal_of(&"1".repeat(TOKEN_LENGTH)).await.is_err());
}
