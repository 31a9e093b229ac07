//! What a result says of the nodes that were seen for it: who agreed, who attested something else, and what was to be expected.

use gateway_api::{AgreementRule, Attempt, Body, NodeId, OutcomeClass, RequestResponse, ResultResponse};
use gateway_protocol::{Decimal, body_digest, expected_seats};
use gateway_store::{AttestationRow, CountedResult, SeenNode, StoreError, Work};

/// The unit in which expected seats are counted, as the contract counts them.
const MILLION: u64 = 1_000_000;

/// Counts a result, once however often it is stored.
///
/// # Errors
/// [`StoreError`]; the caller drops the unit of work then.
pub(super) async fn count(work: &Work, result: &ResultResponse) -> Result<(), StoreError> {
    let Some(row) = work.requests().get(result.request).await? else { return Ok(()) };
    let votes = work.attestations().of(result.request).await?;
    match counted(&row.seen, result, &votes) {
        Some(counted) => work.counting().add(&counted).await,
        None => Ok(()),
    }
}

/// A result as it is counted; none of a request that no committee was drawn for.
fn counted(
    request: &RequestResponse,
    result: &ResultResponse,
    votes: &[AttestationRow],
) -> Option<CountedResult> {
    let draw = request.draw.as_ref()?;
    let seats = expected_seats(request.policy.committee, Attempt(result.attempt), draw.total_units);
    let agreed = |node: NodeId| result.agreed.iter().any(|agreed| agreed.node == node);
    let mut nodes: Vec<SeenNode> = result
        .agreed
        .iter()
        .map(|agreed| SeenNode { node: agreed.node, seats: agreed.seats, agrees: true })
        .collect();
    // Who attested and is not in the publication came later, or attested something else.
    nodes.extend(votes.iter().filter(|vote| !agreed(vote.node)).map(|vote| SeenNode {
        node: vote.node,
        seats: vote.seats.get(usize::from(result.attempt)).copied().unwrap_or_default(),
        agrees: agrees(&request.policy.rule, result, vote),
    }));
    Some(CountedResult {
        request: result.request,
        epoch: draw.epoch,
        expected: seats.saturating_mul(MILLION).checked_div(draw.total_units)?,
        nodes,
    })
}

/// Whether an attestation says what the result says.
fn agrees(rule: &AgreementRule, result: &ResultResponse, vote: &AttestationRow) -> bool {
    if vote.class != result.class || vote.engine != result.engine {
        return false;
    }
    match (rule, &result.body) {
        (AgreementRule::Median { tolerance_bps }, Body::Inline { text })
            if vote.class == OutcomeClass::Ok =>
        {
            let (value, median) = (vote.value.as_deref().map(str::parse::<Decimal>), text.parse::<Decimal>());
            matches!((value, median), (Some(Ok(value)), Ok(median)) if value.agrees_with(&median, *tolerance_bps))
        }
        (_, Body::Inline { text }) => vote.digest == body_digest(text).sha256,
        (_, Body::Hashed { sha256, .. }) => vote.digest == *sha256,
    }
}
