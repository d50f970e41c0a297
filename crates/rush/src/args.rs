//! The command-line options of `ticketing rush`.
//!
//! Promises: a parsed value is usable: ranges are ordered, shares are 0–100.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::mix::Mix;

const EXAMPLES: &str = "\
Examples:
  ticketing serve --demo                          # in another terminal: something to sell
  ticketing rush --url http://127.0.0.1:8080      # sell it out
  ticketing rush --url http://127.0.0.1:8080 --buyers 300 --quantity 1-4 --manual 20 --pay 90
  ticketing rush --url http://127.0.0.1:8080 --event evt_0199… --until-sold --json
  ticketing rush --mix real --through-restarts    # an event of its own, bought as people do; kill the server meanwhile
";

/// An on-sale of many buyers against a running system, over HTTP only.
///
/// Accounts are made (or reused) and their live streams opened before the clock starts.
/// Exit code 0 only when no seat was sold twice and no error is left unexplained.
#[derive(Debug, Clone, Args)]
#[command(before_help = EXAMPLES)]
pub struct RushArgs {
    /// Address of the running system, such as `http://127.0.0.1:8080`
    #[arg(long, env = "TICKETING_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,

    /// Event to buy; without it, the first one on sale
    #[arg(long)]
    pub event: Option<String>,

    /// Number of buyers, each with an own account and an own live stream
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub buyers: u32,

    /// Seats per booking: a number or a range such as `1-4`
    #[arg(long, default_value = "1-4")]
    pub quantity: QuantityRange,

    /// Percentage of bookings that name their seats
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub manual: u8,

    /// Percentage of granted bookings that are paid; the others are abandoned
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub pay: u8,

    /// Bookings that one buyer keeps in flight
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub in_flight: u32,

    /// What the buyers do. `real`: an event of its own unless `--event` names one; buyers also get
    /// declined, cancel, pay late, press twice and repeat keys, a seller changes prices, viewers
    /// count along; `--pay` means nothing then
    #[arg(long, value_enum, default_value = "plain")]
    pub mix: Mix,

    /// Survive restarts: wait up to two minutes for the server, then continue
    #[arg(long)]
    pub through_restarts: bool,

    /// Seconds to wait for what is overdue before it is named as an error: an answer, the decision
    /// on a payment, figures that lag behind. Else 45; 120 for an answer with `--through-restarts`
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub patience: Option<u64>,

    /// Seconds that the server gives to pay: each hold is checked against it, and with `--mix real`
    /// some pay too late
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub payment_window: Option<u64>,

    /// Continue until every seat is sold, waiting for abandoned holds to expire
    #[arg(long)]
    pub until_sold: bool,

    /// Stop after so many seconds, whatever is left
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub time_limit: u64,

    /// Seed of the buyers' choices and of their account names
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Sign in with the accounts of this file (one `email password` per line) instead of making
    /// some
    #[arg(long)]
    pub accounts: Option<PathBuf>,

    /// Print one JSON object instead of the table
    #[arg(long)]
    pub json: bool,
}

impl RushArgs {
    /// The longest that the rush may take once it has started.
    pub(super) fn longest(&self) -> Duration {
        Duration::from_secs(self.time_limit)
    }

    /// How long a request is repeated before its buyer gives up.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience.unwrap_or(if self.through_restarts { 120 } else { 30 }))
    }

    /// How long after the last booking money and figures may take to settle, all together.
    pub(super) fn settle(&self) -> Duration {
        Duration::from_secs(self.patience.unwrap_or(45))
    }

    /// What each hold gives to pay, where that is known.
    pub(super) fn window(&self) -> Option<Duration> {
        self.payment_window.map(Duration::from_secs)
    }
}

/// How many seats a booking asks for, both ends included; at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantityRange {
    /// Fewest seats of a booking.
    pub least: u32,
    /// Most seats of a booking.
    pub most: u32,
}

impl FromStr for QuantityRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| part.trim().parse::<u32>().map_err(|_| format!("`{part}` is not a number"));
        let (least, most) = match text.split_once('-') {
            Some((least, most)) => (number(least)?, number(most)?),
            None => (number(text)?, number(text)?),
        };
        if least == 0 || most < least {
            return Err("expected a number from 1, or a range such as 1-4".into());
        }
        Ok(Self { least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::QuantityRange;

    #[test]
    fn quantities_are_a_number_or_an_ordered_range() {
        let read = |text: &str| text.parse::<QuantityRange>().map(|range| (range.least, range.most)).ok();
        assert_eq!(read("1-4"), Some((1, 4)));
        assert_eq!(read("2"), Some((2, 2)));
        for bad in ["0", "0-4", "4-1", "", "-", "1-", "x", "1-4-6"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
