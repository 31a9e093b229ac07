//! Global's HTTP service: the contract's settings and counter, and the code store.

mod code;
mod counter;
mod sealed_code;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use gateway_http::{ApiKeySecurity, ApiKeys, ContractSchemas, Problem, document};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::code::Stored;
pub use self::counter::ContractAnswer;
pub use self::sealed_code::StoredSealed;
use crate::cache::Cache;
use crate::code_store::CodeStore;
use crate::sealed_code_store::SealedCodeStore;

/// State shared by the handlers.
pub(crate) struct Global {
    pub(crate) cache: Cache,
    pub(crate) chain_id: String,
    pub(crate) code: CodeStore,
    pub(crate) sealed_code: SealedCodeStore,
    pub(crate) api_keys: ApiKeys,
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Gateway global",
    description = "Settings, counter and code store. Errors are problem documents (RFC 9457)."
), modifiers(&ApiKeySecurity))]
struct Api;

fn documented() -> OpenApiRouter<Arc<Global>> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(counter::settings))
        .routes(routes!(counter::counter))
        .routes(routes!(counter::engines))
        .routes(routes!(counter::round))
        .routes(routes!(counter::epoch))
        .routes(routes!(code::put))
        .routes(routes!(code::get))
        .routes(routes!(sealed_code::put))
        .routes(routes!(sealed_code::fetch))
}

/// Returns global's OpenAPI document: JSON, indented.
///
/// # Errors
/// [`serde_json::Error`] if the document does not serialise, which its types rule out.
pub fn openapi() -> serde_json::Result<String> {
    let schemas = ContractSchemas::new()
        .with::<gateway_api::ConfigResponse>()
        .with::<gateway_api::CounterResponse>()
        .with::<gateway_api::EnginesResponse>()
        .with::<gateway_api::RoundResponse>()
        .with::<gateway_api::EpochResponse>()
        .with::<gateway_api::CodeRef>()
        .with::<gateway_api::SealedCode>()
        .with::<gateway_api::SignedCodeRequest>()
        .with::<gateway_api::CodeForNode>();
    document(&documented().into_openapi(), schemas)
}

/// Builds the routes.
pub(crate) fn router(global: Arc<Global>) -> Router {
    let (router, _) = documented().split_for_parts();
    router.route("/openapi.json", get(specification)).with_state(global)
}

async fn specification() -> Result<([(header::HeaderName, &'static str); 1], String), Problem> {
    let document = openapi().map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document))
}

impl AsRef<ApiKeys> for Global {
    fn as_ref(&self) -> &ApiKeys {
        &self.api_keys
    }
}
