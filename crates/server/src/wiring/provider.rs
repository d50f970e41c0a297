//! The payment provider with a time limit, a log line and a metric (decorator).
//!
//! Promises: each call ends within [`limits::PROVIDER_CALL`]; one that fails is logged, and counted
//! by its kind. Never: changes an answer, or repeats a call.

use std::sync::Arc;

use booking::{
    AttemptId, ChargeAnswer, PaymentMethod, Refund,
    ports::{Charge, Found, PaymentProvider},
};
use futures::future::BoxFuture;
use kernel::{Fault, fault::chain, limits};
use metrics::counter;
use tokio::time::timeout;

use crate::telemetry::PAYMENT_CALLS_FAILED;

pub(super) struct LimitedProvider(pub(super) Arc<dyn PaymentProvider>);

async fn limited<T>(call: &'static str, answer: BoxFuture<'_, Result<T, Fault>>) -> Result<T, Fault> {
    let late = |_| Err(Fault::new("call the payment provider", "it did not answer in time"));
    let failed = counter!(PAYMENT_CALLS_FAILED, "call" => call);
    let answer = timeout(limits::PROVIDER_CALL, answer).await.unwrap_or_else(late);
    // There from the first call on: what appears at 1 has not risen, for those who watch it.
    failed.increment(u64::from(answer.is_err()));
    if let Err(fault) = &answer {
        tracing::warn!(call, cause = chain(fault), "a call of the payment provider failed");
    }
    answer
}

impl PaymentProvider for LimitedProvider {
    fn methods(&self) -> Vec<PaymentMethod> {
        self.0.methods()
    }

    fn accepts(&self, method: &str) -> bool {
        self.0.accepts(method)
    }

    fn charge(&self, charge: Charge) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        Box::pin(limited("charge", self.0.charge(charge)))
    }

    fn find(&self, key: AttemptId) -> BoxFuture<'_, Result<Found, Fault>> {
        Box::pin(limited("find", self.0.find(key)))
    }

    fn void(&self, key: AttemptId) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        Box::pin(limited("void", self.0.void(key)))
    }

    fn refund(&self, refund: Refund) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(limited("refund", self.0.refund(refund)))
    }
}

#[cfg(test)]
mod tests {
    use booking::testing::{ScriptedProvider, at, booking_id, money};
    use kernel::testing::HandClock;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::time::Instant;

    use super::*;

    /// Fails when it is asked to find, and never answers a void.
    struct Broken(ScriptedProvider);

    impl PaymentProvider for Broken {
        fn methods(&self) -> Vec<PaymentMethod> {
            self.0.methods()
        }

        fn accepts(&self, method: &str) -> bool {
            self.0.accepts(method)
        }

        fn charge(&self, charge: Charge) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
            self.0.charge(charge)
        }

        fn find(&self, _: AttemptId) -> BoxFuture<'_, Result<Found, Fault>> {
            Box::pin(async { Err(Fault::new("find", "broken")) })
        }

        fn void(&self, _: AttemptId) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
            Box::pin(std::future::pending())
        }

        fn refund(&self, refund: Refund) -> BoxFuture<'_, Result<(), Fault>> {
            self.0.refund(refund)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_or_fails_ends_in_time_and_is_counted_by_its_kind() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let _counting = metrics::set_default_local_recorder(&recorder);
        let provider =
            LimitedProvider(Arc::new(Broken(ScriptedProvider::new(Arc::new(HandClock::default())))));
        let (key, begun) = (AttemptId::new("a"), Instant::now());
        assert!(provider.void(key.clone()).await.is_err());
        assert_eq!(begun.elapsed(), limits::PROVIDER_CALL);
        for _ in 0..2 {
            let fault = provider.find(key.clone()).await.unwrap_err();
            assert!(chain(&fault).contains("broken"), "{fault}");
        }
        let (booking_id, amount) = (booking_id(1), money(700));
        let charge =
            Charge { key: key.clone(), booking_id, amount, method: "success".to_owned(), pay_by: at(9) };
        assert_eq!(provider.charge(charge).await.unwrap(), ChargeAnswer::Charged { at: at(0) });
        provider.refund(Refund { attempt_id: key, booking_id, amount }).await.unwrap();
        let mut counted: Vec<String> =
            recorder.handle().render().lines().filter(|line| line.contains('{')).map(str::to_owned).collect();
        counted.sort();
        let failed = |call: &str, times: u8| format!("payment_calls_failed_total{{call=\"{call}\"}} {times}");
        let expected = [failed("charge", 0), failed("find", 2), failed("refund", 0), failed("void", 1)];
        assert_eq!(counted, expected);
    }
}
