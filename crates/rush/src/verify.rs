//! After the rush: what the server's own seats and counts say, against what the buyers received.
//!
//! Waits for the ticket side to catch up by condition, within a limit; changes nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::client::{Call, Connection};
use super::inbox::{Payment, Record, State};
use super::ledger::{DoubleSale, Grant, double_sales};
use super::listener::ask;
use super::outline::{Counts, SeatPlace};
use super::prepare::read_event;
use super::progress::Phase;
use super::rush::{Buyer, Rush};
use super::tally::Trouble;

const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Subsections read at a time.
const READERS: usize = 4;

/// What the check found, beside the troubles it counted.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) records: Vec<Record>,
    /// Contradicting grants among those that buyers received.
    pub(super) double_sold_received: u64,
    /// Seats sold since before the rush, by the server's counts.
    pub(super) server_sold: u64,
    pub(super) counts: Counts,
    /// The server was not asked, so only what buyers received was looked at.
    pub(super) unchecked: bool,
}

/// What is known at once, without the server.
pub(super) fn known(buyers: &[Arc<Buyer>], before: Counts) -> Verdict {
    let records = records(buyers);
    let server_sold = seats_in(&records, |state| state == State::Paid).count() as u64;
    let double_sold_received = contradictions(buyers).1.len() as u64;
    Verdict { records, double_sold_received, server_sold, counts: before, unchecked: true }
}

fn records(buyers: &[Arc<Buyer>]) -> Vec<Record> {
    buyers.iter().flat_map(|buyer| buyer.inbox.records()).map(|(_, record)| record).collect()
}

/// Checks everything; troubles go to the tally.
pub(super) async fn verify(
    rush: &Arc<Rush>,
    buyers: &[Arc<Buyer>],
    before: Counts,
    settled_by: Instant,
) -> anyhow::Result<Verdict> {
    let blocks: usize = rush.outline.sections.iter().map(|section| section.subsections.len()).sum();
    let phase = Phase::begin("check", blocks as u64);
    let doubles = granted_twice(rush, buyers).await;
    for double in &doubles {
        let DoubleSale { seat, holder, other } = double;
        rush.tally
            .error(Trouble::new("seat-granted-twice", format!("seat {} in {holder} and {other}", seat.0)));
    }
    let records = records(buyers);
    let paid_seats: Vec<SeatPlace> = seats_in(&records, |state| state == State::Paid).collect();
    let sold = before.sold + paid_seats.len() as u64;
    let (counts, listed) = settled(rush, buyers, &phase, sold, settled_by).await?;
    if counts.total() != u64::from(rush.outline.capacity()) {
        let text = format!("{counts:?} of {}", rush.outline.capacity());
        rush.tally.error(Trouble::new("counts-do-not-add-up", text));
    }
    for place in paid_seats.iter().filter(|place| listed[place.index()] != Listed::Sold) {
        rush.tally.error(Trouble::new("paid-seat-not-sold-on-server", format!("seat place {}", place.0)));
    }
    phase.end(&format!("{} seats sold, {} held, {} free", counts.sold, counts.reserved, counts.available));
    Ok(Verdict {
        records,
        double_sold_received: doubles.len() as u64,
        server_sold: counts.sold.saturating_sub(before.sold),
        counts,
        unchecked: false,
    })
}

fn seats_in(records: &[Record], wanted: impl Fn(State) -> bool) -> impl Iterator<Item = SeatPlace> {
    records.iter().filter(move |record| wanted(record.state)).flat_map(|record| record.seats.iter().copied())
}

/// Contradicting grants, after asking the server again for the holds among them: an expiry whose
/// update is still in flight is no contradiction.
async fn granted_twice(rush: &Rush, buyers: &[Arc<Buyer>]) -> Vec<DoubleSale> {
    let (owners, suspects) = contradictions(buyers);
    for booking in suspects.iter().flat_map(|double| [double.holder, double.other]) {
        let (buyer, id) = &owners[booking];
        let mut connection = Connection::new(Arc::clone(&rush.target), Some(buyer.authorization.clone()));
        if let Err(trouble) = ask(rush, buyer, &mut connection, id).await {
            rush.tally.error(trouble);
        }
    }
    if suspects.is_empty() { suspects } else { contradictions(buyers).1 }
}

type Owner = (Arc<Buyer>, Box<str>);

fn contradictions(buyers: &[Arc<Buyer>]) -> (Vec<Owner>, Vec<DoubleSale>) {
    let mut owners = Vec::new();
    let mut grants = Vec::new();
    for buyer in buyers {
        for (id, record) in buyer.inbox.records() {
            let booking = owners.len();
            owners.push((Arc::clone(buyer), id));
            let (Some(request), Some(received_us)) = (record.request, record.received_us) else { continue };
            let live = matches!(record.state, State::Held | State::Paid);
            let grant = |seat| Grant { seat, booking, sent_us: request.sent_us, received_us, live };
            grants.extend(record.seats.into_iter().map(grant));
        }
    }
    let doubles = double_sales(&mut grants);
    (owners, doubles)
}

/// The server's counts and lists of seats, once at least `sold` seats are sold and none is lost, or
/// at the timeout.
async fn settled(
    rush: &Arc<Rush>,
    buyers: &[Arc<Buyer>],
    phase: &Phase,
    sold: u64,
    settled_by: Instant,
) -> anyhow::Result<(Counts, Vec<Listed>)> {
    let mut connection = Connection::new(Arc::clone(&rush.target), None);
    loop {
        let event = read_event(&mut connection, &rush.outline.event_id, &rush.tally).await?;
        let counts = Counts::of(&event);
        let late = Instant::now() > settled_by;
        if late || counts.sold >= sold {
            let listed = listed_seats(rush, phase).await;
            let lost = if rush.made_the_event() { lost(rush, buyers, &listed) } else { Vec::new() };
            if late && !lost.is_empty() {
                let text = format!("{} of {counts:?}, such as place {}", lost.len(), lost[0].0);
                rush.tally.error(Trouble::new("seats-that-no-buyer-has", text));
            }
            if late || lost.is_empty() {
                return Ok((counts, listed));
            }
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// The seats that are listed as taken and that nobody is known to have: they never came back.
fn lost(rush: &Rush, buyers: &[Arc<Buyer>], listed: &[Listed]) -> Vec<SeatPlace> {
    let living = buyers.iter().flat_map(|buyer| buyer.inbox.living_seats());
    let known: HashSet<SeatPlace> = living.chain(rush.strangers_seats()).collect();
    let places = (0..).map(SeatPlace).zip(listed);
    let taken = places.filter(|(_, listed)| **listed != Listed::Free).map(|(place, _)| place);
    taken.filter(|place| !known.contains(place)).collect()
}

/// What the server's lists say of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    Free,
    Reserved,
    Sold,
}

#[derive(Deserialize)]
struct SeatsAnswer<'a> {
    #[serde(borrow)]
    seats: Vec<SeatAnswer<'a>>,
}

#[derive(Deserialize)]
struct SeatAnswer<'a> {
    #[serde(borrow)]
    id: &'a str,
    #[serde(borrow)]
    status: &'a str,
}

/// The server's lists of seats, by place.
async fn listed_seats(rush: &Arc<Rush>, phase: &Phase) -> Vec<Listed> {
    phase.show(0, String::new());
    let mut listed = vec![Listed::Free; rush.outline.capacity() as usize];
    let mut paths = paths(rush).into_iter();
    let mut readers = tokio::task::JoinSet::new();
    for (path, expected) in paths.by_ref().take(READERS) {
        let connection = Connection::new(Arc::clone(&rush.target), None);
        readers.spawn(read_block(Arc::clone(rush), connection, path, expected));
    }
    while let Some(done) = readers.join_next().await {
        // A reader that panicked is a bug, and its connection is gone.
        let Ok((connection, places)) = done else { continue };
        for (place, status) in places {
            listed[place.index()] = status;
        }
        phase.step();
        if let Some((path, expected)) = paths.next() {
            readers.spawn(read_block(Arc::clone(rush), connection, path, expected));
        }
    }
    listed
}

/// Waits until the provider has decided every payment and late money is refunded; a payment that
/// does not get there in time is an error.
pub(super) async fn open_money(rush: &Rush, buyers: &[Arc<Buyer>], settled_by: Instant) {
    loop {
        let mut waiting = false;
        for buyer in buyers {
            for (id, record) in buyer.inbox.open_money() {
                if Instant::now() > settled_by {
                    // A late payment stays open for as long as its hold can still be paid.
                    if record.state != State::Held || !record.late {
                        rush.tally.error(Trouble::new("money-never-decided", format!("{id}: {record:?}")));
                    }
                    continue;
                }
                waiting = true;
                let token = Some(buyer.authorization.clone());
                let mut connection = Connection::new(Arc::clone(&rush.target), token);
                if let Err(trouble) = ask(rush, buyer, &mut connection, &id).await {
                    rush.tally.error(trouble);
                }
            }
        }
        if !waiting {
            break;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let records = buyers.iter().flat_map(|buyer| buyer.inbox.records()).filter(|(_, record)| record.late);
    for (id, record) in records {
        match (record.state, record.payment) {
            (State::Paid, _) => rush.tally.error(Trouble::new("late-money-counted", id.to_string())),
            (_, Payment::Refunded) => drop(rush.tally.mix.refunded.fetch_add(1, Relaxed)),
            _ => {}
        }
    }
}

/// Address and number of seats of every subsection.
fn paths(rush: &Rush) -> Vec<(String, u32)> {
    let event = &rush.outline.event_id;
    let mut paths = Vec::new();
    for section in &rush.outline.sections {
        let name = escaped(&section.name);
        let path = |number: u32| format!("/v1/events/{event}/sections/{name}/subsections/{number}/seats");
        paths.extend(section.subsections.iter().map(|block| (path(block.number), block.capacity())));
    }
    paths
}

/// A section name as one segment of a path.
fn escaped(name: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

async fn read_block(
    rush: Arc<Rush>,
    mut connection: Connection,
    path: String,
    expected: u32,
) -> (Connection, Vec<(SeatPlace, Listed)>) {
    let reply = connection.call(&Call::get(path), &rush.tally).await;
    let places = match reply {
        Ok(reply) if reply.status.is_success() => read_seats(&rush, &reply.body, expected),
        Ok(reply) => Err(reply.trouble("seats")),
        Err(trouble) => Err(trouble),
    };
    let places = places.unwrap_or_else(|trouble| {
        rush.tally.error(trouble);
        Vec::new()
    });
    (connection, places)
}

fn read_seats(rush: &Rush, body: &[u8], expected: u32) -> Result<Vec<(SeatPlace, Listed)>, Trouble> {
    let answer: SeatsAnswer<'_> =
        serde_json::from_slice(body).map_err(|error| Trouble::new("unreadable-seats", error.to_string()))?;
    let mut seen = HashMap::with_capacity(answer.seats.len());
    for seat in &answer.seats {
        let place = rush.outline.place_of(seat.id);
        let place = place.ok_or_else(|| Trouble::new("listed-seat-outside-the-plan", seat.id))?;
        let status = match seat.status {
            "available" => Listed::Free,
            "sold" => Listed::Sold,
            _ => Listed::Reserved,
        };
        if seen.insert(place, status).is_some() {
            return Err(Trouble::new("seat-listed-twice", seat.id));
        }
    }
    if seen.len() != expected as usize {
        return Err(Trouble::new("seats-missing-in-list", format!("{} of {expected}", seen.len())));
    }
    Ok(seen.into_iter().collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use hyper::header::HeaderValue;

    use super::super::inbox::Inbox;
    use super::super::rush::tests::small_rush;
    use super::*;

    fn buyer_of(rush: &Rush, seat: &str) -> Arc<Buyer> {
        let buyer =
            Buyer { number: 0, authorization: HeaderValue::from_static("Bearer x"), inbox: Inbox::default() };
        let held = format!(
            r#"{{"id":"bkg_1","event_id":"evt_1","status":"pending_payment","revision":2,"seats":["{seat}"]}}"#
        );
        buyer.inbox.receive(&rush.outline, &serde_json::from_str(&held).unwrap(), 1).unwrap();
        Arc::new(buyer)
    }

    fn listed(rush: &Rush, taken: &[(usize, Listed)]) -> Vec<Listed> {
        let mut listed = vec![Listed::Free; rush.outline.capacity() as usize];
        for (place, status) in taken {
            listed[*place] = *status;
        }
        listed
    }

    #[test]
    fn a_lost_seat_is_not_hidden_by_a_hold_that_ended_unheard() {
        let rush = small_rush();
        let buyers = [buyer_of(&rush, "A-1-1-1"), buyer_of(&rush, "A-1-1-2")];
        let listed = listed(&rush, &[(0, Listed::Sold), (2, Listed::Reserved)]);
        assert_eq!(lost(&rush, &buyers, &listed), [SeatPlace(2)]);
    }

    #[test]
    fn a_seat_that_the_stranger_may_hold_is_not_lost() {
        let rush = small_rush();
        let listed = listed(&rush, &[(3, Listed::Reserved)]);
        assert_eq!(lost(&rush, &[], &listed), [SeatPlace(3)]);
        rush.stranger_keeps(SeatPlace(3));
        assert_eq!(lost(&rush, &[], &listed), []);
    }

    #[test]
    fn every_seat_of_a_list_has_its_status() {
        let rush = small_rush();
        let seat = |id: &str, status: &str| format!(r#"{{"id":"{id}","status":"{status}"}}"#);
        let seats =
            [seat("A-1-1-1", "available"), seat("A-1-1-2", "reserved"), seat("A-1-1-3", "sold")].join(",");
        let mut read = read_seats(&rush, format!(r#"{{"seats":[{seats}]}}"#).as_bytes(), 3).unwrap();
        read.sort_by_key(|(place, _)| *place);
        let expect = [Listed::Free, Listed::Reserved, Listed::Sold];
        assert_eq!(read.into_iter().map(|(_, status)| status).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn section_names_are_safe_in_a_path() {
        assert_eq!(escaped("A"), "A");
        assert_eq!(escaped("B 區_1"), "B%20%E5%8D%80_1");
    }
}
