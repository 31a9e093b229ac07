//! The page's content security policy: only its own scripts and styles, and only the configured addresses to query.

use axum::http::HeaderValue;
use url::Url;

use crate::{ExplorerConfig, ExplorerConfigError};

/// Returns the policy, by Content Security Policy Level 3. `wasm-unsafe-eval` allows compiling wasm and no JavaScript.
///
/// # Errors
/// [`ExplorerConfigError`] when an address is invalid, or has no origin.
pub(crate) fn content_security_policy(config: &ExplorerConfig) -> Result<HeaderValue, ExplorerConfigError> {
    let asked = [Some(&config.rpc), config.relay.as_ref(), config.global.as_ref()].into_iter().flatten();
    let mut connect = vec!["'self'".to_owned()];
    for address in asked.chain(&config.connect).filter(|address| !address.is_empty()) {
        let origin = origin(address)?;
        if !connect.contains(&origin) {
            connect.push(origin);
        }
    }
    let text = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src {}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        connect.join(" ")
    );
    HeaderValue::from_str(&text).map_err(|error| fault(&text, error))
}

/// Returns scheme, host and port.
fn origin(address: &str) -> Result<String, ExplorerConfigError> {
    let url = Url::parse(address).map_err(|error| fault(address, error))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(fault(address, "another scheme"));
    }
    Ok(url.origin().ascii_serialization())
}

fn fault(address: &str, fault: impl ToString) -> ExplorerConfigError {
    ExplorerConfigError { address: address.to_owned(), fault: fault.to_string() }
}
