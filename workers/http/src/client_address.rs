//! The caller's address: the peer of the connection, or the address that a trusted proxy forwards.
//!
//! Anyone may send an `X-Forwarded-For` header, so it counts only as far as trusted proxies have appended to it: it is read
//! from its end, and the first address that is not a trusted proxy is the client.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use ipnet::IpNet;

const FORWARDED: &str = "x-forwarded-for";

/// The address of the connection's peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The address of the calling client; stored in a request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Returns the client's address behind trusted proxies.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    if !trusted(&peer) {
        return peer;
    }
    let lines: Vec<&str> = headers.get_all(FORWARDED).iter().filter_map(|line| line.to_str().ok()).collect();
    let mut client = peer;
    for text in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        // An unparsable address was not written by a trustworthy proxy.
        let Ok(address) = text.trim().parse::<IpAddr>() else { return client };
        client = address;
        if !trusted(&address) {
            return client;
        }
    }
    client
}

/// Returns the network that a rate limit counts: one IPv4 address, or the /64 of an IPv6 address, which one host is assigned.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(peer: &str, forwarded: &[&str]) -> IpAddr {
        let proxies = ["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        client_address(address(peer), &headers, &proxies)
    }

    #[test]
    fn only_what_trusted_proxies_have_appended_counts() {
        assert_eq!(
            client("7.7.7.7", &["1.2.3.4"]),
            address("7.7.7.7"),
            "no proxy: the header is the caller's own"
        );
        assert_eq!(client("127.0.0.1", &["1.2.3.4"]), address("1.2.3.4"));
        assert_eq!(client("127.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.9"]), address("1.2.3.4"));
        assert_eq!(
            client("127.0.0.1", &["6.6.6.6", "1.2.3.4"]),
            address("1.2.3.4"),
            "the last line is the newest"
        );
        assert_eq!(client("127.0.0.1", &["not an address"]), address("127.0.0.1"));
        assert_eq!(client("127.0.0.1", &[]), address("127.0.0.1"));
    }

    #[test]
    fn an_ipv6_host_is_counted_by_its_network() {
        assert_eq!(network(address("2001:db8:1:2:3::4")), address("2001:db8:1:2::"));
        assert_eq!(network(address("::ffff:1.2.3.4")), address("1.2.3.4"));
    }
}
