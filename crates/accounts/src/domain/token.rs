//! A session's token, and the hash under which the session is stored.
//!
//! Promises: a token is 256 random bits in hex; nobody can find it from its hash.
//! Never: prints a token. Never draws one: the caller brings the random bytes.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

const SECRET_BYTES: usize = 32;

/// The secret of one session.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// A token's SHA-256; the name of its session in stores and caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash([u8; SECRET_BYTES]);

/// A text that is neither a token nor a token's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hex digits")]
pub struct InvalidToken;

impl Token {
    /// `secret`: random bytes of a cryptographic generator.
    pub fn new(secret: [u8; SECRET_BYTES]) -> Self {
        Self(hex::encode(secret))
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// For its owner, and nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        read(text).map(Self::new)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl FromStr for TokenHash {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        read(text).map(Self)
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

fn read(text: &str) -> Result<[u8; SECRET_BYTES], InvalidToken> {
    let mut bytes = [0; SECRET_BYTES];
    hex::decode_to_slice(text, &mut bytes).map(|()| bytes).map_err(|_| InvalidToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_never_prints() {
        let token = Token::new([0xab; 32]);
        assert_eq!(token.expose().parse(), Ok(token.clone()));
        assert_eq!(token.hash().to_string().parse(), Ok(token.hash()));
        assert_ne!(token.hash().to_string(), token.expose());
        assert_eq!(format!("{token:?}"), "Token");
        for text in ["", "made up", &"0".repeat(63), &"g".repeat(64)] {
            assert_eq!(text.parse::<Token>(), Err(InvalidToken), "{text}");
        }
    }
}
