//! What every observer must keep: a viewer is shown the latest news of each booking, once. Each
//! check wants a fresh one.

use std::future::Future;

use kernel::{BookingId, Revision};

use super::{booking, buyer};
use crate::{Booking, ports::BookingObserver};

/// An observer, and a viewer of all bookings of [buyer 1](buyer) who is there from the start.
pub trait Viewed {
    fn observer(&self) -> &dyn BookingObserver;

    /// What the viewer was shown since the last call, in its order.
    fn shown(&mut self) -> Vec<(BookingId, Revision)>;
}

/// All checks, each on an observer of its own.
pub async fn all<V: Viewed, F: Future<Output = V>>(fresh: impl Fn() -> F) {
    every_change_is_shown(&mut fresh().await);
    a_repeat_shows_nothing(&mut fresh().await);
    news_that_come_late_take_nothing_back(&mut fresh().await);
}

fn revision(n: i64) -> Revision {
    Revision::read(n).unwrap()
}

/// A booking of buyer 1 at this revision.
fn at_revision(n: u128, at: i64) -> Booking {
    Booking { buyer_id: buyer(1), revision: revision(at), ..booking(n) }
}

fn expect_shown(viewed: &mut impl Viewed, expected: &[(u128, i64)]) {
    let expected: Vec<_> = expected.iter().map(|(n, at)| (booking(*n).id, revision(*at))).collect();
    assert_eq!(viewed.shown(), expected);
}

fn every_change_is_shown(viewed: &mut impl Viewed) {
    viewed.observer().changed(&[at_revision(1, 1), at_revision(2, 1)]);
    expect_shown(viewed, &[(1, 1), (2, 1)]);
    viewed.observer().changed(&[at_revision(1, 2)]);
    viewed.observer().changed(&[at_revision(2, 4)]);
    expect_shown(viewed, &[(1, 2), (2, 4)]);
}

fn a_repeat_shows_nothing(viewed: &mut impl Viewed) {
    viewed.observer().changed(&[at_revision(1, 2)]);
    expect_shown(viewed, &[(1, 2)]);
    viewed.observer().changed(&[at_revision(1, 2)]);
    expect_shown(viewed, &[]);
}

fn news_that_come_late_take_nothing_back(viewed: &mut impl Viewed) {
    viewed.observer().changed(&[at_revision(1, 3)]);
    viewed.observer().changed(&[at_revision(1, 2), at_revision(2, 1)]);
    expect_shown(viewed, &[(1, 3), (2, 1)]);
}
