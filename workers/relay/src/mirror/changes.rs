//! Stores what the contract said, in the caller's transaction; bodies of requests that have ended are dropped but the agreed.

use gateway_api::{Body, BodyHash, NodeResponse, RequestId, RequestResponse, RequestStatus, ResultResponse};
use gateway_protocol::body_digest;
use gateway_store::{StoreError, Work};

use super::conduct;

/// What the contract said.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) requests: Vec<RequestResponse>,
    pub(crate) results: Vec<ResultResponse>,
    pub(crate) nodes: Vec<NodeResponse>,
}

impl Changes {
    /// Stores everything in a unit of work.
    ///
    /// # Errors
    /// [`StoreError`]; the caller drops the unit of work then.
    pub(crate) async fn store(&self, work: &Work) -> Result<(), StoreError> {
        for node in &self.nodes {
            if work.nodes().get(node.node).await?.as_ref() != Some(node) {
                work.nodes().upsert(node).await?;
            }
        }
        for request in &self.requests {
            if work.requests().get(request.request).await?.is_none_or(|row| row.seen != *request) {
                work.requests().upsert(request).await?;
            }
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
            conduct::count(work, result).await?;
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
