//! What a request looks like from outside: where it stands, and why there is no agreement yet.

use gateway_api::{AgreementRule, NodeId, RequestResponse, ResultResponse};
use gateway_store::{AttestationRow, RequestRow};
use serde::{Deserialize, Serialize};

use super::differences::{DifferenceView, differences};
use crate::agreement::{self, Terms, Verdict};
use crate::publisher::latest_attempt;

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
    /// The latest attempt that has begun; seats are counted at it.
    pub attempt: u8,
    /// Seats needed.
    pub quorum_seats: u32,
    /// Operators needed.
    pub min_operators: u16,
    /// How near an agreement is, in one sentence.
    pub reason: String,
    /// Every attestation, by node.
    pub attestations: Vec<AttestationView>,
    /// While there is no agreement under the rule `exact`: where the values attested differ, at most 64 places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<DifferenceView>,
}

/// One node's word.
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
    /// Under the `median` rule, the node's value.
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
    pub(super) fn new(
        row: RequestRow,
        result: Option<ResultResponse>,
        votes: &[AttestationRow],
        height: u64,
    ) -> Self {
        let agreement = row.seen.draw.as_ref().map(|draw| {
            let latest = latest_attempt(draw, height);
            let policy = &row.seen.policy;
            let verdict = agreement::decide(Terms { policy, total_units: draw.total_units, latest }, votes);
            AgreementView {
                attempt: latest.get(),
                quorum_seats: gateway_protocol::quorum_seats(
                    policy.quorum_bps,
                    policy.committee,
                    latest,
                    draw.total_units,
                ),
                min_operators: policy.min_operators,
                reason: verdict.reason(policy.min_operators),
                attestations: votes.iter().map(|vote| attestation(vote, latest.get())).collect(),
                differences: match (&verdict, &policy.rule) {
                    (Verdict::Open { .. }, AgreementRule::Exact {}) => differences(votes),
                    _ => Vec::new(),
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
