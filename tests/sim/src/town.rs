//! Everything of one seed that outlives a process: log, databases, provider, the house that is
//! sold, and what clients were answered.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use booking::{Booking, Bookings, PaymentStatus, Status};
use event_ticketing::{
    Events,
    app::create_event::EventDraft,
    domain::{
        event::DetailsDraft,
        plan::{self, SectionDraft, SubsectionDraft},
    },
};
use kernel::{
    BookingId, EventId, Money, Pointer, Revision, Timestamp, UserId, limits,
    message::{EventOnSale, Grant},
    plan::SectionOutline,
    topic::Lane,
};
use stream::testing::MemoryLog;

use crate::{
    accounts::{AccountDb, SessionDoor},
    oracle::Reading,
    process::Hub,
    provider::SimProvider,
    sql::locked,
    store::{BookingDb, SimStore},
    tickets::TicketDb,
    world::{ProcessId, World},
};

/// What clients were answered, and what they did.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    /// Counts what clients saw.
    sights: u64,
    /// Bookings that a client saw: the latest revision of each, and the number of its first sight.
    pub(crate) seen: BTreeMap<BookingId, (Shown, u64)>,
    /// Buyers and their keys, with the booking that each first answer named.
    pub(crate) keys: BTreeMap<(UserId, String), BookingId>,
    /// Sessions that their users left open, each with when it was last used.
    pub(crate) sessions: Vec<(::accounts::Token, UserId, i64)>,
}

/// The processes that answer requests now.
#[derive(Default)]
pub(crate) struct Doors {
    pub(crate) booking: Option<(ProcessId, Bookings<SimStore>)>,
    pub(crate) ticketing: Option<(ProcessId, Events)>,
    /// Of the one process, or of booking and event_ticketing.
    pub(crate) sessions: [Option<SessionDoor>; 2],
    /// What the viewers of that process were notified of.
    pub(crate) hub: Arc<Hub>,
}

pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) log: MemoryLog,
    pub(crate) bookings: Arc<BookingDb>,
    pub(crate) tickets: Arc<TicketDb>,
    pub(crate) accounts: Arc<AccountDb>,
    pub(crate) provider: SimProvider,
    /// What sellers draw, and how buyers find it.
    pub(crate) drafts: Vec<(EventId, EventDraft)>,
    pub(crate) houses: Vec<EventOnSale>,
    pub(crate) payment_window: Duration,
    pub(crate) clients: Mutex<Clients>,
    pub(crate) doors: Mutex<Doors>,
    /// What the oracle has read of the log.
    pub(crate) reading: Mutex<Reading>,
}

impl Town {
    pub(crate) fn new(world: World) -> Arc<Self> {
        let log = MemoryLog::new(Arc::new(world.clone()));
        let drafts = drafts(&world);
        let window = world.profile().payment_window_ms.unsigned_abs();
        Arc::new(Self {
            bookings: Arc::new(BookingDb::new(world.clone())),
            tickets: Arc::new(TicketDb::new(world.clone())),
            accounts: Arc::new(AccountDb::new(world.clone())),
            provider: SimProvider::new(world.clone()),
            houses: drafts.iter().map(house).collect(),
            drafts,
            payment_window: Duration::from_millis(window),
            clients: Mutex::default(),
            doors: Mutex::default(),
            reading: Mutex::default(),
            log,
            world,
        })
    }

    /// A process that knows sessions: the first one, or another where there are several.
    pub(crate) fn session_door(&self, at: usize) -> Option<(ProcessId, SessionDoor)> {
        let doors = locked(&self.doors);
        let door = doors.sessions[at].as_ref().or(doors.sessions[0].as_ref())?;
        Some((door.process, door.clone()))
    }

    /// The number of the latest sight: what is asked for from here on shows nothing older.
    pub(crate) fn sights(&self) -> u64 {
        locked(&self.clients).sights
    }

    /// A client sees a booking that it asked for after the sight `since`: it is no older than what
    /// was seen before. Of two answers to questions that were asked side by side, the older may
    /// come later.
    pub(crate) fn sees(&self, booking: &Booking, since: u64) {
        let mut clients = locked(&self.clients);
        clients.sights += 1;
        let (now, sight) = (Shown::of(booking), clients.sights);
        let (latest, at) = clients.seen.entry(booking.id).or_insert((now, sight));
        let (older, newer) = if now.revision < latest.revision { (now, *latest) } else { (*latest, now) };
        if !newer.follows(older) || newer != now && *at <= since {
            self.world.violated(format!("I13 a client saw {} go from {latest:?} to {now:?}", booking.id));
        }
        if older != newer && newer == now {
            (*latest, *at) = (now, sight);
        }
    }

    /// The first answer to a key names the booking for good.
    pub(crate) fn keyed(&self, buyer: UserId, key: &str, booking: BookingId) {
        let mut clients = locked(&self.clients);
        let first = *clients.keys.entry((buyer, key.to_owned())).or_insert(booking);
        if first != booking {
            self.world.violated(format!("I12 the key {key} of {buyer} named {first}, then {booking}"));
        }
    }
}

/// What a viewer is shown of a booking. The revision orders it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) revision: Revision,
    status: Status,
    payment: Option<PaymentStatus>,
}

impl Shown {
    pub(crate) fn of(booking: &Booking) -> Self {
        Self { revision: booking.revision, status: booking.status(), payment: booking.payment }
    }

    /// Whether this may be what `older` has become: a final status stays, and none becomes
    /// `processing`.
    pub(crate) fn follows(self, older: Self) -> bool {
        let open = matches!(older.status, Status::Processing | Status::PendingPayment);
        let moved = open && self.status != Status::Processing;
        self == older || self.revision > older.revision && (self.status == older.status || moved)
    }
}

/// Whether money that came late, by the provider's clock, may have ended a booking that expired.
pub(crate) fn late_money_ended(booking: &Booking) -> bool {
    matches!(booking.payment, Some(PaymentStatus::Refunding | PaymentStatus::Refunded))
}

pub(crate) fn total(grant: &Grant) -> i64 {
    grant.total().amount_minor
}

fn id(kind: u128, number: u128) -> [u8; 16] {
    ((kind << 96) | number).to_be_bytes()
}

/// The `n`-th event of a kind of its own.
pub(crate) fn event_id(n: u128) -> EventId {
    EventId::from_slice(&id(1, n)).unwrap_or_else(|_| unreachable!("16 bytes"))
}

pub(crate) fn user_id(n: u128) -> UserId {
    UserId::from_slice(&id(2, n)).unwrap_or_else(|_| unreachable!("16 bytes"))
}

/// An id that rises with time.
pub(crate) fn booking_id(world: &World) -> BookingId {
    let at = u128::from(world.now().unsigned_abs());
    let number = (at << 64) | u128::from(world.below(u64::MAX));
    BookingId::from_slice(&number.to_be_bytes()).unwrap_or_else(|_| unreachable!("16 bytes"))
}

pub(crate) fn price(amount_minor: i64) -> Money {
    Money::new(amount_minor, "TWD".parse().unwrap_or_else(|_| unreachable!("a currency")))
}

/// The section that makes an event large, so that it has topics of its own. Nobody asks for its
/// seats.
const BALCONY: &str = "Z";

/// The sections that buyers ask for.
pub(crate) fn sold(house: &EventOnSale) -> &[SectionOutline] {
    let all = &house.sections;
    let balcony = all.last().is_some_and(|section| section.name.as_str() == BALCONY);
    &all[..all.len() - usize::from(balcony)]
}

/// One or two events whose seats are a part of what buyers will ask for.
fn drafts(world: &World) -> Vec<(EventId, EventDraft)> {
    let profile = world.profile();
    let events = 1 + world.below(2);
    let seats = profile.bookings * 2 * profile.capacity_percent / 100;
    (0..events)
        .map(|n| {
            let large = world.chance(30);
            let sections = 1 + world.below(3);
            let each = (seats / events / sections).max(4);
            let mut sections: Vec<_> =
                (0..sections).map(|section| section_of(world, section, each)).collect();
            if large {
                let balcony = SubsectionDraft::new(1, 10, 1_000);
                let name = BALCONY.to_owned();
                sections.push(SectionDraft { name, price_minor: 100, subsections: vec![balcony] });
            }
            let details = DetailsDraft {
                name: "An evening".to_owned(),
                description: String::new(),
                venue_name: String::new(),
                time_zone: "Asia/Taipei".to_owned(),
                starts_at: Timestamp::from_millis(0),
                currency: "TWD".to_owned(),
                max_seats_per_booking: Some(4),
            };
            (event_id(u128::from(7 + n)), EventDraft { details, sections })
        })
        .collect()
}

/// The event as buyers will find it.
fn house((id, draft): &(EventId, EventDraft)) -> EventOnSale {
    let sections = plan::read(&draft.sections, price(0).currency, Pointer::ROOT)
        .unwrap_or_else(|broken| unreachable!("a plan of ours: {broken:?}"));
    let own = plan::seats(&sections) >= u64::from(limits::OWN_LANE_SEATS);
    let lane = if own { Lane::Own(*id) } else { Lane::Shared };
    EventOnSale { event_id: *id, seller_id: None, lane, max_seats_per_booking: 4, sections }
}

fn section_of(world: &World, n: u64, seats: u64) -> SectionDraft {
    let name = ["A", "B", "C"][usize::try_from(n).unwrap_or(0)];
    let per_row = 3 + world.below(12);
    let subsections = 1 + world.below(2);
    let rows = (seats / subsections / per_row).clamp(1, 200);
    let small = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    SectionDraft {
        name: name.to_owned(),
        price_minor: 1_000 + small(world.below(5_000)),
        subsections: (1..=subsections)
            .map(|number| SubsectionDraft::new(small(number), small(rows), small(per_row)))
            .collect(),
    }
}
