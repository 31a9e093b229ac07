//! The settings of an HTTP service: bounds, trusted proxies, allowed browser origins.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::HeaderValue;
use gateway_daemon_runtime::{OutOfBounds, check_bounds, documented};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

documented! {
    /// Settings of an HTTP service; all have defaults.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct HttpConfig {
        /// Largest body accepted, in bytes, 1024 to 67108864. Default 3 MiB: a result of 1 MiB, with every byte escaped, fits.
        pub max_body_bytes: usize,
        /// Seconds within which a request must be answered once its body has arrived, 1 to 600. Long polls may ask for at most
        /// ten seconds less. Default 70.
        pub timeout_seconds: u64,
        /// Seconds within which a request's header must arrive, and a connection without one is closed, 1 to 600. Default 20.
        pub header_timeout_seconds: u64,
        /// Seconds within which a request's body must arrive, 1 to 600. Default 30.
        pub body_timeout_seconds: u64,
        /// Most calls being worked on at once, at least 1. Calls that wait for a block do not count. Default 256.
        pub max_calls: usize,
        /// Most calls that wait for news (long polls and event streams) at once, at least 1. Default 4096.
        pub max_waiting: usize,
        /// Most waiting calls of one client address, at least 1. Default 1024.
        pub client_waiting: usize,
        /// Most connections at once, at least 1. Default 8192. The process needs a file descriptor for each.
        pub max_connections: usize,
        /// Most connections of one peer address that is no trusted proxy, at least 1. Default 2048.
        pub peer_connections: usize,
        /// Most bytes of bodies held in memory at once, at least `max_body_bytes`. Default 256 MiB.
        pub max_bodies_bytes: usize,
        /// Calls per second of one client address (of one /64 network of IPv6), at least 1; twice as many at once. Default 500.
        pub peer_per_second: u32,
        /// Addresses or networks of proxies whose `X-Forwarded-For` header names the client. Default none.
        pub trusted_proxies: Vec<String>,
        /// Origins whose pages may call the service from a browser, for example `https://app.example`; `*` stands for all.
        /// Default none.
        pub cors_origins: Vec<String>,
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            max_body_bytes: 3 << 20,
            timeout_seconds: 70,
            header_timeout_seconds: 20,
            body_timeout_seconds: 30,
            max_calls: 256,
            max_waiting: 4096,
            client_waiting: 1024,
            max_connections: 8192,
            peer_connections: 2048,
            max_bodies_bytes: 256 << 20,
            peer_per_second: 500,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
        }
    }
}

impl HttpConfig {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`OutOfBounds`] naming the setting.
    pub fn validate(&self) -> Result<(), OutOfBounds> {
        let seconds = 1..=600;
        check_bounds([
            (
                (1024..=64 << 20).contains(&self.max_body_bytes),
                "http.max_body_bytes",
                "1024 to 67108864 bytes",
            ),
            (seconds.contains(&self.timeout_seconds), "http.timeout_seconds", "1 to 600 seconds"),
            (
                seconds.contains(&self.header_timeout_seconds),
                "http.header_timeout_seconds",
                "1 to 600 seconds",
            ),
            (seconds.contains(&self.body_timeout_seconds), "http.body_timeout_seconds", "1 to 600 seconds"),
            ((1..=1 << 20).contains(&self.max_calls), "http.max_calls", "1 to 1048576"),
            ((1..=1 << 20).contains(&self.max_waiting), "http.max_waiting", "1 to 1048576"),
            (self.client_waiting > 0, "http.client_waiting", "at least 1"),
            ((1..=1 << 20).contains(&self.max_connections), "http.max_connections", "1 to 1048576"),
            (self.peer_connections > 0, "http.peer_connections", "at least 1"),
            (
                (self.max_body_bytes..=1 << 31).contains(&self.max_bodies_bytes),
                "http.max_bodies_bytes",
                "http.max_body_bytes to 2147483648 bytes",
            ),
            (self.peer_per_second > 0, "http.peer_per_second", "at least 1"),
            (
                self.proxies().len() == self.trusted_proxies.len(),
                "http.trusted_proxies",
                "addresses such as 127.0.0.1 or networks such as 10.0.0.0/8",
            ),
            (
                self.cors_origins.iter().all(|origin| origin == "*" || is_origin(origin)),
                "http.cors_origins",
                "origins such as https://app.example, or *",
            ),
        ])
    }

    /// Returns the longest time a handler may wait for news.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.saturating_sub(10))
    }

    /// Returns the trusted proxies that parse as an address or a network.
    pub(crate) fn proxies(&self) -> Vec<IpNet> {
        let read = |text: &String| text.parse().ok().or_else(|| text.parse().map(IpAddr::into).ok());
        self.trusted_proxies.iter().filter_map(read).collect()
    }
}

/// Returns whether a text is an origin (RFC 6454): scheme and authority without a path.
fn is_origin(text: &str) -> bool {
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    authority.is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
        && HeaderValue::from_str(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_checked_and_named() {
        let fault = |change: fn(&mut HttpConfig)| {
            let mut config = HttpConfig::default();
            change(&mut config);
            config.validate().map_err(|error| error.to_string())
        };
        assert_eq!(fault(|_| {}), Ok(()));
        assert_eq!(fault(|c| c.peer_per_second = 0).unwrap_err(), "http.peer_per_second takes at least 1");
        assert!(fault(|c| c.trusted_proxies = vec!["10.0.0.0/8".into(), "::1".into()]).is_ok());
        assert!(fault(|c| c.trusted_proxies = vec!["proxy".into()]).unwrap_err().contains("trusted_proxies"));
        assert!(fault(|c| c.cors_origins = vec!["https://a.example".into(), "*".into()]).is_ok());
        assert!(fault(|c| c.cors_origins = vec!["https://a.example/x".into()]).is_err());
    }
}
