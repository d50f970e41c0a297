//! A provider whose answers a test chooses, with a ledger of what it took and gave back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use futures::{
    FutureExt as _,
    future::{BoxFuture, ready},
};
use kernel::{Clock, Fault, Timestamp};

use crate::{
    AttemptId, ChargeAnswer, PaymentMethod, Refund,
    ports::{Charge, Found, PaymentProvider},
};

/// Methods: `success`, `decline`, `pending` (charged after the payment deadline), `lost`
/// (charged, but no answer comes), `nowhere` (the call never reaches it).
pub struct ScriptedProvider {
    clock: Arc<dyn Clock>,
    ledger: Mutex<Ledger>,
}

#[derive(Default)]
struct Ledger {
    answers: BTreeMap<AttemptId, (ChargeAnswer, i64)>,
    refunds: BTreeMap<String, i64>,
    /// Refunds that it refuses for ever, each with how often it was asked for.
    refused: BTreeMap<String, u32>,
    may_refuse: usize,
}

impl ScriptedProvider {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, ledger: Mutex::default() }
    }

    /// From now on it refuses this many refunds, the first ones, for ever.
    pub fn refuse_refunds(&self, first: usize) {
        self.ledger.lock().unwrap().may_refuse = first;
    }

    /// How often the refunds that it refuses were asked for.
    pub fn refusals(&self) -> u32 {
        self.ledger.lock().unwrap().refused.values().sum()
    }

    /// Money taken and not given back.
    pub fn balance(&self) -> i64 {
        let ledger = self.ledger.lock().unwrap();
        let taken =
            ledger.answers.values().filter(|(answer, _)| matches!(answer, ChargeAnswer::Charged { .. }));
        taken.map(|(_, amount)| amount).sum::<i64>() - ledger.refunds.values().sum::<i64>()
    }
}

const METHODS: [&str; 5] = ["success", "decline", "pending", "lost", "nowhere"];

impl ScriptedProvider {
    fn take(&self, charge: Charge) -> Result<ChargeAnswer, Fault> {
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
        let first = ledger.answers.entry(charge.key).or_insert((answer, charge.amount.amount_minor)).0;
        match charge.method.as_str() {
            "lost" => Err(lost()),
            _ => Ok(said(first, now)),
        }
    }
}

/// Money that is taken later is not there yet.
fn said(answer: ChargeAnswer, now: Timestamp) -> ChargeAnswer {
    match answer {
        ChargeAnswer::Charged { at } if at > now => ChargeAnswer::Pending,
        answer => answer,
    }
}

impl PaymentProvider for ScriptedProvider {
    fn methods(&self) -> Vec<PaymentMethod> {
        METHODS.map(|token| PaymentMethod { token, code: token }).to_vec()
    }

    fn accepts(&self, method: &str) -> bool {
        METHODS.contains(&method)
    }

    fn charge(&self, charge: Charge) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        ready(self.take(charge)).boxed()
    }

    fn find(&self, key: AttemptId) -> BoxFuture<'_, Result<Found, Fault>> {
        let known = self.ledger.lock().unwrap().answers.get(&key).map(|(answer, _)| *answer);
        let now = self.clock.now();
        ready(Ok(known.map_or(Found::Nothing, |answer| Found::Answer(said(answer, now))))).boxed()
    }

    fn void(&self, key: AttemptId) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        let mut ledger = self.ledger.lock().unwrap();
        let answer = ledger.answers.entry(key).or_insert((ChargeAnswer::Voided, 0)).0;
        ready(Ok(said(answer, self.clock.now()))).boxed()
    }

    fn refund(&self, refund: Refund) -> BoxFuture<'_, Result<(), Fault>> {
        let mut ledger = self.ledger.lock().unwrap();
        let answer = if ledger.refused.contains_key(&refund.key()) || ledger.refused.len() < ledger.may_refuse
        {
            *ledger.refused.entry(refund.key()).or_default() += 1;
            Err(Fault::new("refund", "refused"))
        } else {
            ledger.refunds.entry(refund.key()).or_insert(refund.amount.amount_minor);
            Ok(())
        };
        ready(answer).boxed()
    }
}
