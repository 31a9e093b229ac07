//! The relay's HTTP service: its routes and their OpenAPI document.
//!
//! Handlers check, query and answer; they change state only through the intake, the sponsor and the outbox.

mod abstentions;
mod attestation_lists;
mod attestations;
mod bodies;
mod cached;
mod differences;
mod epochs;
mod events;
mod evidence;
mod explanation;
mod history;
mod lists;
mod received;
mod requests;
mod schedule;
mod statistics;
mod tickets;
mod transactions;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use gateway_http::{ApiKeySecurity, ContractSchemas, Page, Problem, document};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::abstentions::AbstentionReceipt;
pub use self::attestation_lists::{AttestationAnswer, AttestationAnswers, Receipt};
pub use self::differences::{DifferenceView, SideView};
pub use self::epochs::{ConductView, EpochView, EpochsView};
pub use self::evidence::{EvidenceView, HolderView};
pub use self::explanation::{ExplanationView, StepView};
pub use self::history::{HistoryView, MissingView};
pub use self::received::ReceivedView;
pub use self::requests::Accepted;
pub use self::statistics::{LatencyView, StatisticsView};
pub use self::tickets::{RoundTicketReceipt, TicketReceipt};
pub use self::transactions::Broadcast;
pub use self::view::{AbstentionView, AgreementView, AttestationView, RequestView};
use crate::context::Relay;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gateway relay",
        description = "Accepts requests and attestations, serves results. Errors are problem documents (RFC 9457)."
    ),
    components(schemas(crate::feed::FeedEvent)),
    modifiers(&ApiKeySecurity)
)]
struct Api;

fn documented() -> OpenApiRouter<Arc<Relay>> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(attestations::post))
        .routes(routes!(abstentions::post))
        .routes(routes!(tickets::post))
        .routes(routes!(tickets::post_of_round))
        .routes(routes!(requests::post, lists::requests))
        .routes(routes!(requests::get))
        .routes(routes!(explanation::get))
        .routes(routes!(received::get))
        .routes(routes!(transactions::post))
        .routes(routes!(lists::nodes))
        .routes(routes!(lists::projects))
        .routes(routes!(lists::results))
        .routes(routes!(lists::schedules))
        .routes(routes!(schedule::get))
        .routes(routes!(bodies::get))
        .routes(routes!(evidence::get))
        .routes(routes!(statistics::get))
        .routes(routes!(events::get))
        .routes(routes!(history::get))
        .routes(routes!(epochs::get))
}

/// Returns the relay's OpenAPI document: JSON, indented.
///
/// # Errors
/// [`serde_json::Error`] if the document does not serialise, which its types rule out.
pub fn openapi() -> serde_json::Result<String> {
    let schemas = ContractSchemas::new()
        .with::<gateway_api::SignedAbstention>()
        .with::<attestation_lists::Attestations>()
        .with::<gateway_api::Overrides>()
        .with::<gateway_api::SignedTicket>()
        .with::<gateway_api::NodeTicket>()
        .with::<Page<gateway_api::RequestResponse>>()
        .with::<Page<gateway_api::ResultResponse>>()
        .with::<Page<gateway_api::NodeResponse>>()
        .with::<Page<gateway_api::ProjectResponse>>()
        .with::<Page<gateway_api::ScheduleResponse>>();
    document(&documented().into_openapi(), schemas)
}

/// Builds the routes.
pub(crate) fn router(relay: Arc<Relay>) -> Router {
    let (router, _) = documented().split_for_parts();
    router.route("/openapi.json", get(specification)).with_state(relay)
}

async fn specification() -> Result<([(header::HeaderName, &'static str); 1], String), Problem> {
    let document = openapi().map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document))
}
