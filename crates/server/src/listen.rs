//! Where to listen: an address or a name, and a port.
//!
//! Promises: what was read is written as it was. Never: looks a name up before it is asked to.

use std::{
    fmt::{self, Display},
    io,
    net::{SocketAddr, ToSocketAddrs as _},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// Such as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Listen(String);

impl Listen {
    /// The addresses that it stands for, IPv4 first: people who start a server on `localhost` then
    /// ask 127.0.0.1. Waits for the system's resolver.
    ///
    /// # Errors
    /// When the name is not known.
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let mut addresses: Vec<SocketAddr> = self.0.to_socket_addrs()?.collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        Ok(addresses)
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self("127.0.0.1:8080".to_owned())
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let of_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let named = text.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty() && host.bytes().all(of_name) && port.parse::<u16>().is_ok()
        });
        if named || text.parse::<SocketAddr>().is_ok() {
            return Ok(Self(text.to_owned()));
        }
        Err("expected an address and a port, such as 127.0.0.1:8080 or localhost:8080".to_owned())
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        listen.0
    }
}

impl Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_to_listen_is_an_address_or_a_name_and_a_port() {
        for good in ["127.0.0.1:8080", "0.0.0.0:0", "[::1]:1", "localhost:8080", "seats-1.local:80"] {
            assert_eq!(good.parse::<Listen>().map(|listen| listen.to_string()).as_deref(), Ok(good));
        }
        for bad in ["", "localhost", ":8080", "host:99999", "host:", "a b:1", "::1:80", "http://h:80"] {
            assert!(bad.parse::<Listen>().is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_of_a_name_begin_with_ipv4() {
        let addresses = |text: &str| text.parse::<Listen>().unwrap().resolve().unwrap();
        assert_eq!(addresses("[::1]:1"), ["[::1]:1".parse().unwrap()]);
        assert_eq!(addresses("localhost:80")[0], "127.0.0.1:80".parse().unwrap());
    }
}
