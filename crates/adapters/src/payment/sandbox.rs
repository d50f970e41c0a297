//! The built-in provider for trying things out: no money moves, but it behaves as badly as real ones do.
//!
//! | token | what it does |
//! |---|---|
//! | `sandbox_success` | charges at once |
//! | `sandbox_decline` | declines |
//! | `sandbox_late` | answers that it will decide, and charges when the time to pay is over |
//! | `sandbox_unknown` | charges, but the answer is lost; it tells when asked again |
//! | `sandbox_twice` | charges at once, and reports it twice by itself |
//!
//! Promises: its ledger is append-only, durable before it answers, and has one entry per key. Never: reads a table of booking.

use std::sync::Arc;

use booking::{
    AttemptId, ChargeAnswer, Refund,
    ports::{Charge, Found, PaymentProvider},
};
use kernel::{Clock, Fault, Timestamp};
use std::time::Duration;
use tokio::sync::mpsc;

use crate::{
    failpoint::{Point, hit},
    sql::{Database, DatabaseUrl, Migration, OpenError, SqlFault, args},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 100,
    description: "the ledger",
    sql: include_str!("../../migrations/payment_sandbox/0100_ledger.sql"),
}];

/// Reports on their way to booking; beyond it they are dropped, as webhooks may be, and booking asks by itself.
const REPORTS: usize = 1_024;

/// What the provider reports by itself.
pub type Reported = (AttemptId, ChargeAnswer);

/// The sandbox.
pub struct SandboxProvider {
    ledger: Database,
    clock: Arc<dyn Clock>,
    reports: mpsc::Sender<Reported>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Success,
    Decline,
    Late,
    Unknown,
    Twice,
}

impl Token {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "sandbox_success" => Self::Success,
            "sandbox_decline" => Self::Decline,
            "sandbox_late" => Self::Late,
            "sandbox_unknown" => Self::Unknown,
            "sandbox_twice" => Self::Twice,
            _ => return None,
        })
    }
}

/// A line of the ledger.
struct Entry {
    kind: &'static str,
    key: String,
    booking: Option<String>,
    amount_minor: i64,
    currency: Option<&'static str>,
    effective_at: Timestamp,
}

impl SandboxProvider {
    /// Opens its ledger; the receiver gets what it reports by itself.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open(
        place: impl Into<DatabaseUrl>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, mpsc::Receiver<Reported>), OpenError> {
        let ledger = Database::open(place, &[MIGRATIONS]).await?;
        let (reports, reported) = mpsc::channel(REPORTS);
        Ok((Self { ledger, clock, reports }, reported))
    }

    /// Closes the ledger.
    pub async fn close(&self) {
        self.ledger.close().await;
    }

    /// Writes the entry unless its key has one, and answers what the ledger says of the key now.
    async fn write(&self, entry: Entry) -> Result<ChargeAnswer, Fault> {
        let (kind, effective_at): (String, i64) = self
            .ledger
            .write(entry, |entry, tx| {
                Box::pin(async move {
                    tx.execute(
                        "INSERT INTO ledger (entry, entry_key, booking_id, amount_minor, currency, effective_at_ms)
                         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (entry_key) DO NOTHING",
                        args![
                            entry.kind,
                            &entry.key,
                            entry.booking.clone(),
                            entry.amount_minor,
                            entry.currency,
                            entry.effective_at
                        ],
                    )
                    .await?;
                    tx.one("SELECT entry, effective_at_ms FROM ledger WHERE entry_key = $1", args![&entry.key]).await
                })
            })
            .await
            .map_err(|fault| fault.doing("write the sandbox's ledger"))?;
        self.answer(&kind, effective_at).map_err(|fault| fault.doing("read the sandbox's ledger"))
    }

    fn answer(&self, kind: &str, effective_at: i64) -> Result<ChargeAnswer, SqlFault> {
        let at = Timestamp::from_millis(effective_at);
        Ok(match kind {
            "charge" if at > self.clock.now() => ChargeAnswer::Pending,
            "charge" | "refund" => ChargeAnswer::Charged { at },
            "decline" => ChargeAnswer::Declined,
            "void" => ChargeAnswer::Voided,
            _ => return Err(SqlFault::impossible("ledger", kind, "entry")),
        })
    }
}

impl PaymentProvider for SandboxProvider {
    fn accepts(&self, method: &str) -> bool {
        Token::read(method).is_some()
    }

    async fn charge(&self, charge: Charge) -> Result<ChargeAnswer, Fault> {
        let token = Token::read(&charge.method).ok_or_else(|| Fault::new("charge", "no such token"))?;
        let effective_at = match token {
            Token::Late => charge.pay_by + Duration::from_millis(1),
            _ => self.clock.now(),
        };
        let entry = Entry {
            kind: if token == Token::Decline { "decline" } else { "charge" },
            key: charge.key.to_string(),
            booking: Some(charge.booking_id.to_string()),
            amount_minor: charge.amount.amount_minor,
            currency: Some(charge.amount.currency.code()),
            effective_at,
        };
        let answer = self.write(entry).await?;
        hit(Point::PaymentCharged);
        match token {
            Token::Unknown => Err(Fault::new("charge", "the answer was lost")),
            Token::Twice => {
                for _ in 0..2 {
                    // A full queue loses a report, as a webhook may be lost.
                    let _ = self.reports.try_send((charge.key.clone(), answer));
                }
                Ok(answer)
            }
            Token::Success | Token::Decline | Token::Late => Ok(answer),
        }
    }

    async fn find(&self, key: AttemptId) -> Result<Found, Fault> {
        let row: Option<(String, i64)> = self
            .ledger
            .optional("SELECT entry, effective_at_ms FROM ledger WHERE entry_key = $1", args![key.as_str()])
            .await
            .map_err(|fault| fault.doing("read the sandbox's ledger"))?;
        match row {
            None => Ok(Found::Nothing),
            Some((kind, at)) => self
                .answer(&kind, at)
                .map(Found::Answer)
                .map_err(|fault| fault.doing("read the sandbox's ledger")),
        }
    }

    async fn void(&self, key: AttemptId) -> Result<ChargeAnswer, Fault> {
        let entry = Entry {
            kind: "void",
            key: key.to_string(),
            booking: None,
            amount_minor: 0,
            currency: None,
            effective_at: self.clock.now(),
        };
        self.write(entry).await
    }

    async fn refund(&self, refund: Refund) -> Result<(), Fault> {
        let entry = Entry {
            kind: "refund",
            key: refund.key(),
            booking: Some(refund.booking_id.to_string()),
            amount_minor: refund.amount.amount_minor,
            currency: Some(refund.amount.currency.code()),
            effective_at: self.clock.now(),
        };
        self.write(entry).await?;
        hit(Point::RefundMade);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use booking::testing::{HandClock, at, booking_id, money};

    use super::*;
    use crate::sql::testing::{Engine, Home, on_both_engines};

    on_both_engines!(
        each_token_behaves_as_it_says_and_the_ledger_survives,
        a_refund_is_one_entry_however_often_it_is_asked_for
    );

    fn clock_at(millis: i64) -> HandClock {
        let clock = HandClock::default();
        clock.set(at(millis));
        clock
    }

    fn charge(key: &str, method: &str) -> Charge {
        Charge {
            key: AttemptId::new(key),
            booking_id: booking_id(1),
            amount: money(700),
            method: method.to_owned(),
            pay_by: at(1_000),
        }
    }

    async fn each_token_behaves_as_it_says_and_the_ledger_survives(engine: Engine) {
        let home = Home::new(engine).await;
        let clock = Arc::new(clock_at(10));
        let (sandbox, mut reported) = SandboxProvider::open(home.place(), clock.clone()).await.unwrap();
        let charged = ChargeAnswer::Charged { at: at(10) };
        let key = AttemptId::new;

        assert_eq!(sandbox.charge(charge("a", "sandbox_success")).await.unwrap(), charged);
        clock.set(at(20));
        assert_eq!(sandbox.charge(charge("a", "sandbox_success")).await.unwrap(), charged, "once per key");
        assert_eq!(sandbox.charge(charge("b", "sandbox_decline")).await.unwrap(), ChargeAnswer::Declined);
        assert!(sandbox.charge(charge("c", "sandbox_unknown")).await.is_err());
        let found = sandbox.find(key("c")).await.unwrap();
        assert_eq!(found, Found::Answer(ChargeAnswer::Charged { at: at(20) }));
        assert_eq!(sandbox.charge(charge("d", "sandbox_late")).await.unwrap(), ChargeAnswer::Pending);
        assert_eq!(sandbox.find(key("d")).await.unwrap(), Found::Answer(ChargeAnswer::Pending));
        clock.set(at(2_000));
        let late = Found::Answer(ChargeAnswer::Charged { at: at(1_001) });
        assert_eq!(sandbox.find(key("d")).await.unwrap(), late);
        sandbox.charge(charge("e", "sandbox_twice")).await.unwrap();
        let told = (key("e"), ChargeAnswer::Charged { at: at(2_000) });
        assert_eq!((reported.recv().await, reported.recv().await), (Some(told.clone()), Some(told)));
        assert_eq!(sandbox.void(key("f")).await.unwrap(), ChargeAnswer::Voided);
        assert_eq!(sandbox.charge(charge("f", "sandbox_success")).await.unwrap(), ChargeAnswer::Voided);
        assert_eq!(sandbox.void(key("a")).await.unwrap(), charged, "what was charged cannot be voided");
        sandbox.close().await;

        let (sandbox, _) = SandboxProvider::open(home.place(), clock).await.unwrap();
        assert_eq!(sandbox.find(key("a")).await.unwrap(), Found::Answer(charged));
        assert_eq!(sandbox.find(key("z")).await.unwrap(), Found::Nothing);
    }

    async fn a_refund_is_one_entry_however_often_it_is_asked_for(engine: Engine) {
        let home = Home::new(engine).await;
        let clock = Arc::new(clock_at(10));
        let (sandbox, _) = SandboxProvider::open(home.place(), clock).await.unwrap();
        let refund =
            Refund { attempt_id: AttemptId::new("a"), booking_id: booking_id(1), amount: money(700) };
        sandbox.refund(refund.clone()).await.unwrap();
        sandbox.refund(refund).await.unwrap();
        let sum: (i64,) =
            sandbox.ledger.one("SELECT CAST(SUM(amount_minor) AS BIGINT) FROM ledger", []).await.unwrap();
        assert_eq!(sum.0, 700);
    }
}
