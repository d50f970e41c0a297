//! A payment provider outside the system: a ledger that survives everything, and calls that may be
//! lost on both ways.
//!
//! Promises: one charge and one refund per key, whatever is asked how often. A method says how it
//! treats a charge; the seed says what is lost.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use audit::evidence::{Entry as Kind, LedgerRow};
use booking::{
    AttemptId, ChargeAnswer, PaymentMethod, Refund,
    ports::{Charge, Found, PaymentProvider},
};
use futures::future::BoxFuture;
use kernel::{BookingId, Clock, Fault, Timestamp};
use stream::testing::Director;

use crate::{
    sql::locked,
    world::{Bell, World},
};

/// What buyers pay with: charged at once; declined; charged after the deadline; charged, or
/// declined, a little later; charged with the answer lost; never heard of; heard of after the
/// caller gave up; charged and reported twice.
pub(crate) const METHODS: [&str; 9] =
    ["success", "decline", "late", "soon", "wavers", "lost", "nowhere", "slow", "twice"];

#[derive(Debug, Clone, Copy)]
struct Entry {
    booking_id: Option<BookingId>,
    kind: Kind,
    /// Undecided until then.
    at: Timestamp,
    amount_minor: i64,
}

#[derive(Debug, Default)]
struct Ledger {
    charges: BTreeMap<AttemptId, Entry>,
    refunds: BTreeMap<String, (BookingId, i64)>,
    /// What it reports by itself, until somebody takes it.
    reports: Vec<AttemptId>,
}

/// The provider, and the network before it. Clones share the ledger.
#[derive(Clone)]
pub(crate) struct SimProvider {
    world: World,
    clock: Arc<dyn Clock>,
    ledger: Arc<Mutex<Ledger>>,
    pub(crate) reported: Arc<Bell>,
}

impl SimProvider {
    pub(crate) fn new(world: World) -> Self {
        Self { clock: Arc::new(world.clock(0)), world, ledger: Arc::default(), reported: Arc::default() }
    }

    /// Money taken and given back of each booking, in minor units; money of a time to come is not
    /// taken yet.
    pub(crate) fn money(&self) -> BTreeMap<BookingId, (i64, i64)> {
        let (ledger, now) = (locked(&self.ledger), self.clock.now());
        let mut money: BTreeMap<_, (i64, i64)> = BTreeMap::new();
        for entry in ledger.charges.values() {
            if let Some(booking) = entry.booking_id
                && entry.kind == Kind::Charge
                && entry.at <= now
            {
                money.entry(booking).or_default().0 += entry.amount_minor;
            }
        }
        for (booking, amount) in ledger.refunds.values() {
            money.entry(*booking).or_default().1 += amount;
        }
        money
    }

    /// All that it wrote down.
    pub(crate) fn ledger(&self) -> Vec<LedgerRow> {
        let (ledger, now) = (locked(&self.ledger), self.clock.now());
        let charge = |(key, entry): (&AttemptId, &Entry)| LedgerRow {
            entry: entry.kind,
            key: key.to_string(),
            booking_id: entry.booking_id,
            amount_minor: entry.amount_minor,
            at: entry.at,
        };
        let refund = |(key, &(booking, amount_minor)): (&String, &(BookingId, i64))| LedgerRow {
            entry: Kind::Refund,
            key: key.clone(),
            booking_id: Some(booking),
            amount_minor,
            at: now,
        };
        ledger.charges.iter().map(charge).chain(ledger.refunds.iter().map(refund)).collect()
    }

    /// One of the reports that wait.
    pub(crate) fn take_report(&self) -> Option<(AttemptId, ChargeAnswer)> {
        let key = {
            let mut ledger = locked(&self.ledger);
            let count = ledger.reports.len() as u64;
            let at = usize::try_from(self.world.below(count)).unwrap_or(0);
            (count > 0).then(|| ledger.reports.swap_remove(at))?
        };
        self.known(&key).map(|answer| (key, answer))
    }

    /// What it says of a charge now.
    fn known(&self, key: &AttemptId) -> Option<ChargeAnswer> {
        let entry = *locked(&self.ledger).charges.get(key)?;
        Some(match entry.kind {
            _ if entry.at > self.clock.now() => ChargeAnswer::Pending,
            Kind::Charge => ChargeAnswer::Charged { at: entry.at },
            Kind::Decline => ChargeAnswer::Declined,
            Kind::Void => ChargeAnswer::Voided,
            Kind::Refund => unreachable!("a refund is no charge"),
        })
    }

    /// Writes the entry unless its key has one; what the ledger says of the key then.
    fn enter(&self, key: &AttemptId, entry: Entry) -> ChargeAnswer {
        locked(&self.ledger).charges.entry(key.clone()).or_insert(entry);
        self.known(key).unwrap_or(ChargeAnswer::Unknown)
    }

    fn entry_of(&self, charge: &Charge) -> Entry {
        let later = |most| Duration::from_millis(self.world.below(most));
        let now = self.clock.now();
        let (kind, at) = match charge.method.as_str() {
            "decline" => (Kind::Decline, now),
            "late" => (Kind::Charge, charge.pay_by + Duration::from_millis(1) + later(900)),
            "soon" => (Kind::Charge, now + later(15_000)),
            "wavers" => (Kind::Decline, now + later(15_000)),
            _ => (Kind::Charge, now),
        };
        Entry { booking_id: Some(charge.booking_id), kind, at, amount_minor: charge.amount.amount_minor }
    }
}

impl PaymentProvider for SimProvider {
    fn methods(&self) -> Vec<PaymentMethod> {
        METHODS.map(|token| PaymentMethod { token, code: token }).to_vec()
    }

    fn accepts(&self, method: &str) -> bool {
        METHODS.contains(&method)
    }

    fn charge(&self, charge: Charge) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        Box::pin(self.take(charge))
    }

    fn find(&self, key: AttemptId) -> BoxFuture<'_, Result<Found, Fault>> {
        Box::pin(self.look_up(key))
    }

    fn void(&self, key: AttemptId) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        Box::pin(self.close(key))
    }

    fn refund(&self, refund: Refund) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(self.give_back(refund))
    }
}

impl SimProvider {
    async fn take(&self, charge: Charge) -> Result<ChargeAnswer, Fault> {
        self.world.reach("provider.charge.sent").await?;
        self.world.pause(300).await;
        let lost = || Fault::new("charge", "no answer came");
        if charge.method == "nowhere" {
            return Err(lost());
        }
        if charge.method == "slow" {
            let (provider, key, entry) = (self.clone(), charge.key.clone(), self.entry_of(&charge));
            self.world.spawn(0, async move {
                provider.world.pause(30_000).await;
                provider.enter(&key, Entry { at: provider.clock.now(), ..entry });
            });
            self.world.pause(9_000).await;
            return Err(lost());
        }
        let answer = self.enter(&charge.key, self.entry_of(&charge));
        if charge.method == "twice" || (charge.method == "soon" && self.world.chance(50)) {
            locked(&self.ledger).reports.extend([charge.key.clone(), charge.key.clone()]);
            self.reported.ring();
        }
        self.world.reach("provider.charged").await?;
        self.world.pause(300).await;
        if charge.method == "lost" { Err(lost()) } else { Ok(answer) }
    }

    async fn look_up(&self, key: AttemptId) -> Result<Found, Fault> {
        self.world.reach("provider.find").await?;
        Ok(self.known(&key).map_or(Found::Nothing, Found::Answer))
    }

    async fn close(&self, key: AttemptId) -> Result<ChargeAnswer, Fault> {
        self.world.reach("provider.void").await?;
        let void = Entry { booking_id: None, kind: Kind::Void, at: self.clock.now(), amount_minor: 0 };
        let answer = self.enter(&key, void);
        self.world.reach("provider.voided").await?;
        Ok(answer)
    }

    async fn give_back(&self, refund: Refund) -> Result<(), Fault> {
        self.world.reach("provider.refund").await?;
        locked(&self.ledger)
            .refunds
            .entry(refund.key())
            .or_insert((refund.booking_id, refund.amount.amount_minor));
        self.world.reach("booking.refund.made").await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use booking::testing::provider_contract;
    use kernel::testing::HandClock;

    use super::*;
    use crate::world;

    struct Desk {
        provider: SimProvider,
        clock: Arc<HandClock>,
    }

    impl provider_contract::Till for Desk {
        fn provider(&self) -> &dyn PaymentProvider {
            &self.provider
        }

        fn clock(&self) -> &HandClock {
            &self.clock
        }

        async fn balance(&self) -> i64 {
            self.provider.money().values().map(|(taken, returned)| taken - returned).sum()
        }
    }

    #[test]
    fn the_provider_keeps_the_contract() {
        let world = World::new(1);
        let tokens =
            provider_contract::Tokens { charges: "success", declines: "decline", late: "late", lost: "lost" };
        let of = world.clone();
        let fresh = move || {
            let (world, clock) = (of.clone(), Arc::new(HandClock::default()));
            async move {
                let provider =
                    SimProvider { clock: Arc::<HandClock>::clone(&clock), ..SimProvider::new(world) };
                Desk { provider, clock }
            }
        };
        assert!(world::run(&world, provider_contract::all(tokens, fresh), || {}), "it comes to its end");
    }
}
