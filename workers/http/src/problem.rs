//! Errors over HTTP as problem documents (RFC 9457).
//!
//! A problem states what the caller can do about it. For status 500 it never contains an internal error's text. Handlers
//! convert errors with `?`: a retryable one becomes 503 and says so, any other 500.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gateway_daemon_runtime::Retryable;
use serde::{Deserialize, Serialize};

/// Seconds after which a caller may retry what failed for a transient reason.
const RETRY_SECONDS: u64 = 2;

/// Prefix of the URI reference of every kind.
const KINDS: &str = "/problems/";

/// Media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// A URI reference naming the kind of problem; stable, for programs.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind as text.
    pub title: String,
    /// HTTP status code.
    pub status: u16,
    /// What is wrong in this case, one sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// The field or parameter at fault.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// The request (by id or path) that the problem belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instance: Option<String>,
    /// For 429 and 503: seconds to wait. Also sent as the `Retry-After` header.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// Creates a problem of its own kind, for example `("quorum-not-reached", "No agreement yet")`.
    pub fn new(status: StatusCode, kind: &str, title: impl Into<String>) -> Self {
        Self {
            kind: format!("{KINDS}{kind}"),
            title: title.into(),
            status: status.as_u16(),
            detail: None,
            field: None,
            instance: None,
            retry_after: None,
        }
    }

    /// Returns whether it is of a kind, as named in [`Problem::new`].
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.kind.strip_prefix(KINDS) == Some(kind)
    }

    /// Creates a 400: a field or parameter is wrong; `detail` names the bound.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", "The request is not valid").field(field).detail(detail)
    }

    /// Creates a 401: no or wrong credentials.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Credentials are needed").detail(detail)
    }

    /// Creates a 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed").detail(detail)
    }

    /// Creates a 404: `what` does not exist.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").detail(what)
    }

    /// Creates a 409: the request conflicts with the present state.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Conflict").detail(detail)
    }

    /// Creates a 413: larger than `limit` bytes.
    pub fn too_large(what: impl Into<String>, limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large")
            .field(what)
            .detail(format!("at most {limit} bytes are accepted"))
    }

    /// Creates a 429: over a quota or rate.
    pub fn too_many(detail: impl Into<String>, retry_after: u64) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests");
        problem.retry_after = Some(retry_after);
        problem.detail(detail)
    }

    /// Creates a 503: a part that this service needs is unavailable; the same request may succeed later.
    pub fn unavailable(detail: impl Into<String>, retry_after: u64) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available now");
        problem.retry_after = Some(retry_after);
        problem.detail(detail)
    }

    /// Creates a 500: logs `error`; the response contains no detail.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error")
    }

    /// Sets the sentence about this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Sets the field at fault.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Sets the request that the problem belongs to.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.title, self.status)?;
        if let Some(field) = &self.field {
            write!(f, ": {field}")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

/// Not `std::error::Error`: it could otherwise be [`Retryable`] itself, which would make the conversion below ambiguous.
impl<E: Retryable> From<E> for Problem {
    fn from(error: E) -> Self {
        if error.is_retryable() {
            tracing::warn!(%error, "cannot answer a request now");
            Self::unavailable(format!("{error}; send the request again"), RETRY_SECONDS)
        } else {
            Self::internal(error)
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Serves as a router's fallback handler: answers an unknown path with a problem document.
pub(crate) async fn no_such_path(uri: axum::http::Uri) -> Problem {
    Problem::not_found(format!("there is nothing at {}", uri.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_is_a_document_with_its_status_and_headers() {
        let response = Problem::too_many("10 requests a second", 3).into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["content-type"], MEDIA_TYPE);
        assert_eq!(response.headers()["retry-after"], "3");
        let body = axum::body::to_bytes(response.into_body(), 4096).await.expect("body");
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&body).expect("JSON"),
            serde_json::json!({
                "type": "/problems/too-many-requests", "title": "Too many requests", "status": 429,
                "detail": "10 requests a second", "retry_after": 3,
            })
        );
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the database is locked")]
    struct Locked(bool);

    impl Retryable for Locked {
        fn is_retryable(&self) -> bool {
            self.0
        }
    }

    #[test]
    fn an_error_that_passes_is_503_and_any_other_500() {
        let passing = Problem::from(Locked(true));
        assert_eq!((passing.status, passing.retry_after), (503, Some(RETRY_SECONDS)));
        assert!(passing.detail.unwrap().contains("the database is locked"));
        assert_eq!(Problem::from(Locked(false)).detail, None);
    }

    #[test]
    fn an_internal_error_keeps_its_text_to_itself() {
        let body = serde_json::to_string(&Problem::internal("password=hunter2")).expect("JSON");
        assert!(!body.contains("hunter2"));
    }
}
