//! Reads from the contract what the relay mirrors. Asks only; the callers store it.

use futures::{StreamExt, TryStreamExt};
use gateway_api::{
    Body, BodyHash, NodeId, NodeResponse, NodesResponse, QueryMsg, RequestId, RequestResponse, RequestStatus,
    RequestsResponse, ResultResponse,
};
use gateway_chain::{ChainError, GatewayQuery, Result};
use gateway_protocol::body_digest;
use gateway_store::{StoreError, Work};

/// Questions asked at once.
const PARALLEL: usize = 8;
/// Requests asked for at once: a chain's nodes bound the gas of a query, and a request takes several reads.
const REQUESTS: u32 = 25;
/// Nodes asked for at once.
const NODES: u32 = 50;

/// What the contract said.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) requests: Vec<RequestResponse>,
    pub(crate) results: Vec<ResultResponse>,
    pub(crate) nodes: Vec<NodeResponse>,
}

impl Changes {
    /// Stores everything in a unit of work.
    pub(crate) async fn store(&self, work: &Work) -> Result<(), StoreError> {
        for node in &self.nodes {
            work.nodes().upsert(node).await?;
        }
        for request in &self.requests {
            work.requests().upsert(request).await?;
            if request.status == RequestStatus::Expired {
                drop_bodies(work, request.request, None).await?;
            }
        }
        for result in &self.results {
            work.results().upsert(result).await?;
            let agreed = match &result.body {
                Body::Inline { .. } => None,
                Body::Hashed { sha256, .. } => Some(sha256),
            };
            if let Some(sha256) = agreed {
                keep(work, result.request, sha256).await?;
            }
            drop_bodies(work, result.request, agreed).await?;
        }
        Ok(())
    }
}

/// Keeps the body that a result has by its hash, where a node has attested it here: verified once more, for ever.
async fn keep(work: &Work, request: RequestId, sha256: &BodyHash) -> Result<(), StoreError> {
    if work.bodies().get(request, sha256).await?.is_some() {
        return Ok(());
    }
    let votes = work.attestations().of(request).await?;
    let found = votes.iter().find(|vote| vote.digest == *sha256 && body_digest(&vote.body).sha256 == *sha256);
    match found {
        Some(vote) => work.bodies().keep(request, sha256, &vote.body).await,
        None => Ok(()),
    }
}

/// Drops the bodies of a request that has ended, but the one that is to be kept.
async fn drop_bodies(work: &Work, request: RequestId, agreed: Option<&BodyHash>) -> Result<(), StoreError> {
    work.bodies().drop_but(request, agreed).await?;
    work.attestations().drop_bodies(request).await
}

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

/// Every open request after an id.
pub(crate) async fn open_requests(
    query: &GatewayQuery,
    mut after: RequestId,
) -> Result<Vec<RequestResponse>> {
    let mut all = Vec::new();
    loop {
        let limit = Some(REQUESTS);
        let page: RequestsResponse =
            query.ask(&QueryMsg::OpenRequests { start_after: Some(after), limit }).await?;
        let full = page.requests.len() >= REQUESTS as usize;
        let last = page.requests.last().map(|request| request.request);
        all.extend(page.requests);
        match last {
            Some(last) if full && last > after => after = last,
            _ => return Ok(all),
        }
    }
}

/// Every node.
pub(crate) async fn nodes(query: &GatewayQuery) -> Result<Vec<NodeResponse>> {
    let (mut all, mut after) = (Vec::new(), NodeId(0));
    loop {
        let limit = Some(NODES);
        let page: NodesResponse = query.ask(&QueryMsg::Nodes { start_after: Some(after), limit }).await?;
        let full = page.nodes.len() >= NODES as usize;
        let last = page.nodes.last().map(|node| node.node);
        all.extend(page.nodes);
        match last {
            Some(last) if full && last > after => after = last,
            _ => return Ok(all),
        }
    }
}
