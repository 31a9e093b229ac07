//! A request's public view: its state, and why there is no agreement yet.

use std::collections::BTreeMap;

use gateway_api::{
    AbstentionReason, AgreementRule, Attempt, NodeId, OutcomeClass, RequestResponse, RequestStatus,
    ResultResponse,
};
use gateway_protocol::{AttemptSchedule, Quorum};
use gateway_store::{AbstentionRow, AttestationRow, RequestRow};
use serde::{Deserialize, Serialize};

use super::differences::{DifferenceView, differences};
use crate::agreement::{self, CommitteeTerms, Verdict};

/// A request with all that is known of its end.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RequestView {
    /// The request.
    #[schema(schema_with = request)]
    pub request: RequestResponse,
    /// Its result, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = result)]
    pub result: Option<ResultResponse>,
    /// Who has attested what, once the request is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementView>,
    /// Whether a publication is on its way to the chain.
    pub publishing: bool,
    /// Publications that were not accepted.
    pub refused_publications: u32,
    /// Why the newest one was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Who has attested what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AgreementView {
    /// The latest attempt that has begun, or the one that the result was agreed at; seats are counted at it.
    pub attempt: u8,
    /// Seats needed.
    pub quorum_seats: u32,
    /// Operators needed.
    pub min_operators: u16,
    /// How near an agreement is, in one sentence.
    pub reason: String,
    /// Every attestation, by node.
    pub attestations: Vec<AttestationView>,
    /// Nodes that say why they have no outcome.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub abstentions: Vec<AbstentionView>,
    /// While there is no agreement, under every rule but `median`: where the values attested differ, at most 64 places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<DifferenceView>,
}

/// Why one node has no outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AbstentionView {
    /// The node.
    pub node: u32,
    /// `code_not_found`, `code_invalid`, `limit_exceeded`, `secret_missing`, `vm_unavailable`, `engine_missing`, `not_deterministic` or `other`.
    pub reason: String,
    /// More about it.
    pub detail: String,
}

/// One node's attestation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AttestationView {
    /// The node.
    pub node: u32,
    /// Its operator.
    pub operator: String,
    /// The engine it ran.
    pub engine: String,
    /// The outcome's class.
    pub class: String,
    /// SHA-256 of the body: equal where two nodes found the same.
    pub digest: String,
    /// Bytes of the body.
    pub size: u32,
    /// Under a rule that compares values, the node's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its seats at the attempt.
    pub seats: u32,
}

fn request() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("RequestResponse")
}

fn result() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("ResultResponse")
}

impl RequestView {
    pub(crate) fn new(
        row: RequestRow,
        result: Option<ResultResponse>,
        votes: &[AttestationRow],
        abstentions: &[AbstentionRow],
        nodes: u64,
        height: u64,
    ) -> Self {
        // A node's later attestation supersedes its abstention.
        let abstentions: Vec<&AbstentionRow> =
            abstentions.iter().filter(|row| votes.iter().all(|vote| vote.node != row.node)).collect();
        let agreement = row.seen.draw.as_ref().map(|draw| {
            // An ended request is shown as decided: at the attempt that counted, or at the last one before its deadline.
            let latest = match &result {
                Some(result) => Attempt(result.attempt),
                None => {
                    let height = height.min(row.seen.deadline);
                    AttemptSchedule::from(draw).latest(height).unwrap_or_default()
                }
            };
            let class = result.as_ref().map_or(OutcomeClass::Ok, |result| result.class);
            let policy = &row.seen.policy;
            let terms = CommitteeTerms { policy, total_units: draw.total_units, latest };
            let verdict = agreement::decide(terms, votes);
            AgreementView {
                attempt: latest.get(),
                quorum_seats: Quorum::new(policy, class, latest, draw.total_units).seats,
                min_operators: policy.min_operators,
                reason: match why_abstained(&abstentions, nodes) {
                    Some(why) if matches!(verdict, Verdict::Open { .. }) => {
                        format!("{}; {why}", verdict.reason(policy.min_operators))
                    }
                    _ => verdict.reason(policy.min_operators),
                },
                abstentions: abstentions.iter().map(|row| abstention(row)).collect(),
                attestations: votes.iter().map(|vote| attestation(vote, latest.get())).collect(),
                differences: match (&verdict, &policy.rule) {
                    (_, AgreementRule::Median { .. }) | (Verdict::Agreed { .. }, _) => Vec::new(),
                    (Verdict::Open { .. }, _) => differences(votes),
                },
            }
        });
        Self {
            publishing: row.publication.is_some() && result.is_none(),
            refused_publications: row.tries,
            why: row.why,
            request: row.seen,
            result,
            agreement,
        }
    }
}

/// Returns a request status's name.
pub(super) const fn status(status: RequestStatus) -> &'static str {
    match status {
        RequestStatus::Waiting => "waiting",
        RequestStatus::Drawn => "drawn",
        RequestStatus::Fulfilled => "fulfilled",
        RequestStatus::Expired => "expired",
    }
}

fn abstention(row: &AbstentionRow) -> AbstentionView {
    AbstentionView { node: row.node.get(), reason: row.reason.to_string(), detail: row.detail.clone() }
}

/// Summarises how many nodes abstain for which reason, the most frequent first: "4 of 5 nodes could not load the code".
fn why_abstained(abstentions: &[&AbstentionRow], nodes: u64) -> Option<String> {
    let mut counts: BTreeMap<AbstentionReason, u64> = BTreeMap::new();
    for row in abstentions {
        *counts.entry(row.reason).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let texts: Vec<String> = counts
        .into_iter()
        .map(|(reason, count)| format!("{count} of {nodes} nodes {}", reason.phrase()))
        .collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn attestation(vote: &AttestationRow, attempt: u8) -> AttestationView {
    let NodeId(node) = vote.node;
    AttestationView {
        node,
        operator: vote.operator.clone(),
        engine: vote.engine.to_string(),
        class: vote.class.to_string(),
        digest: vote.digest.to_string(),
        size: vote.size,
        value: vote.value.clone(),
        seats: vote.seats.get(usize::from(attempt)).copied().unwrap_or_default(),
    }
}
