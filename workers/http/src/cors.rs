//! Which pages may call the service from a browser (Fetch standard, CORS). By default none.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may cache a preflight's answer.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// Returns the CORS layer; `None` if no origin is allowed.
pub(crate) fn cors(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    let idempotency = HeaderName::from_static("idempotency-key");
    let last_event = HeaderName::from_static("last-event-id");
    let headers =
        [header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH, idempotency, last_event];
    Some(
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST, Method::PUT])
            .allow_headers(headers)
            .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER])
            .max_age(MAX_AGE),
    )
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::routing::get;
    use gateway_daemon_runtime::CancellationToken;
    use tower::ServiceExt;

    use crate::config::HttpConfig;
    use crate::guard::guarded;

    async fn allowed(origins: &[&str], method: &str) -> Option<String> {
        let config = HttpConfig {
            cors_origins: origins.iter().map(|o| (*o).to_owned()).collect(),
            ..HttpConfig::default()
        };
        let router = guarded(Router::new().route("/x", get(|| async {})), &config, CancellationToken::new());
        let request = Request::builder()
            .method(method)
            .uri("/x")
            .header("origin", "https://app.example")
            .header("access-control-request-method", "GET")
            .body(Body::empty())
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        let header = response.headers().get("access-control-allow-origin")?;
        Some(header.to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn only_configured_origins_are_allowed() {
        assert_eq!(allowed(&[], "GET").await, None);
        assert_eq!(allowed(&["https://other.example"], "GET").await, None);
        let own = Some("https://app.example".to_owned());
        assert_eq!(allowed(&["https://app.example"], "GET").await, own);
        assert_eq!(allowed(&["https://app.example"], "OPTIONS").await, own);
        assert_eq!(allowed(&["*"], "GET").await, Some("*".to_owned()));
    }
}
