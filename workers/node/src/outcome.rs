//! Turns a run into an outcome under the request's policy. Pure.

use gateway_api::{AgreementRule, OutcomeClass, Policy};
use gateway_engine::Run;
use gateway_protocol::compared_value;

/// The result of a run under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The class.
    pub class: OutcomeClass,
    /// The body.
    pub body: String,
    /// The body, if the rule compares values.
    pub value: Option<String>,
}

/// Applies a policy to a run. The same on every node and in trial runs.
pub fn conclude(run: Run, policy: &Policy) -> Conclusion {
    let Run { class, body, .. } = run;
    let body = match policy.rule {
        // A number, or a text for more digits than a number keeps.
        AgreementRule::Median { .. } if class == OutcomeClass::Ok => unquoted(&body).to_owned(),
        _ => body,
    };
    match compared_value(&policy.rule, class, &body) {
        Ok(Some(_)) => Conclusion { class, value: Some(body.clone()), body },
        Ok(None) => within(class, body, policy),
        // Its texts name paths, which need no escaping in JSON.
        Err(error) => within(OutcomeClass::NotJson, format!(r#"{{"message":"{error}"}}"#), policy),
    }
}

fn unquoted(body: &str) -> &str {
    body.strip_prefix('"').and_then(|b| b.strip_suffix('"')).unwrap_or(body)
}

/// Enforces the size limit: the engine keeps values within the version's limit; an error's text is truncated if too long.
fn within(class: OutcomeClass, body: String, policy: &Policy) -> Conclusion {
    let fits = body.len() <= policy.max_result_bytes as usize;
    let body = if fits || class == OutcomeClass::Ok { body } else { "{}".to_owned() };
    Conclusion { class, body, value: None }
}
