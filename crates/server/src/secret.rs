//! Passwords in addresses: used, and never shown.
//!
//! Promises: no way to print a `Secret` shows its password. Text of a caller, which may hold an
//! address that could not be read, goes through `hushed` before it is printed.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use url::Url;

/// What is shown instead of a password.
const HUSHED: &str = "***";
/// The parameter of an address that holds one, also at the end of a longer name.
const PARAMETER: &str = "password=";

/// An address that may hold a password, which is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Secret(Url);

impl Secret {
    /// The address with its password.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Secret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The parser's own words would repeat the text.
        text.parse()
            .map(Self)
            .map_err(|_| "expected an address such as postgres://user@host/database".to_owned())
    }
}

impl TryFrom<String> for Secret {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        if shown.password().is_some() {
            // An address that has a password may have another.
            let _ = shown.set_password(Some(HUSHED));
        }
        if shown.query_pairs().any(|(key, _)| is_password(&key)) {
            let pairs: Vec<(String, String)> = self
                .0
                .query_pairs()
                .map(|(key, value)| {
                    let value = if is_password(&key) { HUSHED.to_owned() } else { value.into_owned() };
                    (key.into_owned(), value)
                })
                .collect();
            shown.query_pairs_mut().clear().extend_pairs(pairs);
        }
        f.write_str(&hushed(shown.as_str()))
    }
}

fn is_password(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("password")
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text without the passwords of the addresses in it, whether or not they can be read.
pub fn hushed(text: &str) -> String {
    text.split_inclusive(ends_a_word).map(hushed_word).collect()
}

fn ends_a_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '\u{1b}')
}

/// A password begins at the first colon behind the scheme and ends at the last `@`: one that is not
/// escaped may hold either.
fn hushed_word(word: &str) -> String {
    let begin = word.find("://").map_or(0, |at| at + 3);
    let colon = word[begin..].find(':').map(|at| begin + at);
    match (colon, word.rfind('@')) {
        (Some(colon), Some(at)) if colon < at => {
            format!("{}{HUSHED}{}", &word[..=colon], without_parameters(&word[at..]))
        }
        _ => without_parameters(word),
    }
}

fn without_parameters(word: &str) -> String {
    let Some(found) = word.to_ascii_lowercase().find(PARAMETER) else { return word.to_owned() };
    let (before, rest) = word.split_at(found + PARAMETER.len());
    let end = rest.find(|c| c == '&' || ends_a_word(c)).unwrap_or(rest.len());
    format!("{before}{HUSHED}{}", without_parameters(&rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_any_address_is_hushed_and_the_rest_stays() {
        for (text, shown) in [
            ("postgres://u:p@h/d", "postgres://u:***@h/d"),
            ("`postgres://u:p@ss:w/o@h/d` is none", "`postgres://u:***@h/d` is none"),
            ("redis://:pw@h", "redis://:***@h"),
            ("mysql//u:pw@h", "mysql//u:***@h"),
            ("\u{1b}[33mhttp://u:p@h/x\u{1b}[0m", "\u{1b}[33mhttp://u:***@h/x\u{1b}[0m"),
            ("--d=postgres://h/d?user=a&password=b&x=1 no", "--d=postgres://h/d?user=a&password=***&x=1 no"),
            ("'pg://h?sslPassword=b'", "'pg://h?sslPassword=***'"),
            ("pg://u:p@h?password=b pg://u:p@h\n", "pg://u:***@h?password=*** pg://u:***@h\n"),
            (
                "127.0.0.1:8080 is in use by ann@x.example: no",
                "127.0.0.1:8080 is in use by ann@x.example: no",
            ),
            ("http://h:80/x?y", "http://h:80/x?y"),
            ("", ""),
        ] {
            assert_eq!(hushed(text), shown);
        }
    }

    #[test]
    fn an_address_that_cannot_be_read_is_not_repeated() {
        let refusal = "open sesame".parse::<Secret>().unwrap_err();
        assert!(!refusal.contains("sesame"), "{refusal}");
        let opaque: Secret = "postgres:u:sesame@h".parse().unwrap();
        assert_eq!(opaque.to_string(), "postgres:***@h");
    }
}
