//! Stores the contract's answers in the caller's transaction; of an ended request, only the agreed body is kept.

use std::collections::{BTreeMap, BTreeSet};

use gateway_api::{Body, BodyHash, NodeResponse, RequestId, RequestResponse, RequestStatus, ResultResponse};
use gateway_protocol::body_digest;
use gateway_store::{AttestationRow, RequestRow, StoreError, Work};

use super::conduct;
use crate::mirror_cache::MirrorCache;

/// Requests processed at once.
const SOME: usize = 500;

/// The contract's answers.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) requests: Vec<RequestResponse>,
    pub(crate) results: Vec<ResultResponse>,
    pub(crate) nodes: Vec<NodeResponse>,
}

impl Changes {
    /// Returns whether there is nothing to store.
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.results.is_empty() && self.nodes.is_empty()
    }

    /// Stores everything in a unit of work, as [`store`](Self::store), and updates memory right before the caller commits: an
    /// attestation stored afterwards finds its request there.
    ///
    /// # Errors
    /// [`StoreError`]; the caller must then drop the unit of work.
    pub(super) async fn store_and_note(&self, work: &Work, cache: &MirrorCache) -> Result<(), StoreError> {
        let waited = self.store(work).await?;
        cache.nodes(&self.nodes);
        cache.requests(self.requests.iter().map(|seen| (seen, waited.contains(&seen.request))));
        Ok(())
    }

    /// Stores everything in a unit of work; returns which of the requests were not drawn before, as far as the mirror knows.
    ///
    /// # Errors
    /// [`StoreError`]; the caller must then drop the unit of work.
    pub(crate) async fn store(&self, work: &Work) -> Result<BTreeSet<RequestId>, StoreError> {
        for node in &self.nodes {
            if work.nodes().get(node.node).await?.as_ref() != Some(node) {
                work.nodes().upsert(node).await?;
            }
        }
        let mut waited = BTreeSet::new();
        for requests in self.requests.chunks(SOME) {
            let before = work.requests().upsert(requests).await?;
            let drawn = |id| before.get(&id).is_some_and(|old| old.seen.status != RequestStatus::Waiting);
            waited.extend(requests.iter().map(|seen| seen.request).filter(|id| !drawn(*id)));
            let expired = requests.iter().filter(|seen| seen.status == RequestStatus::Expired);
            drop_bodies(work, &expired.map(|seen| seen.request).collect::<Vec<_>>()).await?;
        }
        for results in self.results.chunks(SOME) {
            self.store_results(work, results).await?;
        }
        Ok(waited)
    }

    async fn store_results(&self, work: &Work, results: &[ResultResponse]) -> Result<(), StoreError> {
        work.results().upsert(results).await?;
        let ids: Vec<_> = results.iter().map(|result| result.request).collect();
        let rows: BTreeMap<_, RequestRow> =
            work.requests().among(&ids).await?.into_iter().map(|row| (row.seen.request, row)).collect();
        let mut votes: BTreeMap<_, Vec<AttestationRow>> = BTreeMap::new();
        for vote in work.attestations().among(&ids).await? {
            votes.entry(vote.request).or_default().push(vote);
        }
        let (mut inline, mut counted) =
            (Vec::with_capacity(results.len()), Vec::with_capacity(results.len()));
        for result in results {
            let votes = votes.remove(&result.request).unwrap_or_default();
            match &result.body {
                Body::Inline { .. } => inline.push(result.request),
                Body::Hashed { sha256, .. } => {
                    keep(work, result.request, sha256, &votes).await?;
                    work.bodies().drop_but(result.request, Some(sha256)).await?;
                    work.attestations().drop_bodies(&[result.request]).await?;
                }
            }
            if let Some(row) = rows.get(&result.request) {
                counted.extend(conduct::counted(&row.seen, result, &votes));
            }
        }
        work.counting().add(counted).await?;
        drop_bodies(work, &inline).await
    }
}

/// Keeps, verified once more and permanently, the body of a result that has it by hash only, if a node attested it here.
async fn keep(
    work: &Work,
    request: RequestId,
    sha256: &BodyHash,
    votes: &[AttestationRow],
) -> Result<(), StoreError> {
    if work.bodies().get(request, sha256).await?.is_some() {
        return Ok(());
    }
    let found = votes.iter().find(|vote| vote.digest == *sha256 && body_digest(&vote.body).sha256 == *sha256);
    match found {
        Some(vote) => work.bodies().keep(request, sha256, &vote.body).await,
        None => Ok(()),
    }
}

/// Drops all bodies of ended requests.
async fn drop_bodies(work: &Work, requests: &[RequestId]) -> Result<(), StoreError> {
    if requests.is_empty() {
        return Ok(());
    }
    work.bodies().drop_of(requests).await?;
    work.attestations().drop_bodies(requests).await
}
