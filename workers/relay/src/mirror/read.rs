//! Reads from the contract what the relay mirrors by id. Stores nothing.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt};
use gateway_api::{
    NodeId, NodeResponse, QueryMsg, RequestId, RequestResponse, ResultResponse, Round, RoundResponse,
};
use gateway_chain::paging::{requests_of, result_page};
use gateway_chain::{Answer, ChainError, GatewayQuery, Result};

/// Concurrent queries.
const PARALLEL: usize = 8;
/// Number of results from which pages are read, and largest gap between neighbouring ids on a page.
const FEW: usize = 3;
const CLOSE: u64 = 2;

/// Maps the contract's refusal to answer for an unknown id to `None`.
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

/// Returns the requests with these ids that exist.
pub(crate) async fn requests(
    query: &GatewayQuery,
    ids: &BTreeSet<RequestId>,
) -> Result<Vec<RequestResponse>> {
    requests_of(query, &ids.iter().copied().collect::<Vec<_>>()).await
}

/// Returns the results for these request ids that exist: from pages if the ids are close together, otherwise one by one.
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
    // What no page contained is queried by id.
    let answers = futures::stream::iter(left).map(|id| result(query, id)).buffer_unordered(PARALLEL);
    let others: Vec<_> =
        answers.try_filter_map(|answer| std::future::ready(Ok(answer))).try_collect().await?;
    found.extend(others);
    Ok(found)
}
