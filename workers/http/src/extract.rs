//! Extractors that turn bad bodies, queries and paths into problem documents which name the field.
//!
//! Use these in place of axum's own in every handler.

use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_path_to_error::Error as Located;

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
        if !is_json(request.headers()) {
            let kind =
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body must be JSON");
            return Err(kind.detail("send the header Content-Type: application/json"));
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|refused| Problem::invalid("body", refused.body_text()))?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            // Input that is not JSON at all has no location in it.
            let inner: &serde_json::Error = error.inner();
            let whole = inner.is_syntax() || inner.is_eof();
            if whole { Problem::invalid("body", inner.to_string()) } else { located("body", &error) }
        })?;
        json.end().map_err(|error| Problem::invalid("body", error.to_string()))?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        let query = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
        serde_path_to_error::deserialize(query).map(Self).map_err(|error| located("query", &error))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|refused| path_problem(&refused))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

/// Describes a value that cannot be read as a problem that names its location.
fn located<E: std::error::Error>(part: &str, error: &Located<E>) -> Problem {
    let reason = error.inner().to_string();
    let path = error.path().to_string();
    // The location of a missing or unknown field is that of the enclosing object: serde's message names the field.
    let named = ["missing field `", "unknown field `"]
        .iter()
        .find_map(|start| reason.strip_prefix(start))
        .and_then(|rest| rest.split('`').next());
    let field = match (path.as_str(), named) {
        (".", Some(name)) => name.to_owned(),
        (".", None) => part.to_owned(),
        (path, Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => {
            format!("{path}.{name}")
        }
        (path, _) => path.to_owned(),
    };
    Problem::invalid(field, reason)
}

fn path_problem(refused: &PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(failed) = refused else {
        return Problem::internal(refused);
    };
    match failed.kind() {
        ErrorKind::ParseErrorAtKey { key, .. }
        | ErrorKind::InvalidUtf8InPathParam { key }
        | ErrorKind::DeserializeError { key, .. } => Problem::invalid(key.clone(), failed.kind().to_string()),
        kind => Problem::invalid("path", kind.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde::Deserialize;

    use super::*;

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
            (r#"{"count":1} 2"#, "body", "trailing"),
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
