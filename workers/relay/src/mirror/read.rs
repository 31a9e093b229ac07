//! Reads from the contract what the relay mirrors, in pages. Stores nothing.

use futures::{StreamExt, TryStreamExt};
use gateway_api::{
    NodeId, NodeResponse, NodesResponse, QueryMsg, RequestId, RequestResponse, RequestsResponse,
    ResultResponse,
};
use gateway_chain::{ChainError, GatewayQuery, Result};

/// Questions asked at once.
const PARALLEL: usize = 8;
/// Requests asked for at once: a chain's nodes bound the gas of a query, and a request takes several reads.
const REQUESTS: u32 = 25;
/// Nodes asked for at once.
const NODES: u32 = 50;

/// The contract refuses to answer for what it does not know.
fn known<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
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

/// A page of open requests after an id, in order; empty or short where it is the last.
pub(crate) async fn open_page(query: &GatewayQuery, after: RequestId) -> Result<Vec<RequestResponse>> {
    let question = QueryMsg::OpenRequests { start_after: Some(after), limit: Some(REQUESTS) };
    let page: RequestsResponse = query.ask(&question).await?;
    Ok(page.requests)
}

/// Every open request after an id.
pub(crate) async fn open_requests(
    query: &GatewayQuery,
    mut after: RequestId,
) -> Result<Vec<RequestResponse>> {
    let mut all = Vec::new();
    loop {
        let page = open_page(query, after).await?;
        let last = page.last().map(|request| request.request);
        all.extend(page);
        match last {
            Some(last) if last > after => after = last,
            _ => return Ok(all),
        }
    }
}

/// A page of nodes after an id, in order.
pub(crate) async fn node_page(query: &GatewayQuery, after: NodeId) -> Result<Vec<NodeResponse>> {
    let page: NodesResponse =
        query.ask(&QueryMsg::Nodes { start_after: Some(after), limit: Some(NODES) }).await?;
    Ok(page.nodes)
}
