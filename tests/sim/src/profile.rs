//! What one seed is like: how the program is deployed, what house is sold, which faults come how
//! often.

use crate::rng::Rng;

/// Chances in a million, asked at each step of a port.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rates {
    pub(crate) crash: u64,
    pub(crate) freeze: u64,
    pub(crate) fault: u64,
    pub(crate) delay: u64,
    pub(crate) jump: u64,
}

impl Rates {
    pub(crate) fn sum(self) -> u64 {
        self.crash + self.freeze + self.fault + self.delay + self.jump
    }
}

#[expect(clippy::struct_excessive_bools, reason = "independent traits of a run, drawn one by one")]
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// One process with all roles, or a process of booking, two of seat_reservation, one of
    /// event_ticketing.
    pub(crate) cluster: bool,
    pub(crate) rates: Rates,
    /// Every buyer pays at once, until no seat is left.
    pub(crate) fill: bool,
    /// Buyers take so long that the seat engine forgets outcomes meanwhile.
    pub(crate) slow: bool,
    /// A day goes by at the end, after which keys are free again.
    pub(crate) night: bool,
    pub(crate) bookings: u64,
    /// Seats of the house in percent of the seats that are asked for.
    pub(crate) capacity_percent: u64,
    pub(crate) payment_window_ms: i64,
    /// Longest time between two actions of a buyer.
    pub(crate) pause_ms: u64,
    /// How long a dead process stays away, at most.
    pub(crate) away_ms: u64,
}

impl Profile {
    pub(crate) fn of(rng: &mut Rng) -> Self {
        let cluster = rng.below(100) < 60;
        let calm = rng.below(100) < 15;
        let fill = rng.below(100) < 20;
        let slow = rng.below(100) < 4;
        let storm = 1 + rng.below(4);
        let rates = if calm {
            Rates::default()
        } else {
            // A crash of the one process takes everything with it, so it comes more rarely.
            let crash = if cluster { 500 } else { 250 };
            Rates {
                crash: crash * storm,
                freeze: 150 * storm,
                fault: 600 * storm,
                delay: 4_000,
                jump: 60 * storm,
            }
        };
        Self {
            cluster,
            rates,
            fill,
            slow,
            night: rng.below(100) < 15,
            bookings: 300 + rng.below(600),
            capacity_percent: if fill { 50 } else { 20 + rng.below(90) },
            payment_window_ms: 10_000 + i64::try_from(rng.below(50_000)).unwrap_or(0),
            pause_ms: if slow { 300_000 } else { 100 + rng.below(3_000) },
            away_ms: [1_000, 5_000, 45_000][usize::try_from(rng.below(3)).unwrap_or(0)],
        }
    }

    /// Whether faults come at all.
    pub(crate) fn calm(&self) -> bool {
        self.rates.sum() == 0
    }
}
