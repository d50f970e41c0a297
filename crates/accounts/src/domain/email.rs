//! An e-mail address, as far as it can be judged without sending anything.
//!
//! Promises: one `@`, a plausible host, no spaces; upper and lower case are the same address.

use std::{fmt, str::FromStr};

use kernel::limits;

/// A plausible address in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Must be an e-mail address.")]
pub struct InvalidEmail;

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let (local, host) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let short = text.chars().count() <= limits::EMAIL_CHARS;
        let clean = |part: &str| !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
        let dotted = |part: &str| part.split('.').all(|label| !label.is_empty());
        let host_fits = host.contains('.')
            && dotted(host)
            && host.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-')
            && !host.split('.').any(|label| label.starts_with('-') || label.ends_with('-'));
        if short && clean(local) && dotted(local) && host_fits {
            return Ok(Self(text.to_lowercase()));
        }
        Err(InvalidEmail)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plausible_addresses_are_taken_in_lower_case() {
        for text in
            ["a@b.tw", "Robin.Hood+tag@Example.org", "王小明@例子.台灣", "o'neil@mail-host.example.com"]
        {
            assert_eq!(text.parse::<Email>().map(|email| email.0), Ok(text.to_lowercase()), "{text}");
        }
    }

    #[test]
    fn others_are_refused() {
        let long = format!("{}@example.org", "x".repeat(250));
        for text in [
            "", "@", "a@", "@b.c", "a@b", "a b@c.d", "a@b@c.d", "a@b..c", ".a@b.c", "a@-b.c", "a@b.c\n",
            &long,
        ] {
            assert!(text.parse::<Email>().is_err(), "{text}");
        }
    }
}
