//! Visitors: they register, sign in at one process and are known at another, and sign out. What
//! they are answered is checked at once.
//!
//! Promises: R17 to R20 as users see them; a question that got no answer is left open.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use ::accounts::{
    RegisterOutcome, SignInOutcome, Token,
    ports::AccountStore as _,
    testing::{PASSWORD, registration},
};
use kernel::{Principal, UserId, limits};

use crate::{
    accounts::SessionDoor,
    client::through,
    sql::locked,
    store::at_once,
    town::{self, Town},
    world::millis,
};

/// Visitors of one seed, and the sessions of each.
pub(crate) const COUNT: u64 = 2;
const SESSIONS: u64 = 3;
const PAUSE_MS: u64 = 15_000;
/// A process that was cut off trusts its cache for 30 s by its clock, which may jump back by 28 s.
const TRUSTED_MS: i64 = 60_000;

/// Comes and goes a few times.
pub(crate) async fn visit(town: Arc<Town>, n: u64) {
    let visitor = Visitor { id: town::user_id(1_000_000 + u128::from(n)), n, town };
    if !visitor.register().await {
        return;
    }
    for _ in 0..SESSIONS {
        visitor.town.world.pause(PAUSE_MS).await;
        if visitor.town.world.chance(30) {
            visitor.mistype().await;
        }
        visitor.one_session().await;
    }
}

/// A day later sessions that nobody used have ended, and are not stored any more.
pub(crate) async fn next_day(town: &Arc<Town>) {
    let kept = std::mem::take(&mut locked(&town.clients).sessions);
    let idle = i64::try_from(millis(limits::SESSION_IDLE)).unwrap_or(i64::MAX) + PAUSE_MS.cast_signed();
    for (token, id, used) in kept {
        if used + idle > town.world.now() {
            continue;
        }
        match known(town, 0, &token).await {
            Some(None) => town.world.cover("sessions that ended overnight"),
            Some(Some(_)) => town.world.violated(format!("R20 a session of {id} lives for more than a day")),
            None => {}
        }
        if at_once(town.accounts.memory.session(token.hash())).is_ok_and(|stored| stored.is_some()) {
            town.world.violated(format!("R20 an ended session of {id} is stored for another day"));
        }
    }
}

struct Visitor {
    town: Arc<Town>,
    id: UserId,
    n: u64,
}

impl Visitor {
    fn email(&self) -> String {
        format!("visitor{}@example.org", self.n)
    }

    fn address(&self) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, u8::try_from(self.n).unwrap_or(0)))
    }

    /// Again until an answer comes. The address may be taken by an earlier try.
    async fn register(&self) -> bool {
        for _ in 0..10 {
            let (id, registration) = (self.id, registration(&self.email()));
            let door = self.door();
            let done = through(&self.town, door, move |door: SessionDoor| async move {
                door.accounts.register(id, registration).await
            });
            match done.await {
                Some(RegisterOutcome::Registered(_) | RegisterOutcome::EmailTaken) => return true,
                Some(RegisterOutcome::Invalid(broken)) => {
                    self.town.world.violated(format!("a good registration is refused: {broken:?}"));
                    return false;
                }
                None => self.town.world.pause(PAUSE_MS).await,
            }
        }
        false
    }

    fn door(&self) -> Option<(u32, SessionDoor)> {
        self.town.session_door(usize::try_from(self.town.world.below(2)).unwrap_or(0))
    }

    fn token(&self) -> Token {
        let mut secret = [0; 32];
        for part in secret.chunks_exact_mut(8) {
            part.copy_from_slice(&self.town.world.below(u64::MAX).to_le_bytes());
        }
        Token::new(secret)
    }

    /// Signs in with this token; none when no answer came.
    async fn sign_in(&self, at: usize, password: &str, token: &Token) -> Option<SignInOutcome> {
        let (email, address) = (self.email(), self.address());
        let (password, token) = (password.to_owned(), token.clone());
        let door = self.town.session_door(at);
        through(&self.town, door, move |door: SessionDoor| async move {
            door.accounts.sign_in(&email, password, address, &token).await
        })
        .await
    }

    /// R17.
    async fn mistype(&self) {
        let token = self.token();
        let at = usize::from(self.town.world.chance(50));
        match self.sign_in(at, "wrong horse battery", &token).await {
            Some(SignInOutcome::SignedIn { .. }) => {
                self.town.world.violated(format!("R17 {} signs in with a wrong password", self.id));
            }
            Some(_) => self.town.world.cover("sign-ins that were refused"),
            None => {}
        }
    }

    async fn one_session(&self) {
        let world = &self.town.world;
        let (token, here) = (self.token(), usize::from(world.chance(50)));
        let Some(SignInOutcome::SignedIn { .. }) = self.sign_in(here, PASSWORD, &token).await else { return };
        for at in [1 - here, here] {
            match known(&self.town, at, &token).await {
                Some(Some(principal)) if principal.user_id == self.id => {
                    world.cover("sessions that a process knew");
                }
                Some(other) => world.violated(format!("R18 {} is signed in, and is {other:?}", self.id)),
                // The question may still be answered, and what it reads then is no fault.
                None => return,
            }
        }
        if world.chance(30) {
            let kept = (token, self.id, world.now());
            return locked(&self.town.clients).sessions.push(kept);
        }
        let Some(by) = self.sign_out(&token).await else { return };
        let ended = world.now();
        for pause in [0, 10_000, 2 * TRUSTED_MS.unsigned_abs()] {
            world.pause(pause).await;
            for at in [0, 1] {
                if !self.stays_out(at, &token, by, ended).await {
                    return;
                }
            }
        }
    }

    /// The process that acknowledged it.
    async fn sign_out(&self, token: &Token) -> Option<u32> {
        for _ in 0..6 {
            let (door, token) = (self.door(), token.clone());
            let by = door.as_ref().map(|(process, _)| *process);
            let done = through(&self.town, door, move |door: SessionDoor| async move {
                door.accounts.sign_out(&token).await
            });
            if done.await.is_some() {
                return by;
            }
            self.town.world.pause(2_000).await;
        }
        None
    }

    /// R18: after a sign-out nobody with this token is let in, at a process that polled the ends
    /// since then. False when that is not known.
    async fn stays_out(&self, at: usize, token: &Token, by: u32, ended: i64) -> bool {
        let world = &self.town.world;
        let Some((process, door)) = self.town.session_door(at) else { return true };
        let aware = process == by
            || door.polled.is_some_and(|polled| polled > ended)
            || world.now() > ended + TRUSTED_MS;
        match known(&self.town, at, token).await {
            Some(None) if process != by => world.cover("sign-outs that another process knew"),
            Some(Some(_)) if aware => {
                world.violated(format!("R18 {} signed out and is let in", self.id));
            }
            Some(_) => {}
            None => return false,
        }
        true
    }
}

/// Who this token signs in at that door; none when no answer came.
async fn known(town: &Arc<Town>, at: usize, token: &Token) -> Option<Option<Principal>> {
    let token = token.clone();
    let door = town.session_door(at);
    through(town, door, move |door: SessionDoor| async move { door.accounts.principal(&token).await }).await
}
