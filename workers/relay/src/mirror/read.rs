//! Reads from the contract what the relay mirrors by id. Stores nothing.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt};
use gateway_api::{
    NodeId, NodeResponse, QueryMsg, RequestId, RequestResponse, ResultResponse, Round, RoundResponse,
};
use gateway_chain::paging::{requests_of, result_page};
use gateway_chain::{Answer, ChainError, GatewayQuery, Result};

/// Questions asked at once.
const PARALLEL: usize = 8;
/// Results from which on pages are read, and ids that may lie between one of them and the next.
const FEW: usize = 3;
const CLOSE: u64 = 2;

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
pub(crate) async fn requests(
    query: &GatewayQuery,
    ids: &BTreeSet<RequestId>,
) -> Result<Vec<RequestResponse>> {
    requests_of(query, &ids.iter().copied().collect::<Vec<_>>()).await
}

/// Results by their requests' ids, those that exist: from pages where the ids lie close together, else one by one.
pub(crate) async fn results(query: &GatewayQuery, ids: BTreeSet<RequestId>) -> Result<Vec<ResultResponse>> {
    let (Some(first), Some(last)) = (ids.first().copied(), ids.last().copied()) else {
        return Ok(Vec::new());
    };
    let (mut found, mut left) = (Vec::with_capacity(ids.len()), ids);
    let between = last.get().saturating_sub(first.get());
    if left.len() >= FEW && between <= CLOSE.saturating_mul(left.len() as u64) {
        let mut after = RequestId(first.get().saturating_sub(1));
        while after < last {
            let page = result_page(query, after).await?;
            let Some(newest) = page.last().map(|result| result.request).filter(|newest| *newest > after)
            else {
                break;
            };
            after = newest;
            found.extend(page.into_iter().filter(|result| left.remove(&result.request)));
        }
    }
    // What no page had, the contract is asked for by name.
    let answers = futures::stream::iter(left).map(|id| result(query, id)).buffer_unordered(PARALLEL);
    let others: Vec<_> =
        answers.try_filter_map(|answer| std::future::ready(Ok(answer))).try_collect().await?;
    found.extend(others);
    Ok(found)
}
