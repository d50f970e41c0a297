//! What every payment provider must keep. Each check wants a fresh one.

use std::{future::Future, time::Duration};

use kernel::testing::HandClock;

use super::{at, booking_id, money};
use crate::{
    AttemptId, ChargeAnswer, Refund,
    ports::{Charge, Found, PaymentProvider},
};

/// A provider whose clock and books a test can see.
pub trait Till {
    fn provider(&self) -> &dyn PaymentProvider;

    fn clock(&self) -> &HandClock;

    /// Money taken up to now and not given back, in minor units.
    fn balance(&self) -> impl Future<Output = i64>;
}

/// Methods of the provider, by what they do.
#[derive(Debug, Clone, Copy)]
pub struct Tokens {
    pub charges: &'static str,
    pub declines: &'static str,
    /// Charges after the payment deadline.
    pub late: &'static str,
    /// Charges, and its answer is lost.
    pub lost: &'static str,
}

/// All checks, each on a provider of its own.
pub async fn all<T: Till, F: Future<Output = T>>(tokens: Tokens, fresh: impl Fn() -> F) {
    methods_are_named_and_others_refused(&fresh().await);
    a_key_has_one_outcome(&fresh().await, tokens).await;
    late_money_is_pending_until_it_is_there(&fresh().await, tokens).await;
    a_lost_answer_is_found(&fresh().await, tokens).await;
    a_voided_key_is_never_charged(&fresh().await, tokens).await;
    a_refund_is_made_once(&fresh().await, tokens).await;
}

fn key(text: &str) -> AttemptId {
    AttemptId::new(text)
}

/// 700 of booking 1, to be paid by 1,000.
fn charge(name: &str, method: &str) -> Charge {
    let method = method.to_owned();
    Charge { key: key(name), booking_id: booking_id(1), amount: money(700), method, pay_by: at(1_000) }
}

fn methods_are_named_and_others_refused(till: &impl Till) {
    let provider = till.provider();
    let mut tokens: Vec<_> = provider.methods().iter().map(|method| method.token).collect();
    assert!(!tokens.is_empty());
    assert!(
        provider.methods().iter().all(|method| provider.accepts(method.token) && !method.code.is_empty())
    );
    let all = tokens.len();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), all, "each method is named once");
    assert!(!provider.accepts("4111 1111 1111 1111") && !provider.accepts(""));
}

async fn a_key_has_one_outcome(till: &impl Till, tokens: Tokens) {
    let provider = till.provider();
    till.clock().set(at(10));
    let taken = ChargeAnswer::Charged { at: at(10) };
    assert_eq!(provider.charge(charge("a", tokens.charges)).await.unwrap(), taken);
    till.clock().set(at(20));
    assert_eq!(provider.charge(charge("a", tokens.charges)).await.unwrap(), taken, "charged once");
    assert_eq!(provider.find(key("a")).await.unwrap(), Found::Answer(taken));
    assert_eq!(provider.void(key("a")).await.unwrap(), taken, "what was charged cannot be voided");
    assert_eq!(provider.charge(charge("b", tokens.declines)).await.unwrap(), ChargeAnswer::Declined);
    assert_eq!(provider.find(key("b")).await.unwrap(), Found::Answer(ChargeAnswer::Declined));
    assert_eq!(provider.find(key("z")).await.unwrap(), Found::Nothing);
    assert_eq!(till.balance().await, 700);
}

async fn late_money_is_pending_until_it_is_there(till: &impl Till, tokens: Tokens) {
    let provider = till.provider();
    till.clock().set(at(10));
    assert_eq!(provider.charge(charge("a", tokens.late)).await.unwrap(), ChargeAnswer::Pending);
    assert_eq!(provider.find(key("a")).await.unwrap(), Found::Answer(ChargeAnswer::Pending));
    till.clock().set(at(1_000) + Duration::from_secs(1));
    let found = provider.find(key("a")).await.unwrap();
    assert!(
        matches!(found, Found::Answer(ChargeAnswer::Charged { at }) if at > super::at(1_000)),
        "{found:?}"
    );
}

async fn a_lost_answer_is_found(till: &impl Till, tokens: Tokens) {
    let provider = till.provider();
    till.clock().set(at(10));
    assert!(provider.charge(charge("a", tokens.lost)).await.is_err());
    let found = provider.find(key("a")).await.unwrap();
    assert_eq!(found, Found::Answer(ChargeAnswer::Charged { at: at(10) }));
}

async fn a_voided_key_is_never_charged(till: &impl Till, tokens: Tokens) {
    let provider = till.provider();
    for _ in 0..2 {
        assert_eq!(provider.void(key("a")).await.unwrap(), ChargeAnswer::Voided);
    }
    assert_eq!(provider.charge(charge("a", tokens.charges)).await.unwrap(), ChargeAnswer::Voided);
    assert_eq!(till.balance().await, 0);
}

async fn a_refund_is_made_once(till: &impl Till, tokens: Tokens) {
    let provider = till.provider();
    till.clock().set(at(10));
    provider.charge(charge("a", tokens.charges)).await.unwrap();
    let refund = Refund { attempt_id: key("a"), booking_id: booking_id(1), amount: money(700) };
    for now in [20, 5_000] {
        till.clock().set(at(now));
        provider.refund(refund.clone()).await.unwrap();
    }
    assert_eq!(till.balance().await, 0);
}
