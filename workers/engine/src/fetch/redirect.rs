//! Redirects, as the fetch standard follows them.

use reqwest::Method;
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use crate::net::GuardError;

/// Returns a response's redirect target; `None` if it is not a redirect.
///
/// # Errors
/// [`GuardError::Failed`] for a redirect without a location: an empty body with such a status is no useful answer.
pub(super) fn target(status: u16, headers: &HeaderMap, from: &Url) -> Result<Option<Url>, GuardError> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let nowhere = || GuardError::Failed(format!("a redirect with status {status} to nowhere"));
    // Bytes beyond ASCII are UTF-8, and the URL parser escapes them.
    let location = headers.get(LOCATION).map(|l| String::from_utf8_lossy(l.as_bytes()).trim().to_owned());
    let location = location.filter(|l| !l.is_empty()).ok_or_else(nowhere)?;
    from.join(&location).map(Some).map_err(|_| nowhere())
}

/// Returns whether the request continues as a GET without its body.
pub(super) fn becomes_get(status: u16, method: &Method) -> bool {
    match status {
        301 | 302 => *method == Method::POST,
        303 => !matches!(*method, Method::GET | Method::HEAD),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn a_location_is_read_as_browsers_read_it() {
        let from = Url::parse("https://h.example/a/b?c").unwrap();
        let at = |status: u16, location: &[u8]| {
            let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(location).unwrap())]);
            target(status, &headers, &from).map(|url| url.map(String::from))
        };
        for (location, expected) in [
            ("/päth/ü?q=é".as_bytes(), "https://h.example/p%C3%A4th/%C3%BC?q=%C3%A9"),
            (b"next", "https://h.example/a/next"),
            (b"  //other.example/x ", "https://other.example/x"),
            (b"?page=2", "https://h.example/a/b?page=2"),
        ] {
            assert_eq!(at(302, location).unwrap().as_deref(), Some(expected));
        }
        assert_eq!(at(200, b"/x").unwrap(), None);
        assert!(at(302, b"").is_err() && at(302, b"http://").is_err());
        assert!(target(307, &HeaderMap::new(), &from).is_err());
    }

    #[test]
    fn only_the_methods_of_the_standard_change() {
        for (status, method, changes) in [
            (301, Method::POST, true),
            (302, Method::PUT, false),
            (303, Method::DELETE, true),
            (303, Method::HEAD, false),
            (307, Method::POST, false),
        ] {
            assert_eq!(becomes_get(status, &method), changes, "{status} {method}");
        }
    }
}
