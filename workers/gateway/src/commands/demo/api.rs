//! An API on this machine that requires a key, for a project of the demo.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gateway_api::{SecretHost, SecretId, SecretName, TextError};
use gateway_daemon_runtime::SecretString;
use gateway_localnet::Project;
use rand::RngCore as _;
use serde_json::{Value, json};

/// The name by which the project's code asks for the key.
const NAME: &str = "DEMO";
/// The host that the key is sent to.
const HOST: &str = "localhost";
/// Number of answers with the key, and of calls without it.
#[derive(Debug, Default)]
struct Calls {
    answered: AtomicU32,
    refused: AtomicU32,
}

/// The API; served until this is dropped.
#[derive(Debug)]
pub(super) struct Api {
    address: SocketAddr,
    key: String,
    calls: Arc<Calls>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Api {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Api {
    /// Serves it, with a fresh random key.
    ///
    /// # Errors
    /// [`std::io::Error`] when no port on this machine can be listened on.
    pub(super) async fn start() -> std::io::Result<Self> {
        let mut bytes = [0u8; 16];
        rand::rngs::OsRng.fill_bytes(&mut bytes);
        let (key, calls) = (hex::encode(bytes), Arc::new(Calls::default()));
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = (format!("Bearer {key}"), calls.clone());
        let router = Router::new().route("/price", get(price)).with_state(state);
        // It ends with this process, or when it is dropped.
        let task = tokio::spawn(async move { _ = axum::serve(listener, router).await });
        Ok(Self { address, key, calls, task })
    }

    /// Returns the key, and the name under which the project's owner seals it.
    ///
    /// # Errors
    /// [`TextError`] when a name or a host is not valid.
    pub(super) fn secret(&self) -> Result<(SecretId, SecretString), TextError> {
        let id = SecretId { name: SecretName::new(NAME)?, host: SecretHost::new(HOST)? };
        Ok((id, SecretString::new(self.key.clone())))
    }

    /// Returns a project that calls it.
    pub(super) fn project(&self) -> Project {
        let port = self.address.port();
        let code = format!(
            "/* gateway-manifest {{\"hosts\": [\"{HOST}\"]}} */\n\
             // The price, from an API that wants a key. The code never has it: the node writes it into the request.\n\
             export function transform(response) {{\n  \
               if (response.status !== 200) throw new Error(`the API answers ${{response.status}}`);\n  \
               return {{ headers: {{}}, body: {{ price: response.json().price }} }};\n\
             }}\n\n\
             export default async function () {{\n  \
               const headers = {{ authorization: 'Bearer {{{{secret:{NAME}}}}}' }};\n  \
               const {{ price }} = await gateway.fetchJson('http://{HOST}:{port}/price', {{ headers }});\n  \
               return {{ price }};\n\
             }}\n"
        );
        Project::new("price", "A price, from an API that wants a key.", &code)
    }

    /// Returns the project's result for an answer.
    pub(super) fn expected() -> Value {
        json!({ "price": "4.20" })
    }

    /// Returns how often it answered, and how often it was called without the key.
    pub(super) fn calls(&self) -> (u32, u32) {
        (self.calls.answered.load(Ordering::Relaxed), self.calls.refused.load(Ordering::Relaxed))
    }

    /// Returns whether a text contains the key.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        text.windows(self.key.len()).any(|part| part == self.key.as_bytes())
    }
}

async fn price(State((expected, calls)): State<(String, Arc<Calls>)>, headers: HeaderMap) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|found| found.as_bytes() != expected.as_bytes()) {
        calls.refused.fetch_add(1, Ordering::Relaxed);
        return StatusCode::UNAUTHORIZED.into_response();
    }
    calls.answered.fetch_add(1, Ordering::Relaxed);
    axum::Json(json!({ "price": "4.20", "served": "now" })).into_response()
}
