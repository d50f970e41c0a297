//! Shapes that several answers share: money, lists, times.

use std::str::FromStr;

use kernel::{Money, Timestamp, Violation, limits, violation::code};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// An amount in minor units (cents) of an ISO 4217 currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct MoneyShape {
    #[schema(example = 300_000)]
    pub amount_minor: i64,
    #[schema(example = "TWD")]
    pub currency: &'static str,
    /// How many of its digits are decimals: 300000 with 2 is 3,000.00.
    #[schema(example = 2)]
    pub decimals: u16,
}

impl From<Money> for MoneyShape {
    fn from(money: Money) -> Self {
        let Money { amount_minor, currency } = money;
        Self { amount_minor, currency: currency.code(), decimals: currency.decimals() }
    }
}

/// One page of a list. `next_cursor` is null on the last page; otherwise ask again with `after` set
/// to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    pub data: Vec<T>,
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// The page of at most `limit` entries of what was found when one more was asked for.
    pub fn page<F>(
        mut found: Vec<F>,
        limit: u32,
        cursor: impl Fn(&F) -> String,
        shape: impl Fn(F) -> T,
    ) -> Self {
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next_cursor = found.last().filter(|_| more).map(cursor);
        Self { data: found.into_iter().map(shape).collect(), next_cursor }
    }
}

/// The requested page of a list. Flattening would lose strictness, so routes with more parameters
/// name these two themselves.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The `next_cursor` of the page before.
    pub after: Option<String>,
    /// Entries on the page, 1–100; 20 when absent.
    pub limit: Option<u32>,
}

/// The number of entries that a caller may have.
///
/// # Errors
/// 422 when it is zero or beyond [`limits::PAGE_SIZE`].
pub fn page_size(limit: Option<u32>) -> Result<u32, Problem> {
    let limit = limit.unwrap_or(limits::PAGE_SIZE_DEFAULT);
    if (1..=limits::PAGE_SIZE).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::invalid(vec![Violation::new(
        "/limit",
        code::OUT_OF_RANGE,
        format!("A page has 1 to {} entries.", limits::PAGE_SIZE),
    )]))
}

/// A parameter of the query.
///
/// # Errors
/// 422 at `pointer` when it cannot be read.
pub fn parameter<T: FromStr>(
    text: Option<String>,
    pointer: &str,
    detail: &str,
) -> Result<Option<T>, Problem> {
    let invalid = |_| Problem::invalid(vec![Violation::new(pointer, code::INVALID_FORMAT, detail)]);
    text.map(|text| text.parse().map_err(invalid)).transpose()
}

/// Where the page begins: what a `next_cursor` named.
///
/// # Errors
/// 422 when it is no such thing.
pub fn cursor<T: FromStr>(after: Option<String>) -> Result<Option<T>, Problem> {
    parameter(after, "/after", "Must be the `next_cursor` of an earlier page.")
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T12:34:56.789Z`.
pub fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.as_millis().to_string(), |time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_a_z() {
        assert_eq!(rfc3339(Timestamp::from_millis(1_700_000_000_000)), "2023-11-14T22:13:20.000Z");
        assert_eq!(rfc3339(Timestamp::from_millis(1_700_000_000_012)), "2023-11-14T22:13:20.012Z");
    }
}
