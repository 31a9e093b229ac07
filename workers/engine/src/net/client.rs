//! An HTTP client whose resolver drops addresses that are not public: the checked address is the one connected to, so a name
//! whose answer changes between two look-ups gains nothing.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use gateway_vm_protocol::check_url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::address::is_public;

/// Time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A response whose head the client cannot hold: it has room for 100 headers.
const TOO_MANY_HEADERS: &str = "the response has more than 100 headers, or headers that are too long";

/// Why a request was not sent or its answer not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GuardError {
    /// The rules forbid the URL: the same on every machine.
    #[error("{0}")]
    Denied(String),
    /// The network or the other side failed. The text is one of a few, so that nodes with the same failure report the same
    /// text.
    #[error("{0}")]
    Failed(String),
    /// This node in particular cannot make the request.
    #[error("{0}")]
    Local(String),
    /// The body is larger than allowed.
    #[error("the response is larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
}

/// Rules for URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    /// Also allow `http` and `https` to loopback addresses: for development and tests.
    pub(crate) allow_http_loopback: bool,
}

impl Guard {
    /// Parses and checks a URL before anything is resolved. IP literals of every notation are parsed here, because the client
    /// connects to them without asking its resolver.
    pub(crate) fn check(self, text: &str) -> Result<Url, GuardError> {
        check_url(text).map_err(GuardError::Denied)?;
        let mut url =
            Url::parse(text).map_err(|e| GuardError::Denied(format!("the URL cannot be read: {e}")))?;
        // With or without the trailing dot of a fully qualified name, it is the same host.
        if let Some(name) = url.host_str().and_then(|host| host.strip_suffix('.')).map(str::to_owned) {
            let unreadable = |e| GuardError::Denied(format!("the URL cannot be read: {e}"));
            url.set_host(Some(&name)).map_err(unreadable)?;
        }
        let denied = |text: &str| Err(GuardError::Denied(text.to_owned()));
        if !url.username().is_empty() || url.password().is_some() {
            return denied("a URL with a user name or password is not allowed");
        }
        let loopback = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return denied("the URL has no host"),
        };
        if loopback && self.allow_http_loopback && matches!(url.scheme(), "http" | "https") {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err(GuardError::Denied(format!("only https is allowed, not {}", url.scheme())));
        }
        if !matches!(url.port(), None | Some(443)) {
            return denied("only port 443 is allowed");
        }
        match url.host() {
            Some(Host::Domain(name)) if is_local_name(name) => {
                Err(GuardError::Denied(format!("the host {name} is not a public name")))
            }
            Some(Host::Domain(_)) => Ok(url),
            _ => denied("an IP address as host is not allowed"),
        }
    }
}

impl Guard {
    /// Returns whether an address may be connected to.
    fn admits(self, ip: IpAddr) -> bool {
        is_public(ip) || (self.allow_http_loopback && ip.is_loopback())
    }
}

/// Returns whether no public resolver answers a name.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.')
        || matches!(
            last,
            "localhost" | "local" | "internal" | "lan" | "home" | "corp" | "arpa" | "test" | "onion"
        )
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A name has addresses, but none of them may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the host {0} has no public address")]
struct NotPublic(String);

/// A name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} cannot be resolved")]
struct Unresolved(String);

/// Resolves names and keeps only public addresses.
struct PublicOnly {
    guard: Guard,
    /// Answers that replace the system's.
    fixed: Arc<BTreeMap<String, Vec<IpAddr>>>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard;
        let fixed = Arc::clone(&self.fixed);
        Box::pin(async move {
            let found: Vec<SocketAddr> = match fixed.get(name.as_str()) {
                Some(addresses) => addresses.iter().map(|ip| SocketAddr::new(*ip, 0)).collect(),
                None => {
                    let found = tokio::net::lookup_host((name.as_str(), 0)).await;
                    found.map_err(|_| Unresolved(name.as_str().to_owned()))?.collect()
                }
            };
            let any = !found.is_empty();
            let kept: Vec<SocketAddr> = found.into_iter().filter(|a| guard.admits(a.ip())).collect();
            if kept.is_empty() && any {
                return Err(Box::new(NotPublic(name.as_str().to_owned())) as BoxError);
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// Creates a client for URLs that passed [`Guard::check`]: no redirects, no proxy, no cookies.
pub(crate) fn guarded_client(guard: Guard, fixed: BTreeMap<String, Vec<IpAddr>>) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        // Obsolete (RFC 9112 section 5.2), and some servers still send them.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .dns_resolver(Arc::new(PublicOnly { guard, fixed: Arc::new(fixed) }))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent("gateway-node")
        .min_tls_version(reqwest::tls::Version::TLS_1_2)
        .pool_max_idle_per_host(2)
}

/// Sends a request and rechecks where it went: an answer counts only from an address that may be connected to, whatever
/// resolver, pool or proxy was involved.
pub(crate) async fn send(
    guard: Guard,
    request: reqwest::RequestBuilder,
) -> Result<reqwest::Response, GuardError> {
    let response = request.send().await.map_err(|e| GuardError::Failed(plain(&e)))?;
    match response.remote_addr().map(|address| address.ip()) {
        Some(ip) if guard.admits(ip) => Ok(response),
        Some(_) => Err(GuardError::Failed("the answer came from an address that is not public".to_owned())),
        None => Err(GuardError::Failed("the answer's address is not known".to_owned())),
    }
}

/// Reads a body, counting bytes after decompression.
pub(crate) async fn read_bounded(response: reqwest::Response, limit: usize) -> Result<Vec<u8>, GuardError> {
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|e| GuardError::Failed(plain(&e)))?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(GuardError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Describes a failure in one of a few texts: without the URL, which may contain a secret, and without the system's wording,
/// which differs between machines.
pub(crate) fn plain(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut reset = false;
    while let Some(found) = cause {
        if found.is::<NotPublic>() || found.is::<Unresolved>() {
            return found.to_string();
        }
        if is_tls(found) {
            return "the TLS handshake failed".to_owned();
        }
        if found.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large) {
            return TOO_MANY_HEADERS.to_owned();
        }
        reset |= found.is::<std::io::Error>();
        cause = found.source();
    }
    let text = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "the connection failed"
    } else if error.is_body() || error.is_decode() {
        "the response was cut off"
    } else if error.is_builder() {
        "the request cannot be sent"
    } else if reset {
        "the connection was closed"
    } else {
        "the server did not answer as HTTP wants it"
    };
    text.to_owned()
}

/// Returns whether an error comes from TLS; the library wraps its own in an I/O error.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
        .is_some_and(|inner| inner.is::<rustls::Error>())
}

#[cfg(test)]
mod tests {
    use gateway_vm_protocol::MAX_URL;

    use super::*;

    #[test]
    fn hosts_that_are_not_public_names_are_refused_in_every_notation() {
        let guard = Guard::default();
        for url in [
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://user@example.com/",
            "https://user:pw@example.com/",
            "https://example.com:8443/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://8.8.8.8/",
            "https://localhost/",
            "https://localhost./",
            "https://example.com.:8443/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://metadata.google.internal./",
            "https://intranet/",
            "https://①②⑦.0.0.1/",
            "https:///x",
            "data:text/plain,x",
            "https://1.0.0.127.in-addr.arpa/",
        ] {
            assert!(matches!(guard.check(url), Err(GuardError::Denied(_))), "{url} must be refused");
        }
        assert!(guard.check(&format!("https://example.com/{}", "a".repeat(MAX_URL))).is_err());
        for url in ["https://example.com/a?b#c", "https://EXAMPLE.com:443/", "https://bücher.example/"] {
            assert!(guard.check(url).is_ok(), "{url} must be allowed");
        }
    }

    #[tokio::test]
    async fn an_answer_from_an_address_that_is_not_public_is_not_taken() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        let app = axum::Router::new().route("/", axum::routing::get(|| async { "inside" }));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let lax = Guard { allow_http_loopback: true };
        let fixed = BTreeMap::from([("localhost".to_owned(), vec![IpAddr::from([127, 0, 0, 1])])]);
        // The client's own resolver lets it through, as a deceived one would.
        let client = guarded_client(lax, fixed).timeout(CONNECT_TIMEOUT).build().unwrap();
        assert!(send(lax, client.get(&url)).await.is_ok());
        let refused = send(Guard::default(), client.get(&url)).await.unwrap_err();
        assert_eq!(refused.to_string(), "the answer came from an address that is not public");
    }

    #[test]
    fn loopback_is_for_development_only() {
        let guard = Guard { allow_http_loopback: true };
        for url in ["http://127.0.0.1:8080/", "http://localhost:1/", "http://[::1]:9/"] {
            assert!(guard.check(url).is_ok(), "{url}");
        }
        for url in ["http://10.0.0.1/", "http://example.com/", "http://169.254.169.254/"] {
            assert!(guard.check(url).is_err(), "{url}");
        }
    }
}
