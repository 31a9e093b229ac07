//! Reads from the contract what the relay mirrors by id. Stores nothing.

use futures::{StreamExt, TryStreamExt};
use gateway_api::{
    NodeId, NodeResponse, QueryMsg, RequestId, RequestResponse, ResultResponse, Round, RoundResponse,
};
use gateway_chain::{Answer, ChainError, GatewayQuery, Result};

/// Questions asked at once.
const PARALLEL: usize = 8;

/// The contract refuses to answer for what it does not know.
fn known<T>(answer: Result<Answer<T>>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer.value)),
        Err(ChainError::Query { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) async fn request(query: &GatewayQuery, request: RequestId) -> Result<Option<RequestResponse>> {
    known(query.ask(&QueryMsg::Request { request }).await)
}

pub(crate) async fn result(query: &GatewayQuery, request: RequestId) -> Result<Option<ResultResponse>> {
    known(query.ask(&QueryMsg::Result { request }).await)
}

pub(crate) async fn node(query: &GatewayQuery, node: NodeId) -> Result<Option<NodeResponse>> {
    known(query.ask(&QueryMsg::Node { node }).await)
}

pub(crate) async fn round(query: &GatewayQuery, round: Round) -> Result<Option<RoundResponse>> {
    known(query.ask(&QueryMsg::Round { round }).await)
}

/// Requests by their ids, those that exist.
pub(crate) async fn requests(query: &GatewayQuery, ids: Vec<RequestId>) -> Result<Vec<RequestResponse>> {
    let answers = futures::stream::iter(ids).map(|id| request(query, id)).buffer_unordered(PARALLEL);
    answers.try_filter_map(|answer| std::future::ready(Ok(answer))).try_collect().await
}

/// Results by their requests' ids, those that exist.
pub(crate) async fn results(query: &GatewayQuery, ids: Vec<RequestId>) -> Result<Vec<ResultResponse>> {
    let answers = futures::stream::iter(ids).map(|id| result(query, id)).buffer_unordered(PARALLEL);
    answers.try_filter_map(|answer| std::future::ready(Ok(answer))).try_collect().await
}
