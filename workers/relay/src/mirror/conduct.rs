//! What a result shows about the nodes seen for it: who agreed, who attested something else, and what was expected.

use gateway_api::{AgreementRule, Attempt, Body, NodeId, RequestResponse, ResultResponse};
use gateway_protocol::{body_digest, compared_value, compares_values, expected_seats};
use gateway_store::{AttestationRow, CountedResult, SeenNode, StoreError, Work};

/// The unit in which expected seats are counted, as the contract counts them.
const MILLION: u64 = 1_000_000;

/// Counts a result, once however often it is stored.
///
/// # Errors
/// [`StoreError`]; the caller must then drop the unit of work.
pub(super) async fn count(work: &Work, result: &ResultResponse) -> Result<(), StoreError> {
    let Some(row) = work.requests().get(result.request).await? else { return Ok(()) };
    let votes = work.attestations().of(result.request).await?;
    work.counting().add(counted(&row.seen, result, &votes).into_iter().collect()).await
}

/// Returns a result as it is counted; `None` for a request without a drawn committee.
pub(super) fn counted(
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
    // A node that attested but is not in the publication was late, or attested something else.
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

/// Returns whether an attestation agrees with the result.
fn agrees(rule: &AgreementRule, result: &ResultResponse, vote: &AttestationRow) -> bool {
    if vote.class != result.class || vote.engine != result.engine {
        return false;
    }
    match &result.body {
        Body::Inline { text } if compares_values(rule, vote.class) => {
            let read = |body: &str| compared_value(rule, vote.class, body).ok().flatten();
            let (value, agreed) = (vote.value.as_deref().and_then(read), read(text));
            value.zip(agreed).is_some_and(|(value, agreed)| value.agrees_with(rule, &agreed))
        }
        Body::Inline { text } => vote.digest == body_digest(text).sha256,
        Body::Hashed { sha256, .. } => vote.digest == *sha256,
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{
        CallbackStatus, DrawClass, EngineId, MedianField, OutcomeClass, ProjectId, RequestId, Round, Version,
    };

    use super::*;

    const ENGINE: EngineId = EngineId([1; 32]);

    fn vote(body: &str, value: Option<&str>) -> AttestationRow {
        AttestationRow {
            request: RequestId(1),
            node: NodeId(1),
            operator: "op".to_owned(),
            engine: ENGINE,
            class: OutcomeClass::Ok,
            outcome: body.to_owned(),
            digest: body_digest(body).sha256,
            size: body.len() as u32,
            body: body.to_owned(),
            value: value.map(str::to_owned),
            proof: Vec::new(),
            seats: [1; 3],
        }
    }

    fn result(text: &str) -> ResultResponse {
        ResultResponse {
            request: RequestId(1),
            project: ProjectId(1),
            version: Version(1),
            draw: DrawClass::Normal,
            fallback: false,
            class: OutcomeClass::Ok,
            body: Body::Inline { text: text.to_owned() },
            engine: ENGINE,
            round: Round(1),
            attempt: 0,
            agreed: Vec::new(),
            seats: 0,
            quorum_seats: 3,
            publisher: "relay".to_owned(),
            height: 1,
            callback: CallbackStatus::None {},
        }
    }

    #[test]
    fn agreement_is_counted_by_the_rule_of_the_project() {
        let field = MedianField { path: "/usd".to_owned(), tolerance_bps: 100 };
        let median = AgreementRule::Median { tolerance_bps: 100 };
        let (fields, mode) =
            (AgreementRule::MedianFields { fields: vec![field] }, AgreementRule::Mode { min_bps: 4000 });
        for (rule, said, agreed, agreeing) in [
            (&AgreementRule::Exact {}, "1", "1", true),
            (&AgreementRule::Exact {}, "1", "2", false),
            (&median, "100.5", "100", true),
            (&median, "102", "100", false),
            (&fields, r#"{"name":"x","usd":100.5}"#, r#"{"name":"x","usd":100}"#, true),
            (&fields, r#"{"name":"x","usd":102}"#, r#"{"name":"x","usd":100}"#, false),
            (&fields, r#"{"name":"y","usd":100}"#, r#"{"name":"x","usd":100}"#, false),
            (&mode, r#""rain""#, r#""rain""#, true),
            (&mode, r#""sun""#, r#""rain""#, false),
        ] {
            let value = compares_values(rule, OutcomeClass::Ok).then_some(said);
            assert_eq!(
                agrees(rule, &result(agreed), &vote(said, value)),
                agreeing,
                "{rule:?} {said} {agreed}"
            );
        }
    }
}
