//! From a run to the node's word for it: the outcome under the version's policy, the commitment, the proof. Pure.

use gateway_api::{
    AgreementRule, Attestation, Commit, DrawInfo, EngineId, NodeId, OutcomeClass, Policy, RequestResponse,
    SignedOutcome,
};
use gateway_engine::Run;
use gateway_protocol::{Decimal, Domain, DrawContext, OutcomePreimage, SecretKey, body_digest};

/// What is attested when a project under the `median` rule returns something else than a decimal.
const NOT_A_DECIMAL: &str =
    r#"{"message":"the value is not a decimal of at most 64 bytes in its shortest form"}"#;

/// What a run comes to under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The class.
    pub class: OutcomeClass,
    /// The body.
    pub body: String,
    /// The decimal, under the `median` rule.
    pub value: Option<String>,
}

/// Applies a policy to a run. The same on every node, and what trying code out shows.
pub fn conclude(run: Run, policy: &Policy) -> Conclusion {
    let Run { class, body, .. } = run;
    if class == OutcomeClass::Ok && matches!(policy.rule, AgreementRule::Median { .. }) {
        // A number, or a text for more digits than a number keeps.
        let text = body.strip_prefix('"').and_then(|b| b.strip_suffix('"')).unwrap_or(&body);
        return match text.parse::<Decimal>() {
            Ok(value) => {
                let value = value.to_string();
                Conclusion { class, body: value.clone(), value: Some(value) }
            }
            Err(_) => within(OutcomeClass::NotJson, NOT_A_DECIMAL.to_owned(), policy),
        };
    }
    within(class, body, policy)
}

/// The engine keeps values within the version's limit; an error's words give way where they do not fit.
fn within(class: OutcomeClass, body: String, policy: &Policy) -> Conclusion {
    let fits = body.len() <= policy.max_result_bytes as usize;
    let body = if fits || class == OutcomeClass::Ok { body } else { "{}".to_owned() };
    Conclusion { class, body, value: None }
}

/// Commits to a conclusion and proves the draw: what is stored and then sent.
pub(crate) fn attest(
    domain: &Domain<'_>,
    key: &SecretKey,
    node: NodeId,
    seen: &RequestResponse,
    draw: &DrawInfo,
    engine: EngineId,
    conclusion: Conclusion,
) -> (Commit, SignedOutcome) {
    let Conclusion { class, body, value } = conclusion;
    let request = seen.request;
    let outcome = domain.outcome(&OutcomePreimage {
        request,
        code: seen.code.sha256,
        input: seen.input_hash,
        engine,
        class,
        body: body_digest(&body),
    });
    let salt = key.salt(domain, request);
    let commit = domain.commit(request, &key.public(), &outcome, &salt);
    let proof = key.attest(&DrawContext::new(domain, &draw.seed, request), &commit, salt).to_binary();
    let attestation = Attestation { node, proof, value };
    (commit, SignedOutcome { request, engine, class, body, attestation })
}
