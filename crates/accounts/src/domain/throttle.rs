//! Rate limiting of sign-in: repeated failures make an account, and a network address, wait.
//!
//! Promises: bounded memory; a success of the account's owner clears the account.
//! Never: locks an account for good.

use std::{collections::BTreeMap, time::Duration};

use kernel::{Timestamp, limits};

/// How long to wait before trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

#[derive(Debug, Clone, Copy, Default)]
struct Failures {
    count: u32,
    last_ms: i64,
}

impl Failures {
    /// How long ago the last one was.
    fn since(&self, now: Timestamp) -> Duration {
        now.since(Timestamp::from_millis(self.last_ms))
    }
}

/// Failed attempts by key: an account's address, or a network address.
#[derive(Debug, Default)]
pub struct Throttle {
    accounts: BTreeMap<String, Failures>,
    addresses: BTreeMap<String, Failures>,
}

impl Throttle {
    /// Whether an attempt may be made now.
    ///
    /// # Errors
    /// With the time to wait.
    pub fn check(&self, account: &str, address: &str, now: Timestamp) -> Result<(), Wait> {
        let of_account = wait(
            self.accounts.get(account),
            limits::SIGN_IN_FAILURES_PER_ACCOUNT,
            limits::SIGN_IN_WAIT_PER_ACCOUNT,
            now,
        );
        let of_address = wait(
            self.addresses.get(address),
            limits::SIGN_IN_FAILURES_PER_ADDRESS,
            limits::SIGN_IN_WAIT_PER_ADDRESS,
            now,
        );
        let longest = of_account.max(of_address);
        if longest.is_zero() { Ok(()) } else { Err(Wait(longest)) }
    }

    pub fn failed(&mut self, account: &str, address: &str, now: Timestamp) {
        note(&mut self.accounts, account, now);
        note(&mut self.addresses, address, now);
    }

    /// The account's owner signed in.
    pub fn succeeded(&mut self, account: &str) {
        self.accounts.remove(account);
    }
}

fn wait(failures: Option<&Failures>, free: u32, each: Duration, now: Timestamp) -> Duration {
    let Some(failures) = failures else { return Duration::ZERO };
    let since = failures.since(now);
    if failures.count < free || since > limits::SIGN_IN_FAILURES_KEPT {
        Duration::ZERO
    } else {
        each.saturating_sub(since)
    }
}

fn note(all: &mut BTreeMap<String, Failures>, key: &str, now: Timestamp) {
    if all.len() >= limits::SIGN_IN_KEYS_KEPT && !all.contains_key(key) {
        all.retain(|_, failures| failures.since(now) <= limits::SIGN_IN_FAILURES_KEPT);
        let oldest = all.iter().min_by_key(|(_, failures)| failures.last_ms).map(|(key, _)| key.clone());
        if let Some(oldest) = oldest.filter(|_| all.len() >= limits::SIGN_IN_KEYS_KEPT) {
            all.remove(&oldest);
        }
    }
    let failures = all.entry(key.to_owned()).or_default();
    if failures.since(now) > limits::SIGN_IN_FAILURES_KEPT {
        failures.count = 0;
    }
    failures.count = failures.count.saturating_add(1);
    failures.last_ms = now.as_millis();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_is_guessed_at_must_wait_and_its_owner_clears_it() {
        let mut throttle = Throttle::default();
        let begun = Timestamp::from_millis(1_000_000_000);
        for _ in 0..limits::SIGN_IN_FAILURES_PER_ACCOUNT {
            assert_eq!(throttle.check("a", "10.0.0.1", begun), Ok(()));
            throttle.failed("a", "10.0.0.1", begun);
        }
        assert_eq!(throttle.check("a", "10.0.0.2", begun), Err(Wait(limits::SIGN_IN_WAIT_PER_ACCOUNT)));
        assert_eq!(throttle.check("b", "10.0.0.1", begun), Ok(()));
        assert_eq!(throttle.check("a", "10.0.0.1", begun + limits::SIGN_IN_WAIT_PER_ACCOUNT), Ok(()));
        throttle.succeeded("a");
        assert_eq!(throttle.check("a", "10.0.0.1", begun), Ok(()));
    }

    #[test]
    fn an_address_that_guesses_everywhere_is_slowed_down_to_one_guess_a_second() {
        let mut throttle = Throttle::default();
        let begun = Timestamp::from_millis(1_000_000_000);
        let (mut made, mut ms) = (0, 0);
        while ms < 60_000 {
            let now = begun + Duration::from_millis(ms);
            if throttle.check(&format!("user{made}"), "10.0.0.1", now).is_ok() {
                throttle.failed(&format!("user{made}"), "10.0.0.1", now);
                made += 1;
            }
            ms += 10;
        }
        assert!(made <= limits::SIGN_IN_FAILURES_PER_ADDRESS + 60, "{made}");
    }
}
