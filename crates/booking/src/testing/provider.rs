//! A provider whose answers a test chooses, with a ledger of what it took and gave back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use kernel::{Clock, Fault};

use crate::{
    AttemptId, ChargeAnswer, Refund,
    ports::{Charge, Found, PaymentProvider},
};

/// Methods: `success`, `decline`, `pending` (charged when the time to pay is over), `lost` (charged, but no answer comes), `nowhere` (the call
/// never reaches it).
pub struct ScriptedProvider {
    clock: Arc<dyn Clock>,
    ledger: Mutex<Ledger>,
}

#[derive(Default)]
struct Ledger {
    answers: BTreeMap<AttemptId, (ChargeAnswer, i64)>,
    refunds: BTreeMap<String, i64>,
}

impl ScriptedProvider {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, ledger: Mutex::default() }
    }

    /// Money taken and not given back.
    pub fn balance(&self) -> i64 {
        let ledger = self.ledger.lock().unwrap();
        let taken =
            ledger.answers.values().filter(|(answer, _)| matches!(answer, ChargeAnswer::Charged { .. }));
        taken.map(|(_, amount)| amount).sum::<i64>() - ledger.refunds.values().sum::<i64>()
    }
}

impl PaymentProvider for ScriptedProvider {
    fn accepts(&self, method: &str) -> bool {
        ["success", "decline", "pending", "lost", "nowhere"].contains(&method)
    }

    async fn charge(&self, charge: Charge) -> Result<ChargeAnswer, Fault> {
        let lost = || Fault::new("charge", "no answer");
        if charge.method == "nowhere" {
            return Err(lost());
        }
        let now = self.clock.now();
        let answer = match charge.method.as_str() {
            "decline" => ChargeAnswer::Declined,
            "pending" => ChargeAnswer::Charged { at: charge.pay_by + std::time::Duration::from_millis(1) },
            _ => ChargeAnswer::Charged { at: now },
        };
        let mut ledger = self.ledger.lock().unwrap();
        let (answer, _) = *ledger.answers.entry(charge.key).or_insert((answer, charge.amount.amount_minor));
        match charge.method.as_str() {
            "lost" => Err(lost()),
            "pending" => Ok(ChargeAnswer::Pending),
            _ => Ok(answer),
        }
    }

    async fn find(&self, key: AttemptId) -> Result<Found, Fault> {
        let now = self.clock.now();
        Ok(match self.ledger.lock().unwrap().answers.get(&key) {
            Some((ChargeAnswer::Charged { at }, _)) if *at > now => Found::Answer(ChargeAnswer::Pending),
            Some((answer, _)) => Found::Answer(*answer),
            None => Found::Nothing,
        })
    }

    async fn void(&self, key: AttemptId) -> Result<ChargeAnswer, Fault> {
        Ok(self.ledger.lock().unwrap().answers.entry(key).or_insert((ChargeAnswer::Voided, 0)).0)
    }

    async fn refund(&self, refund: Refund) -> Result<(), Fault> {
        self.ledger.lock().unwrap().refunds.insert(refund.key(), refund.amount.amount_minor);
        Ok(())
    }
}
