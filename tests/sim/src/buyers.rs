//! Buyers: what they ask for, pay, cancel, press twice, and repeat when no answer comes. What they
//! are answered is checked at once.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use booking::{
    AttemptId, Booking, BookingRequest, Mode, Status,
    app::{
        cancel::CancelOutcome,
        create_booking::CreateOutcome,
        pay::{PayOutcome, PayRefusal},
    },
    decision::RequestKey,
};
use kernel::{
    BookingId, UserId,
    message::{EventOnSale, Partial},
};

use crate::{
    client::ask,
    provider::METHODS,
    sql::locked,
    town::{self, Town},
};

/// Sends buyers until so many bookings were asked for, and waits until the last has gone.
pub(crate) async fn rush(town: &Arc<Town>) {
    let bookings = town.world.profile().bookings;
    let buyers = bookings / 3 + 1;
    let left = Arc::new(AtomicU64::new(bookings));
    let gone = Arc::new(AtomicU64::new(0));
    for n in 0..buyers {
        let (town_of, left, gone) = (Arc::clone(town), Arc::clone(&left), Arc::clone(&gone));
        town.world.spawn(0, async move {
            Buyer { town: town_of, id: town::user_id(u128::from(n)), pressed: 0 }.shop(&left).await;
            gone.fetch_add(1, Ordering::Relaxed);
        });
    }
    while gone.load(Ordering::Relaxed) < buyers {
        town.world.sleep(200).await;
    }
}

/// A day later keys are free again: the first one of each of some buyers names another request now.
pub(crate) async fn next_day(town: &Arc<Town>) {
    let old: Vec<_> = {
        let mut clients = locked(&town.clients);
        let keys = std::mem::take(&mut clients.keys);
        keys.into_keys().take(10).collect()
    };
    for (buyer, key) in old {
        let request = Buyer { town: Arc::clone(town), id: buyer, pressed: 0 }.request(&town.houses[0]);
        let key = RequestKey { key, body_hash: hash(&request) };
        if let Some(booking) = create(town, buyer, town.houses[0].event_id, request, &key).await {
            town.keyed(buyer, &key.key, booking.id);
            town.world.cover("keys used again a day later");
        }
    }
}

struct Buyer {
    town: Arc<Town>,
    id: UserId,
    pressed: u64,
}

impl Buyer {
    async fn shop(mut self, left: &AtomicU64) {
        let (world, profile) = (self.town.world.clone(), self.town.world.profile());
        world.pause(3 * profile.pause_ms).await;
        while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            if let Some(id) = self.book().await {
                let decided = self.decided(id).await;
                if decided == Some(Status::PendingPayment) {
                    world.pause(profile.pause_ms).await;
                    self.follow_up(id).await;
                }
            }
            world.pause(profile.pause_ms).await;
        }
    }

    fn chance(&self, percent: u64) -> bool {
        self.town.world.chance(percent)
    }

    /// A key that this buyer has not used.
    fn key(&mut self) -> String {
        self.pressed += 1;
        format!("k{}", self.pressed)
    }

    /// Asks for seats, again with the same key until an answer comes.
    async fn book(&mut self) -> Option<BookingId> {
        let town = Arc::clone(&self.town);
        let house = &town.houses[usize::try_from(town.world.below(town.houses.len() as u64)).unwrap_or(0)];
        let request = self.request(house);
        let key = RequestKey { key: self.key(), body_hash: hash(&request) };
        let twice = self.chance(10);
        if twice {
            // Two presses at once.
            town.world.cover("bookings pressed twice");
            let (town, id, request, key) = (Arc::clone(&town), self.id, request.clone(), key.clone());
            let event = house.event_id;
            town.world.clone().spawn(0, async move {
                if let Some(booking) = create(&town, id, event, request, &key).await {
                    town.keyed(id, &key.key, booking.id);
                }
            });
        }
        let mut first = None;
        for attempt in 0..12 {
            if let Some(booking) = create(&town, self.id, house.event_id, request.clone(), &key).await {
                if attempt > 0 {
                    town.world.cover("bookings found again by their key");
                }
                town.keyed(self.id, &key.key, booking.id);
                first = Some(booking.id);
                if !self.chance(5) {
                    break;
                }
            }
            town.world.pause(3_000 * (attempt + 1)).await;
        }
        first
    }

    fn request(&self, house: &EventOnSale) -> BookingRequest {
        let world = &self.town.world;
        let pick = |end: usize| usize::try_from(world.below(end as u64)).unwrap_or(0);
        let sections = town::sold(house);
        let section = &sections[pick(sections.len())];
        let partial = if self.chance(15) { Partial::Refuse } else { Partial::Accept };
        let block = &section.subsections[pick(section.subsections.len())];
        let number = |end: u16| 1 + world.below(u64::from(end));
        if world.profile().fill || self.chance(60) {
            let subsection = (!world.profile().fill && self.chance(30)).then_some(block.number);
            let mode = Mode::BestAvailable { quantity: u16::try_from(number(4)).unwrap_or(1) };
            return BookingRequest { section: section.name.to_string(), subsection, mode, partial };
        }
        // Everybody likes the front.
        let row = if self.chance(70) { 1 } else { number(block.rows) };
        let first = number(block.seats_per_row);
        let seats = (first..first + number(3)).filter(|seat| *seat <= u64::from(block.seats_per_row));
        let seats = seats.map(|seat| format!("{}-{}-{row}-{seat}", section.name, block.number)).collect();
        BookingRequest {
            section: section.name.to_string(),
            subsection: None,
            mode: Mode::Manual { seats },
            partial,
        }
    }

    /// Looks until the booking is decided, for a while.
    async fn decided(&self, id: BookingId) -> Option<Status> {
        for looks in 1..20 {
            self.town.world.pause(1_500 * looks).await;
            if let Some(booking) = self.look(id).await
                && booking.status() != Status::Processing
            {
                return Some(booking.status());
            }
        }
        None
    }

    async fn look(&self, id: BookingId) -> Option<Booking> {
        let (buyer, since) = (self.id, self.town.sights());
        let found = ask(&self.town, move |bookings| async move { bookings.own(buyer, id).await }).await?;
        match &found {
            Some(booking) => self.town.sees(booking, since),
            None => self.town.world.violated(format!("I16 {id} was promised to {buyer} and is gone")),
        }
        found
    }

    async fn follow_up(&mut self, id: BookingId) {
        if self.town.world.profile().fill {
            self.pay_until_known(id, "success").await;
            return;
        }
        let method = METHODS[usize::try_from(self.town.world.below(METHODS.len() as u64)).unwrap_or(0)];
        match self.town.world.below(100) {
            0..10 => {}
            10..25 => self.cancel(id).await,
            25..40 => {
                // Pays and cancels at once.
                self.town.world.cover("cancels that meet a payment");
                let other = Self { town: Arc::clone(&self.town), id: self.id, pressed: 0 };
                self.town.world.spawn(0, async move {
                    other.town.world.pause(700).await;
                    other.cancel(id).await;
                });
                self.pay_until_known(id, method).await;
            }
            40..50 => {
                // At the last moment, or just after it.
                if let Some(until) = self.look(id).await.and_then(|booking| booking.pay_by()) {
                    let early = i64::try_from(self.town.world.below(1_500)).unwrap_or(0);
                    self.town.world.sleep_until(until.as_millis() - early + 500).await;
                    self.town.world.cover("payments at the deadline");
                }
                self.pay_until_known(id, "success").await;
            }
            50..75 => drop(self.pay_until_known(id, "success").await),
            _ => {
                if self.pay_until_known(id, method).await == Some(PayRefusal::Declined) && self.chance(70) {
                    self.pay_until_known(id, "success").await;
                }
            }
        }
    }

    /// Pays, again with the same key until an answer comes.
    async fn pay_until_known(&mut self, id: BookingId, method: &'static str) -> Option<PayRefusal> {
        let (key, town) = (self.key(), Arc::clone(&self.town));
        for _ in 0..5 {
            let (buyer, key) =
                (self.id, RequestKey { key: key.clone(), body_hash: format!("{id} {method}") });
            let attempt = AttemptId::new(format!("pay_{}_{}", self.id, town.world.below(u64::MAX)));
            let since = town.sights();
            let paid = ask(&town, move |bookings| async move {
                bookings.pay(id, buyer, method.to_owned(), key, attempt).await
            });
            match paid.await {
                Some(PayOutcome::Paid(booking) | PayOutcome::NotKnownYet(booking)) => {
                    town.sees(&booking, since);
                    return None;
                }
                Some(PayOutcome::Refused(PayRefusal::KeyInUse)) | None => {}
                Some(PayOutcome::Refused(PayRefusal::NotFound | PayRefusal::KeyReused)) => {
                    town.world.violated(format!(
                        "I12 {id} of {buyer} cannot be paid: its key or itself is not known"
                    ));
                    return None;
                }
                Some(PayOutcome::Refused(refusal)) => return Some(refusal),
            }
            town.world.pause(2_000).await;
        }
        None
    }

    async fn cancel(&self, id: BookingId) {
        let buyer = self.id;
        for _ in 0..4 {
            let since = self.town.sights();
            match ask(&self.town, move |bookings| async move { bookings.cancel(id, buyer).await }).await {
                Some(CancelOutcome::Cancelled(booking) | CancelOutcome::AlreadyCancelled(booking)) => {
                    return self.town.sees(&booking, since);
                }
                Some(CancelOutcome::NotFound) => {
                    return self.town.world.violated(format!("I16 {id} was promised to {buyer} and is gone"));
                }
                Some(CancelOutcome::WrongState(_)) => return,
                None => self.town.world.pause(1_000).await,
            }
        }
    }
}

/// Two requests with the same say the same.
fn hash(request: &BookingRequest) -> String {
    let BookingRequest { section, subsection, mode, partial } = request;
    let seats = match mode {
        Mode::BestAvailable { quantity } => quantity.to_string(),
        Mode::Manual { seats } => seats.concat(),
    };
    let block = subsection.unwrap_or(0);
    format!("{section} {block} {} {seats}", *partial == Partial::Accept)
}

/// One press of the button.
async fn create(
    town: &Arc<Town>,
    buyer: UserId,
    event: kernel::EventId,
    request: BookingRequest,
    key: &RequestKey,
) -> Option<Booking> {
    let (key, of) = (key.clone(), Arc::clone(town));
    let since = town.sights();
    let created = ask(town, move |bookings| async move {
        let Some(event) = bookings.event(event, std::time::Duration::ZERO).await? else { return Ok(None) };
        let id = town::booking_id(&of.world);
        Ok(Some(bookings.create(id, buyer, &event, request, Some(key)).await?))
    });
    match created.await?? {
        CreateOutcome::Created(booking) | CreateOutcome::Repeated(booking) => {
            town.sees(&booking, since);
            Some(booking)
        }
        CreateOutcome::KeyReused => {
            town.world.violated(format!("I12 a key of {buyer} was used for another request"));
            None
        }
        CreateOutcome::Invalid(violations) => {
            town.world.violated(format!("a good request is refused: {violations:?}"));
            None
        }
    }
}
