//! Sessions begin, are known without the store, survive a restart, and end for good.

use std::{
    net::Ipv4Addr,
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
};

use adapters::sql::{Database, accounts::ACCOUNTS_MIGRATIONS};
use kernel::{Role, Timestamp, limits};

use super::*;

const GOOD: &str = "correct horse battery";
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Rig {
    service: AccountsService,
    database: Database,
    clock: Arc<HandClock>,
}

async fn open(folder: &Path) -> Rig {
    let database = Database::open(&folder.join("accounts.sqlite"), &[ACCOUNTS_MIGRATIONS]).await.unwrap();
    let clock = Arc::new(HandClock(AtomicI64::new(1_000_000_000_000)));
    let stored = SqlAccounts::new(database.clone());
    let passwords = Passwords::new().await.unwrap();
    Rig { service: AccountsService::new(stored, passwords, Arc::<HandClock>::clone(&clock)), database, clock }
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
