//! What a request may look like: host and method from the manifest, headers that cannot confuse anything
//! between here and there. All of it is the same on every node.

use gateway_vm_protocol::FetchRequest;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::secret::{Secret, fill};
use crate::manifest::Manifest;
use crate::net::{Guard, GuardError};

/// Headers that the client or a proxy owns, by name or by prefix.
const REFUSED: &[&str] = &[
    "accept-encoding",
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
    "upgrade",
    "user-agent",
    "via",
];
const REFUSED_PREFIXES: &[&str] = &["proxy-", "sec-", "x-forwarded-", "x-real-"];

/// Checks a URL against the manifest and the rules for addresses.
pub(super) fn check_url(guard: Guard, manifest: &Manifest, text: &str) -> Result<Url, GuardError> {
    if manifest.hosts.is_empty() {
        let text = "the code has no manifest that lists hosts, so it may not use the network";
        return Err(GuardError::Denied(text.to_owned()));
    }
    let url = guard.check(text)?;
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    if manifest.allows_host(host) {
        Ok(url)
    } else {
        Err(GuardError::Denied(format!("the manifest does not list the host {host}")))
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

/// Headers to send to this host, secrets filled in.
pub(super) fn headers(
    request: &FetchRequest,
    secrets: &[Secret],
    project: u64,
    host: &str,
) -> Result<HeaderMap, GuardError> {
    let mut map = HeaderMap::new();
    for (name, value) in &request.headers {
        let refused =
            REFUSED.contains(&name.as_str()) || REFUSED_PREFIXES.iter().any(|p| name.starts_with(p));
        if refused {
            return Err(GuardError::Denied(format!("the header {name} may not be set")));
        }
        // What an operator has configured differs from node to node.
        let filled = fill(secrets, project, host, value).map_err(GuardError::Failed)?;
        let malformed = || GuardError::Denied(format!("the header {name} is malformed"));
        let key = HeaderName::try_from(name).map_err(|_| malformed())?;
        let mut value = HeaderValue::try_from(filled).map_err(|_| malformed())?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    Ok(map)
}
