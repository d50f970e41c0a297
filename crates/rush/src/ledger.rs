//! Was a seat sold twice, according to what the buyers received?
//!
//! A seat that came back by cancelling or expiry may be granted again, so two grants of a seat are
//! a double sale only when both must have held at one moment: both still live at the end, or one
//! live at the end and known to its buyer before the other was even asked for. Times are the
//! generator's own, so the server's clock plays no part. Pure.

use super::outline::SeatPlace;

/// One seat granted to one booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) seat: SeatPlace,
    /// Which booking, as an index into the caller's table.
    pub(super) booking: usize,
    /// When its buyer asked: the grant is not older.
    pub(super) sent_us: u64,
    /// When its buyer received it: the grant is not younger.
    pub(super) received_us: u64,
    /// Neither cancelled nor expired.
    pub(super) live: bool,
}

/// Two grants of one seat that exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DoubleSale {
    pub(super) seat: SeatPlace,
    /// The booking that has the seat.
    pub(super) holder: usize,
    /// The booking that was granted it as well.
    pub(super) other: usize,
}

/// Finds every grant that contradicts a live one; sorts the grants by seat.
pub(super) fn double_sales(grants: &mut [Grant]) -> Vec<DoubleSale> {
    grants.sort_unstable_by_key(|grant| (grant.seat, !grant.live, grant.received_us, grant.booking));
    let mut found = Vec::new();
    for same_seat in grants.chunk_by(|a, b| a.seat == b.seat) {
        // Live grants come first, the earliest received in front; without one nothing can be
        // proved.
        let [holder, others @ ..] = same_seat else { continue };
        if !holder.live {
            continue;
        }
        let excluded = others.iter().filter(|other| other.live || holder.received_us <= other.sent_us);
        found.extend(excluded.map(|other| DoubleSale {
            seat: holder.seat,
            holder: holder.booking,
            other: other.booking,
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(seat: u32, booking: usize, sent_us: u64, received_us: u64, live: bool) -> Grant {
        Grant { seat: SeatPlace(seat), booking, sent_us, received_us, live }
    }

    fn check(mut grants: Vec<Grant>, expect: &[(u32, usize, usize)]) {
        let found: Vec<_> = double_sales(&mut grants)
            .iter()
            .map(|double| (double.seat.0, double.holder, double.other))
            .collect();
        assert_eq!(found, expect, "{grants:?}");
    }

    #[test]
    fn two_live_grants_of_a_seat_are_a_double_sale() {
        check(vec![grant(1, 0, 0, 10, true), grant(2, 1, 0, 10, true)], &[]);
        check(vec![grant(1, 0, 5, 20, true), grant(1, 1, 0, 10, true)], &[(1, 1, 0)]);
        check(
            vec![grant(1, 0, 0, 10, true), grant(1, 1, 0, 11, true), grant(1, 2, 0, 12, true)],
            &[(1, 0, 1), (1, 0, 2)],
        );
    }

    #[test]
    fn a_seat_that_came_back_may_be_granted_again() {
        check(vec![grant(1, 0, 0, 10, false), grant(1, 1, 50, 60, true)], &[]);
        check(vec![grant(1, 0, 0, 10, false), grant(1, 1, 5, 60, false)], &[]);
        // Asked for before the holder knew: the cancelled hold may have been first.
        check(vec![grant(1, 0, 5, 30, false), grant(1, 1, 0, 20, true)], &[]);
    }

    #[test]
    fn a_grant_asked_for_after_a_living_hold_was_known_is_a_double_sale_even_if_cancelled_later() {
        check(vec![grant(1, 0, 0, 10, true), grant(1, 1, 10, 30, false)], &[(1, 0, 1)]);
    }
}
