//! Money: whole minor units and their currency. Never a float, never two currencies in one sum.

use std::{fmt, str::FromStr};

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// A text that is no ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 4217 currency code")]
pub struct InvalidCurrency;

impl Currency {
    /// A currency that prices can be set in: one with a minor unit.
    ///
    /// # Errors
    /// When the code is none of ISO 4217, or is of something that is not counted in minor units:
    /// metals, funds, tests.
    pub fn of_prices(code: &str) -> Result<Self, InvalidCurrency> {
        code.parse::<Self>().ok().filter(|currency| currency.0.exponent().is_some()).ok_or(InvalidCurrency)
    }

    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals an amount has: the minor unit of ISO 4217. Two for a code without one,
    /// which stored amounts may have.
    pub fn decimals(self) -> u16 {
        self.0.exponent().unwrap_or(2)
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(code: &str) -> Result<Self, InvalidCurrency> {
        iso_currency::Currency::from_code(code).map(Self).ok_or(InvalidCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units (cents) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    pub amount_minor: i64,
    pub currency: Currency,
}

impl Money {
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// The price of `count` seats at this price; the limits on price and seats keep it far from
    /// overflow.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { amount_minor: self.amount_minor * i64::from(count), currency: self.currency }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount_minor, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        for (code, decimals) in [("TWD", 2), ("HUF", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XAU", 2)] {
            assert_eq!(code.parse::<Currency>().unwrap().decimals(), decimals, "{code}");
        }
    }

    #[test]
    fn codes_without_a_minor_unit_are_read_and_not_priced() {
        let without = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX";
        for code in without.split(' ') {
            assert!(code.parse::<Currency>().is_ok(), "{code} is in old records");
            assert_eq!(Currency::of_prices(code), Err(InvalidCurrency), "{code}");
        }
        assert_eq!(Currency::of_prices("TWD"), "TWD".parse());
        assert_eq!(Currency::of_prices("twd"), Err(InvalidCurrency));
    }
}
