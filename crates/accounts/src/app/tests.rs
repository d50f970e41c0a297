//! The use cases on in-memory ports: sessions begin, are known without the store, and end for good
//! at every process.

use std::{
    future::poll_fn,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use futures::{executor::block_on, future::join_all};
use kernel::{Clock as _, Fault, limits, testing::HandClock};

use super::Accounts;
use crate::{
    EndId, Password, RegisterOutcome, SignInOutcome, Token,
    ports::{AccountStore as _, Hasher},
    testing::{MemoryHasher, MemoryStore, PASSWORD, at, contract, process, registration, token, user_id},
};

const ROBIN: &str = "robin@example.org";
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[test]
fn the_ports_in_memory_keep_their_contracts() {
    block_on(async {
        contract::store(|| async { MemoryStore::default() }).await;
        contract::hasher(&MemoryHasher::default()).await;
    });
}

/// A process that has looked once.
struct Process {
    accounts: Arc<Accounts>,
    clock: Arc<HandClock>,
    store: Arc<MemoryStore>,
}

impl Process {
    fn new(store: &Arc<MemoryStore>) -> Self {
        let (accounts, clock) = block_on(process(store));
        clock.set(at(1_000_000_000_000));
        block_on(accounts.follow_ends()).unwrap();
        Self { accounts, clock, store: Arc::clone(store) }
    }

    fn register(&self, n: u8, email: &str) -> RegisterOutcome {
        block_on(self.accounts.register(user_id(n), registration(email))).unwrap()
    }

    fn try_to_sign_in(&self, email: &str, password: &str, token: &Token) -> SignInOutcome {
        block_on(self.accounts.sign_in(email, password.to_owned(), HOME, token)).unwrap()
    }

    fn sign_in(&self, n: u8) -> Token {
        let outcome = self.try_to_sign_in(ROBIN, PASSWORD, &token(n));
        assert!(matches!(outcome, SignInOutcome::SignedIn { .. }), "{outcome:?}");
        token(n)
    }

    fn is_alive(&self, token: &Token) -> bool {
        block_on(self.accounts.principal(token)).unwrap().is_some()
    }

    fn sign_out(&self, token: &Token) {
        block_on(self.accounts.sign_out(token)).unwrap();
    }

    fn look(&self) {
        block_on(self.accounts.follow_ends()).unwrap();
    }

    fn advance(&self, by: Duration) {
        self.clock.set(self.clock.now() + by);
    }
}

/// A process where Robin is registered.
fn registered() -> Process {
    let process = Process::new(&Arc::default());
    assert!(matches!(process.register(1, ROBIN), RegisterOutcome::Registered(_)));
    process
}

#[test]
fn an_address_registers_once() {
    let process = registered();
    assert_eq!(process.register(2, "ROBIN@example.org"), RegisterOutcome::EmailTaken);
    let account = block_on(process.accounts.account_of(&ROBIN.parse().unwrap())).unwrap().unwrap();
    assert_eq!(account.id, user_id(1));
    assert_eq!(block_on(process.accounts.account(user_id(1))).unwrap(), Some(account));
    assert_eq!(block_on(process.accounts.account(user_id(2))).unwrap(), None);
}

#[test]
fn a_session_lives_until_it_is_ended_and_no_longer() {
    let process = registered();
    let (one, two) = (process.sign_in(1), process.sign_in(2));
    assert!(process.is_alive(&one) && process.is_alive(&two));
    process.sign_out(&one);
    assert!(!process.is_alive(&one), "it ended at once");
    assert!(process.is_alive(&two), "the other one lives");

    let restarted = Process::new(&process.store);
    assert!(restarted.is_alive(&two) && !restarted.is_alive(&one), "the store says the same");
    restarted.advance(limits::SESSION_IDLE);
    assert!(!restarted.is_alive(&two), "it was idle for too long");
}

#[test]
fn a_known_session_costs_no_call_of_the_store() {
    let process = registered();
    let token = process.sign_in(1);
    process.store.set_away(true);
    assert!(process.is_alive(&token));
}

#[test]
fn a_token_without_a_session_is_asked_for_once() {
    let process = registered();
    assert!(!process.is_alive(&token(8)));
    process.store.set_away(true);
    assert!(!process.is_alive(&token(8)));
    assert!(block_on(process.accounts.principal(&token(9))).is_err());
}

#[test]
fn repeated_failures_must_wait_and_do_not_show_who_has_an_account() {
    let process = registered();
    for email in [ROBIN, "nobody@example.org", "no address"] {
        for _ in 0..limits::SIGN_IN_FAILURES_PER_ACCOUNT {
            let outcome = process.try_to_sign_in(email, "wrong", &token(1));
            assert_eq!(outcome, SignInOutcome::WrongCredentials, "{email}");
        }
        let outcome = process.try_to_sign_in(email, PASSWORD, &token(1));
        assert!(matches!(outcome, SignInOutcome::TooManyFailures(_)), "{email}");
    }
    process.advance(limits::SIGN_IN_WAIT_PER_ACCOUNT);
    process.sign_in(1);
}

/// Others get their turn while it computes.
#[derive(Default)]
struct BusyHasher(MemoryHasher);

#[async_trait]
impl Hasher for BusyHasher {
    async fn hash(&self, password: Password) -> Result<String, Fault> {
        self.0.hash(password).await
    }

    async fn verify(&self, password: String, stored: String) -> Result<bool, Fault> {
        let mut given = false;
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if std::mem::replace(&mut given, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.0.verify(password, stored).await
    }
}

/// Passwords that are checked at once: each is asked about before any has failed.
#[test]
fn guesses_at_once_learn_no_more_than_guesses_one_after_another() {
    let (store, hasher) = (Arc::<MemoryStore>::default(), Arc::<BusyHasher>::default());
    let accounts = block_on(Accounts::new(store, hasher, Arc::<HandClock>::default())).unwrap();
    block_on(accounts.register(user_id(1), registration(ROBIN))).unwrap();
    let most = limits::SIGN_IN_FAILURES_PER_ACCOUNT as usize;
    let session = token(1);
    let guess = |password: &str| accounts.sign_in(ROBIN, password.to_owned(), HOME, &session);
    let all = (0..most + 5).map(|_| guess("wrong")).chain([guess(PASSWORD)]);
    let outcomes = block_on(join_all(all));
    let told = |told: &SignInOutcome| outcomes.iter().flatten().filter(|&outcome| outcome == told).count();
    assert_eq!(told(&SignInOutcome::WrongCredentials), most);
    assert!(matches!(outcomes.last(), Some(Ok(SignInOutcome::TooManyFailures(_)))), "{outcomes:?}");
}

#[test]
fn an_address_without_an_account_costs_a_check_and_never_signs_in() {
    let (store, hasher) = (Arc::<MemoryStore>::default(), Arc::<MemoryHasher>::default());
    let clock = Arc::<HandClock>::default();
    let accounts = block_on(Accounts::new(store, Arc::<MemoryHasher>::clone(&hasher), clock)).unwrap();
    block_on(accounts.register(user_id(1), registration(ROBIN))).unwrap();
    let attempts = [(ROBIN, "wrong"), ("nobody@example.org", "wrong"), ("nobody@example.org", ""), ("x", "")];
    for (number, (email, password)) in (1..).zip(attempts) {
        let outcome = block_on(accounts.sign_in(email, password.to_owned(), HOME, &token(1))).unwrap();
        assert_eq!(outcome, SignInOutcome::WrongCredentials, "{email} {password}");
        assert_eq!(hasher.checks(), number, "{email} {password}");
    }
}

#[test]
fn what_is_done_at_one_process_counts_at_another_after_its_next_look() {
    let one = registered();
    let other = Process::new(&one.store);
    let (first, second) = (one.sign_in(1), one.sign_in(2));
    let elsewhere = other.sign_in(3);
    assert!(other.is_alive(&first) && other.is_alive(&second), "they began elsewhere");
    assert!(one.is_alive(&elsewhere), "and the other way round");

    one.sign_out(&first);
    one.sign_out(&second);
    other.look();
    other.store.set_away(true);
    assert!(other.is_alive(&elsewhere), "it is still known");
    other.store.set_away(false);
    assert!(!other.is_alive(&first) && !other.is_alive(&second));
}

#[test]
fn a_process_that_cannot_look_stops_trusting_what_it_knows() {
    let one = registered();
    let deaf = Process::new(&one.store);
    let token = one.sign_in(1);
    assert!(deaf.is_alive(&token));
    deaf.store.set_away(true);
    deaf.advance(limits::SESSION_CACHE_TRUSTED.saturating_sub(Duration::from_millis(1)));
    assert!(deaf.is_alive(&token), "an outage of seconds signs nobody out");
    deaf.advance(Duration::from_millis(1));
    assert!(block_on(deaf.accounts.principal(&token)).is_err(), "it may have ended elsewhere");
    deaf.store.set_away(false);
    one.sign_out(&token);
    deaf.look();
    deaf.store.set_away(true);
    let known = block_on(deaf.accounts.principal(&token));
    assert!(known.is_err(), "the look starts again, so nothing from before it is known");
}

#[test]
fn a_session_that_another_process_keeps_in_use_is_not_idle() {
    let one = registered();
    let other = Process::new(&one.store);
    let token = one.sign_in(1);
    assert!(other.is_alive(&token));
    let almost = limits::SESSION_IDLE.saturating_sub(Duration::from_secs(1));
    one.advance(almost);
    assert!(one.is_alive(&token), "used in time, and noted");
    other.advance(almost + Duration::from_secs(2));
    assert!(other.is_alive(&token), "here it was never used since");
}

#[test]
fn what_has_ended_by_itself_is_forgotten() {
    let process = registered();
    let (used, idle, ended) = (process.sign_in(1), process.sign_in(2), process.sign_in(3));
    process.sign_out(&ended);
    process.advance(limits::SESSION_IDLE / 2);
    assert!(process.is_alive(&used));
    process.advance(limits::SESSION_IDLE / 2);
    block_on(process.accounts.forget_ended()).unwrap();
    let stored = |token: &Token| block_on(process.store.session(token.hash())).unwrap().is_some();
    assert!(stored(&used) && !stored(&idle));
    assert_eq!(block_on(process.store.ends_after(EndId(0))).unwrap(), [], "every process saw it");
    process.store.set_away(true);
    assert!(block_on(process.accounts.principal(&idle)).is_err(), "it is not known any more");
}
