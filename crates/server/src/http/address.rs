//! The client address of a request.
//!
//! Promises: the address is the peer's, unless the peer is a proxy that the configuration trusts;
//! then it is the last address in `X-Forwarded-For` that no trusted proxy has. Never: believes a
//! header that anyone may send.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

/// The addresses of the proxies in front of this server.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Arc<[IpAddr]>);

/// The caller's network address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let trusted = parts.extensions.get::<TrustedProxies>().map_or(&[][..], |proxies| &proxies.0);
        Ok(Self(client(peer, trusted, &parts.headers)))
    }
}

fn client(peer: IpAddr, trusted: &[IpAddr], headers: &HeaderMap) -> IpAddr {
    let mut address = peer;
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|l| l.to_str().ok()).collect();
    let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    while trusted.contains(&address) {
        match hops.next().map(|hop| hop.trim().parse::<IpAddr>()) {
            Some(Ok(hop)) => address = hop.to_canonical(),
            _ => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let headers = |value: &'static str| {
            HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), value.parse().unwrap())])
        };
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        let cases = [
            ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "rubbish", "10.0.0.1"),
        ];
        for (peer, forwarded, expect) in cases {
            assert_eq!(client(ip(peer), &proxies, &headers(forwarded)), ip(expect), "{peer} {forwarded}");
        }
    }
}
