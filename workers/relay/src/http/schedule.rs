//! `GET /v1/schedules/{id}`: a schedule, queried from the contract.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use gateway_api::{QueryMsg, ScheduleId, ScheduleResponse};
use gateway_chain::ChainError;
use gateway_http::{Problem, extract};

use crate::context::Relay;

/// A schedule that has not ended. What became of each firing, also of one that has ended: `/v1/history?schedule={id}`.
#[utoipa::path(
    get,
    path = "/v1/schedules/{id}",
    params(("id" = u64, Path, description = "The schedule's id")),
    responses(
        (status = 200, description = "The schedule as the contract returns it", body = ref("#/components/schemas/ScheduleResponse")),
        (status = 404, description = "There is none: it never was, or it has ended")
    )
)]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    extract::Path(id): extract::Path<u64>,
) -> Result<Json<ScheduleResponse>, Problem> {
    let _permit = relay.lookup().await?;
    match relay.query.ask(&QueryMsg::Schedule { schedule: ScheduleId(id) }).await {
        Ok(answer) => Ok(Json(answer.value)),
        Err(ChainError::Query { .. }) => Err(Problem::not_found(format!(
            "there is no schedule {id}, or it has ended: /v1/history?schedule={id} shows what became of it"
        ))),
        Err(error) => Err(error.into()),
    }
}
