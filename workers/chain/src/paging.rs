//! Reads the contract's lists page by page, in pages that fit the node's gas limit for queries.
//!
//! A node bounds the gas of a query (wasmd: 3,000,000), and an entry's cost depends on its size. A page that is too large is
//! halved and requested again; afterwards pages grow back slowly, as the large entries may be past. The size is remembered with
//! the [`GatewayQuery`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use gateway_api::{
    NodeId, NodeResponse, NodesResponse, OpenRequest, OpenRequestsResponse, QueryMsg, RequestId,
    RequestResponse, RequestStatus, RequestsResponse, ResultResponse, ResultsResponse, limits,
};

use crate::error::{ChainError, Result};
use crate::query::GatewayQuery;

/// Entries of the first page: one request costs about 20,000 gas plus 3 per byte of its input.
const FIRST_PAGE: u32 = 25;

/// Returns the size that pages begin with.
pub(crate) fn first_page() -> Arc<AtomicU32> {
    Arc::new(AtomicU32::new(FIRST_PAGE))
}

/// Returns a page of open requests above `after`, by ascending id; empty if there are none.
///
/// # Errors
/// [`ChainError::QueryOutOfGas`] when the node's gas limit does not suffice for a single request; otherwise as
/// [`GatewayQuery::ask`].
pub async fn open_page(query: &GatewayQuery, after: RequestId) -> Result<Vec<RequestResponse>> {
    page(&query.page, |limit| async move {
        let question = QueryMsg::OpenRequests { start_after: Some(after), limit: Some(limit) };
        let open = query.ask::<OpenRequestsResponse, _>(&question).await?.value.requests;
        let ids: Vec<_> = open.iter().map(|request| request.request).collect();
        by_ids(query, &ids).await
    })
    .await
}

/// Returns requests by their ids, open or ended, in this order; unknown ids are left out.
///
/// # Errors
/// As [`open_page`].
pub async fn requests_of(query: &GatewayQuery, ids: &[RequestId]) -> Result<Vec<RequestResponse>> {
    let mut found = Vec::with_capacity(ids.len());
    let mut left = ids;
    while !left.is_empty() {
        // A page that is too large is requested again in parts: the last size is that of the answer.
        let asked = AtomicUsize::new(0);
        let answer = page(&query.page, |limit| {
            let ids = &left[..left.len().min(limit as usize)];
            asked.store(ids.len(), Ordering::Relaxed);
            by_ids(query, ids)
        });
        found.extend(answer.await?);
        left = &left[asked.into_inner()..];
    }
    Ok(found)
}

/// Returns the highest existing request id, at least `known`: found by doubling and bisection, since the contract lists open
/// requests only.
///
/// # Errors
/// As [`GatewayQuery::ask`].
pub async fn newest_request(query: &GatewayQuery, known: RequestId) -> Result<RequestId> {
    let (mut there, mut step) = (known.get(), 1u64);
    let mut absent = loop {
        let next = there.saturating_add(step);
        if by_ids(query, &[RequestId(next)]).await?.is_empty() {
            break next;
        }
        there = next;
        step = step.saturating_mul(2);
    };
    while absent - there > 1 {
        let middle = there + (absent - there) / 2;
        if by_ids(query, &[RequestId(middle)]).await?.is_empty() {
            absent = middle;
        } else {
            there = middle;
        }
    }
    Ok(RequestId(there))
}

/// Returns requests by their ids, in this order; unknown ids are left out. The contract bounds each answer by its bytes, so
/// whatever an answer leaves out is requested once more.
async fn by_ids(query: &GatewayQuery, ids: &[RequestId]) -> Result<Vec<RequestResponse>> {
    let mut found = Vec::with_capacity(ids.len());
    let mut left = ids;
    while !left.is_empty() {
        let question = QueryMsg::Requests { requests: left.to_vec() };
        let answer = query.ask::<RequestsResponse, _>(&question).await?.value.requests;
        let answered = answer.last().and_then(|last| left.iter().position(|id| *id == last.request));
        found.extend(answer);
        left = &left[answered.map_or(left.len(), |at| at + 1)..];
    }
    Ok(found)
}

/// Returns a page of results above `after`, by ascending request; empty if there are none.
///
/// # Errors
/// As [`open_page`].
pub async fn result_page(query: &GatewayQuery, after: RequestId) -> Result<Vec<ResultResponse>> {
    page(&query.page, |limit| async move {
        let question = QueryMsg::Results { start_after: Some(after), limit: Some(limit) };
        Ok(query.ask::<ResultsResponse, _>(&question).await?.value.results)
    })
    .await
}

/// Returns a page of nodes above `after`, by ascending id; empty if there are none.
///
/// # Errors
/// As [`open_page`].
pub async fn node_page(query: &GatewayQuery, after: NodeId) -> Result<Vec<NodeResponse>> {
    page(&query.page, |limit| async move {
        let question = QueryMsg::Nodes { start_after: Some(after), limit: Some(limit) };
        Ok(query.ask::<NodesResponse, _>(&question).await?.value.nodes)
    })
    .await
}

/// What became of requests that waited for their draw.
#[derive(Debug)]
pub struct Draws {
    /// Those that are open and drawn.
    pub drawn: BTreeMap<RequestId, OpenRequest>,
    /// Those that are not open any more, as far as this node knows.
    pub gone: BTreeSet<RequestId>,
}

/// Returns the draws of these requests. They are listed with what lies between them, without inputs, code and policies, so that
/// many draws cost few queries.
///
/// # Errors
/// As [`open_page`].
pub async fn draws_of(query: &GatewayQuery, requests: &BTreeSet<RequestId>) -> Result<Draws> {
    let mut draws = Draws { drawn: BTreeMap::new(), gone: requests.clone() };
    let mut next = requests.first().copied();
    while let Some(first) = next {
        let start_after = Some(RequestId(first.get().saturating_sub(1)));
        // At most as many as are wanted: what else the list contains is open too, and so bounded.
        let entries = u32::try_from(requests.range(first..).count()).unwrap_or(u32::MAX);
        let listed = page(&query.short_page, |limit| async move {
            let question = QueryMsg::OpenRequests { start_after, limit: Some(limit.min(entries)) };
            Ok(query.ask::<OpenRequestsResponse, _>(&question).await?.value.requests)
        });
        let listed = listed.await?;
        // Nothing is open from here on if the page is empty, and what is missing up to its last entry is not open.
        next = listed.last().filter(|last| last.request >= first).and_then(|last| {
            requests.range((Bound::Excluded(last.request), Bound::Unbounded)).next().copied()
        });
        for seen in listed {
            if draws.gone.remove(&seen.request) && seen.draw.is_some() {
                draws.drawn.insert(seen.request, seen);
            }
        }
    }
    Ok(draws)
}

/// Returns a request as it was known before, brought up to a list's entry: the draw is all that changes while it is open.
pub fn with_draw(known: RequestResponse, now: OpenRequest) -> RequestResponse {
    let status = if now.draw.is_some() { RequestStatus::Drawn } else { RequestStatus::Waiting };
    RequestResponse { deadline: now.deadline, status, draw: now.draw, ..known }
}

/// Returns every open request, by ascending id.
///
/// # Errors
/// As [`open_page`].
pub async fn open_requests(query: &GatewayQuery) -> Result<Vec<RequestResponse>> {
    let (mut open, mut after) = (Vec::new(), RequestId(0));
    loop {
        let page = open_page(query, after).await?;
        let Some(newest) = page.last().map(|seen| seen.request).filter(|newest| *newest > after) else {
            return Ok(open);
        };
        open.extend(page);
        after = newest;
    }
}

/// Returns every node, by ascending id.
///
/// # Errors
/// As [`open_page`].
pub async fn nodes(query: &GatewayQuery) -> Result<Vec<NodeResponse>> {
    let (mut nodes, mut after) = (Vec::new(), NodeId(0));
    loop {
        let page = node_page(query, after).await?;
        let Some(newest) = page.last().map(|node| node.node).filter(|newest| *newest > after) else {
            return Ok(nodes);
        };
        nodes.extend(page);
        after = newest;
    }
}

/// Asks for one page, in the remembered size or as much smaller as necessary.
async fn page<T, F>(size: &AtomicU32, ask: impl Fn(u32) -> F) -> Result<Vec<T>>
where
    F: Future<Output = Result<Vec<T>>>,
{
    loop {
        let entries = size.load(Ordering::Relaxed).clamp(1, limits::MAX_PAGE);
        match ask(entries).await {
            Ok(page) => {
                let grown = entries.saturating_add(entries.div_ceil(4)).min(limits::MAX_PAGE);
                size.store(grown, Ordering::Relaxed);
                return Ok(page);
            }
            Err(error @ (ChainError::QueryOutOfGas { .. } | ChainError::TooLarge { .. })) if entries > 1 => {
                tracing::debug!(%error, entries, "the page is halved");
                size.store(entries / 2, Ordering::Relaxed);
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Reads entries whose values are their costs in gas, at most 100 per page. Returns what was read and how many queries it
    /// took.
    async fn read(costs: &[u32]) -> (Result<Vec<u64>>, usize) {
        let (asked, size) = (Mutex::new(0), AtomicU32::new(FIRST_PAGE));
        let mut all = Vec::new();
        loop {
            let after = all.len() as u64;
            let asked = &asked;
            let ask = |limit: u32| async move {
                *asked.lock().expect("lock") += 1;
                let page: Vec<u64> = (after + 1..=costs.len() as u64).take(limit as usize).collect();
                let gas: u32 = page.iter().map(|id| costs[*id as usize - 1]).sum();
                if gas > 100 {
                    let log = "out of gas in location: wasm contract".to_owned();
                    return Err(ChainError::QueryOutOfGas { path: "q".into(), log });
                }
                Ok(page)
            };
            match page(&size, ask).await {
                Ok(page) if page.is_empty() => return (Ok(all), *asked.lock().expect("lock")),
                Ok(page) => all.extend(page),
                Err(error) => return (Err(error), *asked.lock().expect("lock")),
            }
        }
    }

    #[tokio::test]
    async fn pages_shrink_to_what_the_node_can_answer_and_grow_again() {
        let (all, asked) = read(&[1; 200]).await;
        assert_eq!(all.expect("read").len(), 200);
        assert!(asked <= 8, "{asked} questions");
        let mut costs = vec![45; 60];
        costs.extend(vec![1; 100]);
        let (all, asked) = read(&costs).await;
        assert_eq!(all.expect("read"), (1..=160).collect::<Vec<u64>>());
        assert!(asked < 120, "{asked} questions");
        assert!(matches!(read(&[101]).await.0, Err(ChainError::QueryOutOfGas { .. })));
    }
}
