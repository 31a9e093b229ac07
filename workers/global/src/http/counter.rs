//! Serves the contract's settings and counter as the contract returns them, with the height at which they were read.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use gateway_api::{Epoch, QueryMsg, Round};
use gateway_chain::ChainError;
use gateway_http::{Problem, extract};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Global;

/// An answer of the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ContractAnswer {
    /// The chain's id.
    pub chain_id: String,
    /// The contract's address.
    pub contract: String,
    /// The height it was read at, or later.
    pub height: u64,
    /// Whether the chain could not be asked again since: the contract may say something else by now.
    #[serde(default)]
    pub stale: bool,
    /// The contract's answer.
    pub data: Value,
}

async fn answer(global: &Global, question: &QueryMsg, what: &str) -> Result<Json<ContractAnswer>, Problem> {
    match global.cache.ask(question).await {
        Ok(answer) => Ok(Json(ContractAnswer {
            chain_id: global.chain_id.clone(),
            contract: global.cache.contract().to_owned(),
            height: answer.height,
            stale: answer.stale,
            data: answer.value.as_ref().clone(),
        })),
        Err(ChainError::Query { log, .. }) => Err(Problem::not_found(format!("{what}: {log}"))),
        Err(error) => Err(error.into()),
    }
}

/// Who governs, which release runs and which settings apply; `data` is a ConfigResponse.
#[utoipa::path(get, path = "/v1/settings", responses((status = 200, description = "The settings", body = ContractAnswer)))]
pub(super) async fn settings(State(global): State<Arc<Global>>) -> Result<Json<ContractAnswer>, Problem> {
    answer(&global, &QueryMsg::Config {}, "settings").await
}

/// The newest round and epoch; `data` is a CounterResponse.
#[utoipa::path(get, path = "/v1/counter", responses((status = 200, description = "The counter", body = ContractAnswer)))]
pub(super) async fn counter(State(global): State<Arc<Global>>) -> Result<Json<ContractAnswer>, Problem> {
    answer(&global, &QueryMsg::Counter {}, "counter").await
}

/// Which engine requests are attested with, which one is announced, how many units can run them; `data` is an EnginesResponse.
#[utoipa::path(get, path = "/v1/engines", responses((status = 200, description = "The engines", body = ContractAnswer)))]
pub(super) async fn engines(State(global): State<Arc<Global>>) -> Result<Json<ContractAnswer>, Problem> {
    answer(&global, &QueryMsg::Engines {}, "engines").await
}

/// A round by number; `data` is a RoundResponse.
#[utoipa::path(
    get,
    path = "/v1/rounds/{n}",
    params(("n" = u64, Path, description = "The round")),
    responses((status = 200, description = "The round", body = ContractAnswer), (status = 404, description = "No such round"))
)]
pub(super) async fn round(
    State(global): State<Arc<Global>>,
    extract::Path(n): extract::Path<u64>,
) -> Result<Json<ContractAnswer>, Problem> {
    answer(&global, &QueryMsg::Round { round: Round(n) }, &format!("round {n}")).await
}

/// An epoch by number; `data` is an EpochResponse.
#[utoipa::path(
    get,
    path = "/v1/epochs/{n}",
    params(("n" = u64, Path, description = "The epoch")),
    responses((status = 200, description = "The epoch", body = ContractAnswer), (status = 404, description = "No such epoch"))
)]
pub(super) async fn epoch(
    State(global): State<Arc<Global>>,
    extract::Path(n): extract::Path<u64>,
) -> Result<Json<ContractAnswer>, Problem> {
    answer(&global, &QueryMsg::Epoch { epoch: Epoch(n) }, &format!("epoch {n}")).await
}
