//! Queries of results and their callbacks.

use cosmwasm_std::Storage;
use cw_storage_plus::Bound;
use gateway_api::{CallbackStatus, RequestId, ResultResponse, ResultsResponse};

use super::page::page;
use crate::error::ContractError;
use crate::state::requests::request;
use crate::state::results::{Callback, ResultRecord, CALLBACKS, RESULTS};

fn response(storage: &dyn Storage, id: u64, record: ResultRecord) -> Result<ResultResponse, ContractError> {
    let callback = match CALLBACKS.may_load(storage, id)? {
        // Only the consumer itself can ask while it is being called.
        None | Some(Callback::Sent { failed: 0 }) => CallbackStatus::None {},
        Some(Callback::Sent { failed: tries }) => {
            CallbackStatus::Failed { tries, error: "tried again just now".to_owned() }
        }
        Some(Callback::Delivered) => CallbackStatus::Delivered {},
        Some(Callback::Failed { tries, error, .. }) => CallbackStatus::Failed { tries, error },
        Some(Callback::Due {}) => CallbackStatus::Due {},
    };
    let asked = request(storage, RequestId(id))?;
    Ok(ResultResponse {
        request: RequestId(id),
        project: record.project,
        version: asked.version,
        draw: asked.draw.class(),
        fallback: record.fallback,
        class: record.class,
        body: record.body,
        engine: record.engine,
        round: record.round,
        attempt: record.attempt.get(),
        agreed: record.agreed,
        seats: record.seats,
        quorum_seats: record.quorum_seats,
        publisher: record.publisher.into_string(),
        height: record.height,
        callback,
    })
}

pub(super) fn result(storage: &dyn Storage, id: RequestId) -> Result<ResultResponse, ContractError> {
    let record = RESULTS
        .may_load(storage, id.get())?
        .ok_or(ContractError::NotFound { what: "result of this request" })?;
    response(storage, id.get(), record)
}

pub(super) fn results(
    storage: &dyn Storage,
    start_after: Option<RequestId>,
    limit: usize,
) -> Result<ResultsResponse, ContractError> {
    let start = start_after.map(|id| Bound::exclusive(id.get()));
    let results = RESULTS.keys(storage, start).map(|id| id.and_then(|id| result(storage, RequestId(id))));
    Ok(ResultsResponse { results: page(results, limit)? })
}
