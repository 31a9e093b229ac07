//! Extractors that turn bad bodies, queries and paths into problem documents naming the field.
//!
//! Use these in place of axum's own in every handler.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// The query string.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

/// The path's parameters.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(json_problem(&rejection)),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query: Result<axum::extract::Query<T>, QueryRejection> =
            axum::extract::Query::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(value)| Self(value)).map_err(|e| located("query", &e.body_text()))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<axum::extract::Path<T>, PathRejection> =
            axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|e| located("path", &e.body_text()))
    }
}

fn json_problem(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body must be JSON")
                .detail("send the header Content-Type: application/json")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large").field("body")
        }
        _ => located("body", &rejection.body_text()),
    }
}

/// The libraries' messages read "Failed to …: field.path: reason at line 1 column 2" or "…: reason": takes the
/// field's path (or the field that serde names in backquotes) out of it.
fn located(part: &str, text: &str) -> Problem {
    let reason = match text.split_once(": ") {
        Some((start, rest)) if start.starts_with("Failed to") || start.starts_with("Invalid URL") => rest,
        _ => text,
    };
    let (path, reason) = match reason.split_once(": ") {
        Some((path, rest)) if is_path(path) => (Some(path), rest),
        _ => (None, reason),
    };
    let named = ["missing field `", "unknown field `"]
        .iter()
        .find_map(|start| reason.strip_prefix(start))
        .and_then(|rest| rest.split('`').next());
    let field = match (path.filter(|p| *p != "."), named) {
        (Some(path), Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => {
            format!("{path}.{name}")
        }
        (Some(path), _) => path.to_owned(),
        (None, Some(name)) => name.to_owned(),
        (None, None) => part.to_owned(),
    };
    Problem::invalid(field, reason)
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_.-[]?".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Order {
        count: u32,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        name: String,
    }

    async fn refuse(body: &str) -> Problem {
        let request = Request::post("/")
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .expect("request");
        Json::<Order>::from_request(request, &()).await.expect_err("must be refused")
    }

    #[tokio::test]
    async fn the_field_at_fault_is_named() {
        for (body, field, says) in [
            (r#"{"count":"x"}"#, "count", "invalid type"),
            (r#"{"count":-1}"#, "count", "-1"),
            (r#"{}"#, "count", "missing field"),
            (r#"{"count":1,"extra":2}"#, "extra", "unknown field"),
            (r#"{"count":1,"inner":{"name":5}}"#, "inner.name", "invalid type"),
            (r#"{"count":1,"inner":{}}"#, "inner.name", "missing field"),
            (r#"{"count":1"#, "body", "EOF"),
        ] {
            let problem = refuse(body).await;
            assert_eq!(problem.status, 400);
            assert_eq!(problem.field.as_deref(), Some(field), "{body}: {problem}");
            assert!(problem.to_string().contains(says), "{body}: {problem}");
        }
    }

    #[tokio::test]
    async fn a_body_that_is_not_json_and_a_bad_query() {
        let request = Request::post("/").body(Body::from("{}")).expect("request");
        assert_eq!(Json::<Order>::from_request(request, &()).await.expect_err("no type").status, 415);
        let (mut parts, ()) = Request::get("/?count=many").body(()).expect("request").into_parts();
        let problem = Query::<Order>::from_request_parts(&mut parts, &()).await.expect_err("bad query");
        assert_eq!(problem.field.as_deref(), Some("count"), "{problem}");
    }
}
