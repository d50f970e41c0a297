//! The built-in sandbox provider: no money moves, but it fails in the ways that real providers do.
//!
//! | token | what it does |
//! |---|---|
//! | `sandbox_success` | charges at once |
//! | `sandbox_decline` | declines |
//! | `sandbox_late` | answers that it will decide, and charges after the payment deadline |
//! | `sandbox_unknown` | charges, but the answer is lost; a repeated call finds the charge |
//! | `sandbox_twice` | charges at once, and reports it twice by itself |
//!
//! Promises: its ledger is append-only, durable before it answers, and has one entry per key.
//! Never: reads a table of booking.

use std::sync::Arc;

use booking::{
    AttemptId, ChargeAnswer, PaymentMethod, Refund,
    ports::{Charge, Found, PaymentProvider},
};
use futures::future::BoxFuture;
use kernel::{Clock, Fault, Timestamp};
use std::time::Duration;
use tokio::sync::mpsc;

use super::{Provider, Reported};
use crate::{
    failpoint::{Point, hit},
    sql::{Database, DatabaseUrl, Migration, OpenError, SqlFault, args},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 100,
    description: "the ledger",
    sql: include_str!("../../migrations/payment_sandbox/0100_ledger.sql"),
}];

/// Capacity of the queue of reports to booking. More are dropped, as webhooks may be; booking polls
/// anyway.
const REPORTS: usize = 1_024;

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

/// Every payment method. To add one, add a row here and its behaviour below.
const METHODS: [(Token, PaymentMethod); 5] = [
    (Token::Success, PaymentMethod { token: "sandbox_success", code: "sandbox-success" }),
    (Token::Decline, PaymentMethod { token: "sandbox_decline", code: "sandbox-decline" }),
    (Token::Late, PaymentMethod { token: "sandbox_late", code: "sandbox-late" }),
    (Token::Unknown, PaymentMethod { token: "sandbox_unknown", code: "sandbox-unknown" }),
    (Token::Twice, PaymentMethod { token: "sandbox_twice", code: "sandbox-twice" }),
];

impl Token {
    fn read(text: &str) -> Option<Self> {
        METHODS.iter().find(|(_, method)| method.token == text).map(|(token, _)| *token)
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
    /// Opens its ledger; the receiver gets its unsolicited reports (webhooks).
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

    /// Writes the entry unless its key has one, and returns the entry of the key.
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

impl SandboxProvider {
    async fn take(&self, charge: Charge) -> Result<ChargeAnswer, Fault> {
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

    async fn look_up(&self, key: AttemptId) -> Result<Found, Fault> {
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

    async fn close_key(&self, key: AttemptId) -> Result<ChargeAnswer, Fault> {
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

    async fn give_back(&self, refund: Refund) -> Result<(), Fault> {
        let entry = Entry {
            kind: "refund",
            key: kernel::sabotaged!(
                "refund.key-changes-with-time",
                refund.key(),
                format!("{:?}", self.clock.now())
            ),
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

impl PaymentProvider for SandboxProvider {
    fn methods(&self) -> Vec<PaymentMethod> {
        METHODS.iter().map(|(_, method)| *method).collect()
    }

    fn accepts(&self, method: &str) -> bool {
        Token::read(method).is_some()
    }

    fn charge(&self, charge: Charge) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        Box::pin(self.take(charge))
    }

    fn find(&self, key: AttemptId) -> BoxFuture<'_, Result<Found, Fault>> {
        Box::pin(self.look_up(key))
    }

    fn void(&self, key: AttemptId) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        Box::pin(self.close_key(key))
    }

    fn refund(&self, refund: Refund) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(self.give_back(refund))
    }
}

impl Provider for SandboxProvider {
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.ledger.close())
    }
}

#[cfg(test)]
mod tests {
    use booking::testing::{
        at, booking_id, money,
        provider_contract::{self, Till, Tokens},
    };

    use kernel::testing::HandClock;

    use super::*;
    use crate::sql::testing::{Engine, Home, on_both_engines};

    on_both_engines!(the_sandbox_keeps_the_contract, reports_come_twice_and_the_ledger_survives,);

    struct Books {
        sandbox: SandboxProvider,
        clock: Arc<HandClock>,
        _home: Home,
    }

    impl Till for Books {
        fn provider(&self) -> &dyn PaymentProvider {
            &self.sandbox
        }

        fn clock(&self) -> &HandClock {
            &self.clock
        }

        async fn balance(&self) -> i64 {
            let (balance,): (i64,) = self
                .sandbox
                .ledger
                .one(
                    "SELECT CAST(COALESCE(SUM(CASE entry WHEN 'charge' THEN amount_minor
                                                         WHEN 'refund' THEN -amount_minor ELSE 0 END), 0) AS BIGINT)
                     FROM ledger",
                    [],
                )
                .await
                .unwrap();
            balance
        }
    }

    async fn the_sandbox_keeps_the_contract(engine: Engine) {
        let tokens = Tokens {
            charges: "sandbox_success",
            declines: "sandbox_decline",
            late: "sandbox_late",
            lost: "sandbox_unknown",
        };
        provider_contract::all(tokens, || async {
            let (home, clock) = (Home::new(engine).await, Arc::new(HandClock::default()));
            let (sandbox, _) = SandboxProvider::open(home.place(), clock.clone()).await.unwrap();
            Books { sandbox, clock, _home: home }
        })
        .await;
    }

    async fn reports_come_twice_and_the_ledger_survives(engine: Engine) {
        let (home, clock) = (Home::new(engine).await, Arc::new(HandClock::default()));
        let (sandbox, mut reported) = SandboxProvider::open(home.place(), clock.clone()).await.unwrap();
        let key = AttemptId::new("e");
        let charge = Charge {
            key: key.clone(),
            booking_id: booking_id(1),
            amount: money(700),
            method: "sandbox_twice".to_owned(),
            pay_by: at(1_000),
        };
        sandbox.charge(charge).await.unwrap();
        let report = (key.clone(), ChargeAnswer::Charged { at: at(0) });
        assert_eq!((reported.recv().await, reported.recv().await), (Some(report.clone()), Some(report)));
        sandbox.close().await;

        let (sandbox, _) = SandboxProvider::open(home.place(), clock).await.unwrap();
        let found = sandbox.find(key).await.unwrap();
        assert_eq!(found, Found::Answer(ChargeAnswer::Charged { at: at(0) }));
        assert_eq!(sandbox.find(AttemptId::new("z")).await.unwrap(), Found::Nothing);
    }
}
