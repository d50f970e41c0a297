//! Registering, signing in and out, and whose session a token is.
//!
//! Promises: a token is 256 random bits and is stored only as its hash; checking one that is known costs no database call; after a sign-out it is
//! of no use here the moment the call answers, and within a second at every other process on the same accounts. Never: prints a token or a password.

mod remembered;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use accounts::{Account, Email, Registration, Session, SessionState, Throttle, Wait, read_registration};
use adapters::{
    passwords::Passwords,
    sql::{
        SqlFault,
        accounts::{Added, SqlAccounts},
    },
};
use futures::future::BoxFuture;
use kernel::{Clock, Fault, Principal, UserId, Violation, fault::chain};
use sha2::{Digest, Sha256};
use tokio::{
    sync::Semaphore,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use uuid::Uuid;

use self::remembered::{Known, Remembered, TokenHash};
use crate::gate::Sessions;

/// How often sessions that have ended are removed.
const FORGET: Duration = Duration::from_mins(10);
/// How often it is asked which sessions were ended at other processes.
const LOOK: Duration = Duration::from_millis(250);
/// Tokens that are looked up in the store at once: who makes tokens up must not take its connections from everybody else.
const LOOK_UPS: usize = 4;
/// How long a token waits for that.
const LOOK_UP_WAIT: Duration = Duration::from_secs(1);
/// Characters of a token: 256 bits in hex.
const TOKEN_LENGTH: usize = 64;

/// The accounts service as the routes call it.
pub struct AccountsService {
    accounts: SqlAccounts,
    passwords: Passwords,
    clock: Arc<dyn Clock>,
    remembered: Remembered,
    look_ups: Semaphore,
    throttle: Mutex<Throttle>,
}

/// What became of a registration.
pub enum Registered {
    Done(Account),
    Invalid(Vec<Violation>),
    EmailTaken,
}

/// What became of an attempt to sign in.
pub enum SignIn {
    /// `token` is told once, here.
    Done {
        token: String,
        session: Session,
        account: Account,
    },
    WrongCredentials,
    TooMany(Wait),
}

impl AccountsService {
    pub fn new(accounts: SqlAccounts, passwords: Passwords, clock: Arc<dyn Clock>) -> Self {
        Self {
            accounts,
            passwords,
            clock,
            remembered: Remembered::default(),
            look_ups: Semaphore::new(LOOK_UPS),
            throttle: Mutex::default(),
        }
    }

    /// # Errors
    /// When the store or hashing fails.
    pub async fn register(&self, registration: Registration) -> Result<Registered, Fault> {
        let id = UserId::new(Uuid::now_v7());
        let (account, password) = match read_registration(registration, id, self.clock.now()) {
            Ok(read) => read,
            Err(violations) => return Ok(Registered::Invalid(violations)),
        };
        let hash = self.passwords.hash(password).await?;
        match self.accounts.add(account.clone(), hash).await.map_err(|f| f.doing("add an account"))? {
            Added::Done => Ok(Registered::Done(account)),
            Added::EmailTaken => Ok(Registered::EmailTaken),
        }
    }

    /// # Errors
    /// When the store or hashing fails.
    pub async fn sign_in(&self, email: &str, password: String, address: IpAddr) -> Result<SignIn, Fault> {
        // What is no address has no account; it is treated, and takes as long, as one without.
        let email = email.parse::<Email>().map_or_else(|_| email.to_lowercase(), |email| email.to_string());
        let address = address.to_string();
        if let Err(wait) = locked(&self.throttle).check(&email, &address, self.clock.now()) {
            tracing::info!(target: "security", %address, "sign-in refused: too many failures");
            return Ok(SignIn::TooMany(wait));
        }
        let found = self.accounts.by_email(&email).await.map_err(|f| f.doing("read an account"))?;
        let (account, hash) = found.map_or((None, None), |(account, hash)| (Some(account), Some(hash)));
        let matches = self.passwords.verify(password, hash).await?;
        if let Some(account) = account.filter(|_| matches) {
            return self.begin(account).await;
        }
        locked(&self.throttle).failed(&email, &address, self.clock.now());
        tracing::info!(target: "security", %address, "sign-in failed");
        Ok(SignIn::WrongCredentials)
    }

    async fn begin(&self, account: Account) -> Result<SignIn, Fault> {
        locked(&self.throttle).succeeded(account.email.as_str());
        let token = new_token()?;
        let principal = Principal { user_id: account.id, role: account.role };
        let session = Session::new(principal, self.clock.now());
        let hash = hash_of(&token);
        self.accounts
            .add_session(hex::encode(hash), session)
            .await
            .map_err(|f| f.doing("begin a session"))?;
        self.remembered.put(hash, session);
        tracing::info!(target: "security", user = %account.id, "signed in");
        Ok(SignIn::Done { token, session, account })
    }

    /// Ends a session, here and in the store.
    ///
    /// # Errors
    /// When the store fails: then the session may still live.
    pub async fn sign_out(&self, token: &str) -> Result<(), Fault> {
        let hash = hash_of(token);
        let ended = self.accounts.end_session(hex::encode(hash), self.clock.now()).await;
        self.remembered.remove(&hash);
        tracing::info!(target: "security", "signed out");
        ended.map_err(|f| f.doing("end a session"))
    }

    /// # Errors
    /// When the store fails.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, Fault> {
        self.accounts.by_id(id).await.map_err(|f| f.doing("read an account"))
    }

    /// The account with this address.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn account_of(&self, email: &Email) -> Result<Option<Account>, Fault> {
        let found = self.accounts.by_email(email.as_str()).await.map_err(|f| f.doing("read an account"))?;
        Ok(found.map(|(account, _)| account))
    }

    /// Removes sessions that have ended by themselves, for ever.
    pub async fn forget_ended(self: Arc<Self>) {
        let mut tick = interval(FORGET);
        loop {
            tick.tick().await;
            let now = self.clock.now();
            self.remembered.forget_ended(now);
            if let Err(fault) = self.accounts.forget_ended(now).await {
                tracing::warn!(cause = chain(&fault), "ended sessions stay stored; trying again later");
            }
        }
    }

    /// Hears which sessions were ended at other processes, for ever. Without it every token is looked up at each request.
    pub async fn follow_ends(self: Arc<Self>) {
        let mut tick = interval(LOOK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = false;
        loop {
            tick.tick().await;
            match self.look().await {
                Ok(()) => told = false,
                Err(fault) if !told => {
                    told = true;
                    tracing::warn!(cause = chain(&fault), "cannot hear which sessions end; trying again");
                }
                Err(_) => {}
            }
        }
    }

    async fn look(&self) -> Result<(), Fault> {
        let doing = |fault: SqlFault| fault.doing("read which sessions were ended");
        let begun = Instant::now();
        let Some(mut last) = self.remembered.last_end() else {
            let latest = self.accounts.latest_end().await.map_err(doing)?;
            self.remembered.begin(begun, latest);
            return Ok(());
        };
        loop {
            let ends = self.accounts.ends_after(last).await.map_err(doing)?;
            let Some((latest, _)) = ends.last() else { break };
            last = *latest;
            let tokens: Vec<_> = ends.iter().filter_map(|(_, hash)| read_hash(hash)).collect();
            self.remembered.looked(begun, last, &tokens);
        }
        self.remembered.looked(begun, last, &[]);
        Ok(())
    }

    async fn principal_of(&self, token: &str) -> Result<Option<Principal>, Fault> {
        if token.len() != TOKEN_LENGTH {
            return Ok(None);
        }
        let hash = hash_of(token);
        if let Known::Absent = self.remembered.get(&hash) {
            return Ok(None);
        }
        let now = self.clock.now();
        if let Known::Alive(session) = self.remembered.get(&hash)
            && session.state(now) == (SessionState::Alive { note: false })
        {
            return Ok(Some(session.principal));
        }
        // Unknown here, or to be noted, or idle as far as this process knows: it may have been used at another.
        let Some(mut session) = self.look_up(hash).await? else {
            self.remembered.put_absent(hash);
            return Ok(None);
        };
        match session.state(now) {
            SessionState::Ended => {
                self.remembered.remove(&hash);
                Ok(None)
            }
            SessionState::Alive { note } => {
                if note {
                    session.seen_at = now;
                    self.accounts
                        .seen(hex::encode(hash), now)
                        .await
                        .map_err(|f| f.doing("note a session"))?;
                }
                self.remember_if_alive(hash, session).await?;
                Ok(Some(session.principal))
            }
        }
    }

    async fn look_up(&self, hash: TokenHash) -> Result<Option<Session>, Fault> {
        let permit = timeout(LOOK_UP_WAIT, self.look_ups.acquire()).await;
        let Ok(Ok(_permit)) = permit else {
            return Err(Fault::new("look a session up", "too many unknown tokens come at once"));
        };
        self.accounts.session(&hex::encode(hash)).await.map_err(|f| f.doing("read a session"))
    }

    /// A session that was read from the store may have been ended since; it is read once more after it was remembered, so that a
    /// sign-out in between is not undone. One that comes later is heard of.
    async fn remember_if_alive(&self, hash: TokenHash, session: Session) -> Result<(), Fault> {
        self.remembered.put(hash, session);
        let stored = self.accounts.session(&hex::encode(hash)).await;
        if !matches!(stored, Ok(Some(_))) {
            self.remembered.remove(&hash);
        }
        stored.map(drop).map_err(|f| f.doing("read a session"))
    }
}

impl Sessions for AccountsService {
    fn principal<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        Box::pin(self.principal_of(token))
    }
}

fn new_token() -> Result<String, Fault> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| Fault::new("draw a token", error))?;
    Ok(hex::encode(secret))
}

fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

fn read_hash(text: &str) -> Option<TokenHash> {
    let mut hash = TokenHash::default();
    hex::decode_to_slice(text, &mut hash).ok().map(|()| hash)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
