//! What a request may look like: host and method from the manifest, headers that cannot confuse any hop on the way. All of it
//! is the same on every node.

use gateway_vm_protocol::FetchRequest;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::placeholder::{Filled, Place, fill, fill_bytes, fill_header};
use super::secret::Vault;
use crate::manifest::Manifest;
use crate::net::{Guard, GuardError};

/// Headers controlled by the client or a proxy, by name or by prefix.
const REFUSED: &[&str] = &[
    "accept-encoding",
    "cf-connecting-ip",
    "connection",
    "content-length",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "true-client-ip",
    "upgrade",
    "user-agent",
    "via",
];
const REFUSED_PREFIXES: &[&str] = &[
    "proxy-",
    "sec-",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded-",
    "x-original-forwarded-",
    "x-real-",
];

/// Checks a URL against the manifest and the rules for addresses.
pub(super) fn check_url(guard: Guard, manifest: &Manifest, text: &str) -> Result<Url, GuardError> {
    if manifest.hosts.is_empty() {
        let mut text = "the code has no manifest that lists hosts, so it may not use the network".to_owned();
        if manifest.misplaced {
            text.push_str("; gateway-manifest stands in it, but not at the start of a comment before the first statement");
        }
        return Err(GuardError::Denied(text));
    }
    let url = guard.check(text)?;
    let host = url.host_str().unwrap_or_default();
    if manifest.allows_host(host) {
        Ok(url)
    } else {
        let mut text = format!("the manifest does not list the host {host}");
        if manifest.allows_host(&format!("www.{host}")) {
            text.push_str(&format!("; *.{host} covers the names below it and not {host} itself"));
        }
        Err(GuardError::Denied(text))
    }
}

/// Checks the method.
pub(super) fn check_method(manifest: &Manifest, method: &str) -> Result<reqwest::Method, GuardError> {
    let denied = || GuardError::Denied(format!("the manifest does not allow the method {method}"));
    if !manifest.allows_method(method) {
        return Err(denied());
    }
    method.parse().map_err(|_| denied())
}

/// Returns the request's headers for this host, with secrets filled in.
pub(super) fn headers(
    request: &FetchRequest,
    vault: Vault<'_>,
    used: &mut Vec<Filled>,
) -> Result<HeaderMap, GuardError> {
    let mut map = HeaderMap::new();
    for (name, value) in &request.headers {
        let refused =
            REFUSED.contains(&name.as_str()) || REFUSED_PREFIXES.iter().any(|p| name.starts_with(p));
        if refused {
            return Err(GuardError::Denied(format!("the header {name} may not be set")));
        }
        let malformed = || GuardError::Denied(format!("the header {name} is malformed"));
        let key = HeaderName::try_from(name).map_err(|_| malformed())?;
        let before = used.len();
        let filled = fill_header(vault, name, value, used)?;
        let mut value = HeaderValue::try_from(filled).map_err(|_| match used.get(before) {
            // What an operator has set is specific to one node.
            Some(filled) => GuardError::Local(format!(
                "the value of {} on this node has characters that a header cannot carry",
                filled.placeholder
            )),
            None => malformed(),
        })?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    Ok(map)
}

/// Returns the URL with the placeholders in its path and query filled in; they are not allowed elsewhere.
pub(super) fn fill_url(vault: Vault<'_>, url: &Url, used: &mut Vec<Filled>) -> Result<Url, GuardError> {
    let mut out = url.clone();
    out.set_fragment(None);
    let unreadable = |_| GuardError::Denied("the URL cannot be read with its secrets".to_owned());
    let at = out.path().len().saturating_add(out.query().map_or(0, |query| query.len().saturating_add(1)));
    let whole = out.as_str();
    let (origin, rest) = whole.split_at(whole.len().saturating_sub(at));
    let filled = fill(vault, rest, Place::Escaped, used)?;
    Url::parse(&format!("{origin}{filled}")).map_err(unreadable)
}

/// Returns the body with its placeholders filled in, whether it is text or not.
pub(super) fn fill_body(
    vault: Vault<'_>,
    request: &FetchRequest,
    used: &mut Vec<Filled>,
) -> Result<Vec<u8>, GuardError> {
    let body = &request.body.0;
    let text = std::str::from_utf8(body).unwrap_or_default();
    let kind = request.headers.iter().find(|(name, _)| name == "content-type").map(|(_, v)| v.as_str());
    fill_bytes(vault, body, Place::of_body(kind, text), used)
}
