//! From a run to the node's word for it: the outcome under the version's policy, the commitment, the proof. Pure.

use gateway_api::{
    AgreementRule, Attestation, Commit, DrawInfo, EngineId, NodeId, OutcomeClass, Policy, RequestResponse,
    SignedOutcome,
};
use gateway_engine::Run;
use gateway_proof::{Decimal, Domain, DrawContext, OutcomePreimage, SecretKey, body_digest};

/// What is attested when a project under the `median` rule returns something else than a decimal.
const NOT_A_DECIMAL: &str =
    r#"{"message":"the value is not a decimal of at most 64 bytes in its shortest form"}"#;

/// What a run comes to under a policy.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Conclusion {
    /// The class.
    pub(crate) class: OutcomeClass,
    /// The body.
    pub(crate) body: String,
    /// The decimal, under the `median` rule.
    pub(crate) value: Option<String>,
}

/// Applies a policy to a run. The same on every node.
pub(crate) fn conclude(run: Run, policy: &Policy) -> Conclusion {
    let class = class(run.class);
    if class == OutcomeClass::Ok && matches!(policy.rule, AgreementRule::Median { .. }) {
        // A number, or a text for more digits than a number keeps.
        let text = run.body.strip_prefix('"').and_then(|b| b.strip_suffix('"')).unwrap_or(&run.body);
        return match text.parse::<Decimal>() {
            Ok(value) => {
                let value = value.to_string();
                Conclusion { class, body: value.clone(), value: Some(value) }
            }
            Err(_) => within(OutcomeClass::NotJson, NOT_A_DECIMAL.to_owned(), policy),
        };
    }
    within(class, run.body, policy)
}

/// The engine keeps values within the version's limit; an error's words give way where they do not fit.
fn within(class: OutcomeClass, body: String, policy: &Policy) -> Conclusion {
    let fits = body.len() <= policy.max_result_bytes as usize;
    let body = if fits || class == OutcomeClass::Ok { body } else { "{}".to_owned() };
    Conclusion { class, body, value: None }
}

/// The contract's name for a class of the VM.
const fn class(class: gateway_engine::OutcomeClass) -> OutcomeClass {
    use gateway_engine::OutcomeClass as Vm;
    match class {
        Vm::Ok => OutcomeClass::Ok,
        Vm::JsThrow => OutcomeClass::JsThrow,
        // The manifest is part of the code's bytes: one that cannot be read is code that cannot.
        Vm::SyntaxError | Vm::BadManifest => OutcomeClass::JsSyntax,
        Vm::NoEntry => OutcomeClass::NoFunction,
        Vm::HttpStatus => OutcomeClass::HttpStatus,
        Vm::NeverSettled => OutcomeClass::NeverSettled,
        Vm::NotJson => OutcomeClass::NotJson,
        Vm::OutputTooLarge => OutcomeClass::OutputTooLarge,
        Vm::BadInput => OutcomeClass::InputNotJson,
    }
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
