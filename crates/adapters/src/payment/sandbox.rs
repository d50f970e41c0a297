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
use kernel::{BookingId, Clock, Fault, Money, Timestamp, limits};
use std::time::Duration;
use tokio::sync::mpsc;

use super::{Provider, Reported};
use crate::{
    failpoint::{Point, hit},
    sql::{Database, DatabaseUrl, Migration, OpenError, SqlFault, args, table},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 100,
    description: "the ledger",
    sql: include_str!("../../migrations/payment_sandbox/0100_ledger.sql"),
}];

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

table! {
    /// A line of the ledger.
    #[derive(Clone, sqlx::FromRow)]
    pub(crate) struct LedgerRow of "ledger" {
        entry: String,
        entry_key: String,
        booking_id: Option<String>,
        amount_minor: i64,
        currency: Option<String>,
        effective_at_ms: i64,
    }
    insert "ON CONFLICT (entry_key) DO NOTHING";
    OF_KEY = "WHERE entry_key = $1";
}

impl LedgerRow {
    /// `of`: the booking and the amount; none for a void.
    fn of(entry: &str, key: String, of: Option<(BookingId, Money)>, at: Timestamp) -> Self {
        Self {
            entry: entry.to_owned(),
            entry_key: key,
            booking_id: of.map(|(booking, _)| booking.to_string()),
            amount_minor: of.map_or(0, |(_, amount)| amount.amount_minor),
            currency: of.map(|(_, amount)| amount.currency.code().to_owned()),
            effective_at_ms: at.as_millis(),
        }
    }
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
        let (reports, reported) = mpsc::channel(limits::PAYMENT_REPORTS_WAITING);
        Ok((Self { ledger, clock, reports }, reported))
    }

    /// Writes the entry unless its key has one, and returns the entry of the key.
    async fn write(&self, entry: LedgerRow) -> Result<ChargeAnswer, Fault> {
        let written = self.ledger.write(entry, |entry, tx| {
            Box::pin(async move {
                tx.insert([entry.clone()]).await?;
                tx.one(LedgerRow::OF_KEY, args![&entry.entry_key]).await
            })
        });
        let entry = written.await.map_err(|fault| fault.doing("write the sandbox's ledger"))?;
        self.answer(&entry).map_err(unread)
    }

    fn answer(&self, entry: &LedgerRow) -> Result<ChargeAnswer, SqlFault> {
        let at = Timestamp::from_millis(entry.effective_at_ms);
        Ok(match entry.entry.as_str() {
            "charge" if at > self.clock.now() => ChargeAnswer::Pending,
            "charge" | "refund" => ChargeAnswer::Charged { at },
            "decline" => ChargeAnswer::Declined,
            "void" => ChargeAnswer::Voided,
            _ => return Err(SqlFault::impossible("ledger", &entry.entry_key, "entry")),
        })
    }

    async fn take(&self, charge: Charge) -> Result<ChargeAnswer, Fault> {
        let token = Token::read(&charge.method).ok_or_else(|| Fault::new("charge", "no such token"))?;
        let effective_at = match token {
            Token::Late => charge.pay_by + Duration::from_millis(1),
            _ => self.clock.now(),
        };
        let kind = if token == Token::Decline { "decline" } else { "charge" };
        let entry = LedgerRow::of(
            kind,
            charge.key.to_string(),
            Some((charge.booking_id, charge.amount)),
            effective_at,
        );
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
        let entry: Option<LedgerRow> =
            self.ledger.optional(LedgerRow::OF_KEY, args![key.as_str()]).await.map_err(unread)?;
        let Some(entry) = entry else { return Ok(Found::Nothing) };
        self.answer(&entry).map(Found::Answer).map_err(unread)
    }

    async fn give_back(&self, refund: Refund) -> Result<(), Fault> {
        let now = self.clock.now();
        let key = kernel::sabotaged!("refund.key-changes-with-time", refund.key(), format!("{now:?}"));
        self.write(LedgerRow::of("refund", key, Some((refund.booking_id, refund.amount)), now)).await?;
        hit(Point::RefundMade);
        Ok(())
    }
}

fn unread(fault: SqlFault) -> Fault {
    fault.doing("read the sandbox's ledger")
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
        Box::pin(self.write(LedgerRow::of("void", key.to_string(), None, self.clock.now())))
    }

    fn refund(&self, refund: Refund) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(self.give_back(refund))
    }
}

impl Provider for SandboxProvider {
    fn failed(&self) -> BoxFuture<'static, Arc<str>> {
        Box::pin(self.ledger.clone().failed())
    }

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
    use crate::sql::testing::{Bomb, Engine, Home, PATIENCE, on_both_engines};

    on_both_engines!(
        the_sandbox_keeps_the_contract,
        a_writer_that_panics_is_the_failure_of_the_provider,
        reports_come_twice_and_the_ledger_survives,
    );

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

    async fn a_writer_that_panics_is_the_failure_of_the_provider(engine: Engine) {
        let home = Home::new(engine).await;
        let (sandbox, _) = SandboxProvider::open(home.place(), Arc::new(HandClock::default())).await.unwrap();
        sandbox.ledger.write(Bomb, |_, _| Box::pin(async { Ok(()) })).await.unwrap();
        let why = tokio::time::timeout(PATIENCE, sandbox.failed()).await;
        assert!(why.expect("nobody hears of the panic").contains("the writer of"));
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
