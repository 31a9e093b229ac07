//! Decides whether a request can be published now, and with which attestations.

use std::collections::HashSet;
use std::sync::Arc;

use gateway_api::{
    AgreementRule, Attempt, DrawInfo, OutcomeClass, Publication, PublicationVerdict, QueryMsg, RequestId,
    RequestResponse,
};
use gateway_protocol::{Group, Member, Quorum};
use gateway_store::{AttestationRow, RequestRow};
use sha2::{Digest, Sha256};

use super::latest_attempt;
use crate::agreement::{self, CommitteeTerms, Verdict};
use crate::context::Relay;
use crate::error::RelayError;
use crate::publication::Statement;

/// A publication that is ready.
pub(super) struct Ready {
    pub(super) publication: Publication,
    pub(super) fingerprint: String,
    pub(super) bytes: usize,
    /// Gas that the request's callback may use.
    pub(super) callback_gas: u64,
}

/// Returns a request's publication if a quorum agrees and, after an earlier refusal, the contract would accept it now.
pub(super) async fn ready(relay: &Relay, row: &RequestRow, height: u64) -> Result<Option<Ready>, RelayError> {
    let Some(draw) = &row.seen.draw else { return Ok(None) };
    let votes = publishable(relay, draw, attestations(relay, row).await?).await?;
    if votes.is_empty() {
        return Ok(None);
    }
    let latest = latest_attempt(draw, height);
    let terms = CommitteeTerms { policy: &row.seen.policy, total_units: draw.total_units, latest };
    let Verdict::Agreed { attempt, group, .. } = agreement::decide(terms, &votes) else { return Ok(None) };
    let fingerprint = fingerprint(attempt, &group, &votes);
    let publication = publication(&row.seen, attempt, &group, &votes);
    // After a refusal the contract is queried first, rather than paying for another refusal.
    if row.tries > 0 && !would_accept(relay, &publication).await? {
        return Ok(None);
    }
    let bytes = serde_json::to_vec(&publication)
        .map_err(|source| RelayError::Json { what: "a publication", source })?
        .len();
    let callback_gas = row.seen.callback_gas.unwrap_or_default();
    Ok(Some(Ready { publication, fingerprint, bytes, callback_gas }))
}

/// Returns a request's attestations in order of their nodes. Once a publication has failed, memory is not trusted.
async fn attestations(relay: &Relay, row: &RequestRow) -> Result<Vec<AttestationRow>, RelayError> {
    let request = row.seen.request;
    match relay.cache.votes(request).filter(|_| row.tries == 0) {
        Some(votes) => {
            let mut votes: Vec<_> = votes.into_iter().map(Arc::unwrap_or_clone).collect();
            votes.sort_by_key(|vote| vote.node);
            Ok(votes)
        }
        None => Ok(relay.store.attestations().of(request).await?),
    }
}

/// Returns whether a request's attestations may form a quorum: `false` only if all of them are known and do not.
pub(super) fn may_agree(relay: &Relay, request: RequestId, height: u64) -> bool {
    let (Some(seen), Some(votes)) = (relay.cache.drawn(request), relay.cache.votes(request)) else {
        return true;
    };
    let Some(draw) = &seen.draw else { return true };
    (0..=latest_attempt(draw, height).get()).any(|attempt| {
        let seats = votes.iter().filter_map(|vote| vote.seats.get(usize::from(attempt)));
        let quorum = |class: &OutcomeClass| {
            Quorum::new(&seen.policy, *class, Attempt(attempt), draw.total_units).seats
        };
        let least = OutcomeClass::ALL.iter().map(quorum).min().unwrap_or_default();
        seats.fold(0, |sum: u32, seats| sum.saturating_add(*seats)) >= least
    })
}

/// Keeps the attestations of nodes that are currently members of the draw's committee. The contract refuses a whole publication
/// that includes a node jailed since it attested.
async fn publishable(
    relay: &Relay,
    draw: &DrawInfo,
    votes: Vec<AttestationRow>,
) -> Result<Vec<AttestationRow>, RelayError> {
    let ids: Vec<_> = votes.iter().map(|vote| vote.node).collect();
    let known: Option<Vec<_>> = ids.iter().map(|id| relay.cache.node(*id)).collect();
    let nodes = match known {
        Some(nodes) => nodes,
        None => relay.store.nodes().among(&ids).await?.into_iter().map(Arc::new).collect(),
    };
    let members = nodes.iter().filter(|node| Member::of(node, draw.epoch).is_ok());
    let members: HashSet<_> = members.map(|node| node.node).collect();
    Ok(votes.into_iter().filter(|vote| members.contains(&vote.node)).collect())
}

async fn would_accept(relay: &Relay, publication: &Publication) -> Result<bool, RelayError> {
    let question = QueryMsg::CheckPublication { publication: publication.clone() };
    match relay.query.ask(&question).await?.value {
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
    // A body composed of values belongs to the group; any other is held by each row that agrees.
    let text = || match &group.text {
        Some(text) => text.clone(),
        None => group
            .agreeing
            .first()
            .and_then(|at| votes.get(*at))
            .map_or_else(String::new, |row| row.body.clone()),
    };
    let body = group.body.published(text, request.max_inline_bytes);
    let members = group.members.iter().filter_map(|member| votes.get(*member));
    let implied = matches!(request.policy.rule, AgreementRule::Mode { .. });
    Statement { request: request.request, attempt, engine: group.engine, class: group.class, body, implied }
        .by(members)
}

/// Identifies a publication among those of a request: the attempt, the body and all its members.
fn fingerprint(attempt: Attempt, group: &Group, votes: &[AttestationRow]) -> String {
    let mut hash = Sha256::new();
    hash.update([attempt.get()]);
    for vote in group.members.iter().filter_map(|member| votes.get(*member)) {
        hash.update(vote.node.get().to_be_bytes());
        hash.update(vote.outcome.as_bytes());
    }
    hex::encode(hash.finalize())
}
