//! Whether a request can be published now, and with what.

use gateway_api::{Attempt, Body, Publication, PublicationVerdict, QueryMsg, RequestResponse};
use gateway_protocol::BodyDigest;
use gateway_store::{AttestationRow, RequestRow};
use sha2::{Digest, Sha256};

use super::latest_attempt;
use crate::agreement::{self, Group, Terms, Verdict};
use crate::context::Relay;
use crate::error::RelayError;

/// A publication that is ready.
pub(super) struct Ready {
    pub(super) publication: Publication,
    pub(super) fingerprint: String,
    pub(super) bytes: usize,
}

/// A request's publication, if a quorum agrees and, where the contract has refused before, it would accept now.
pub(super) async fn ready(relay: &Relay, row: &RequestRow, height: u64) -> Result<Option<Ready>, RelayError> {
    let Some(draw) = &row.seen.draw else { return Ok(None) };
    let votes = relay.store.attestations().of(row.seen.request).await?;
    if votes.is_empty() {
        return Ok(None);
    }
    let latest = latest_attempt(draw, height);
    let terms = Terms { policy: &row.seen.policy, total_units: draw.total_units, latest };
    let Verdict::Agreed { attempt, group, .. } = agreement::decide(terms, &votes) else { return Ok(None) };
    let fingerprint = fingerprint(attempt, &group, &votes);
    let publication = publication(&row.seen, attempt, &group, &votes);
    // A contract that has refused once is asked before it is paid to refuse again.
    if row.tries > 0 && !would_accept(relay, &publication).await? {
        return Ok(None);
    }
    let bytes = serde_json::to_vec(&publication)
        .map_err(|source| RelayError::Json { what: "a publication", source })?
        .len();
    Ok(Some(Ready { publication, fingerprint, bytes }))
}

async fn would_accept(relay: &Relay, publication: &Publication) -> Result<bool, RelayError> {
    let question = QueryMsg::CheckPublication { publication: publication.clone() };
    match relay.query.ask(&question).await? {
        PublicationVerdict::Accepted { .. } => Ok(true),
        PublicationVerdict::Refused { reason } => {
            let request = publication.request;
            tracing::debug!(%request, %reason, "the contract would refuse the publication");
            let work = relay.store.begin().await?;
            work.requests().explain(request, &format!("the contract would refuse: {reason}")).await?;
            work.commit().await?;
            Ok(false)
        }
    }
}

fn publication(
    request: &RequestResponse,
    attempt: Attempt,
    group: &Group,
    votes: &[AttestationRow],
) -> Publication {
    let BodyDigest { sha256, size } = group.digest;
    let body = if size > request.max_inline_bytes {
        Body::Hashed { sha256, size }
    } else {
        Body::Inline { text: group.body.clone() }
    };
    let members = group.members.iter().filter_map(|member| votes.get(*member));
    Publication {
        request: request.request,
        attempt,
        engine: group.engine,
        class: group.class,
        body,
        attestations: members
            .map(|vote| gateway_api::Attestation {
                node: vote.node,
                proof: vote.proof.clone().into(),
                value: vote.value.clone(),
            })
            .collect(),
    }
}

/// Tells one publication of a request from another: the attempt, the body and everyone in it.
fn fingerprint(attempt: Attempt, group: &Group, votes: &[AttestationRow]) -> String {
    let mut hash = Sha256::new();
    hash.update([attempt.get()]);
    for vote in group.members.iter().filter_map(|member| votes.get(*member)) {
        hash.update(vote.node.get().to_be_bytes());
        hash.update(vote.outcome.as_bytes());
    }
    hex::encode(hash.finalize())
}
