//! Turns a run into the outcome that the request's policy makes of it. Pure.

use gateway_api::{OutcomeClass, Policy};
use gateway_engine::Run;
use gateway_protocol::{Decimal, value_tolerance};

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
    if value_tolerance(&policy.rule, class).is_some() {
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

/// The engine keeps values within the version's limit; an error's text is truncated where it does not fit.
fn within(class: OutcomeClass, body: String, policy: &Policy) -> Conclusion {
    let fits = body.len() <= policy.max_result_bytes as usize;
    let body = if fits || class == OutcomeClass::Ok { body } else { "{}".to_owned() };
    Conclusion { class, body, value: None }
}
