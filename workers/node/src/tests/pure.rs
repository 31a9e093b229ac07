//! Conclusions and schedules, without any task.

use gateway_api::{AgreementRule, OutcomeClass, Policy, RequestId};
use gateway_engine::{Run, Usage};
use gateway_protocol::DrawContext;
use gateway_testkit::DOMAIN;

use crate::assign::assign;
use crate::code::may_fetch;
use crate::outcome::{Conclusion, conclude};
use crate::schedule::{may_run, may_send, pause};

fn run(class: OutcomeClass, body: &str) -> Run {
    Run { class, body: body.to_owned(), logs: Vec::new(), detail: None, usage: Usage::default() }
}

fn median() -> Policy {
    Policy { rule: AgreementRule::Median { tolerance_bps: 0 }, ..Policy::default() }
}

#[test]
fn a_median_takes_decimals_as_numbers_or_texts_and_nothing_else() {
    let value = |body: &str| conclude(run(OutcomeClass::Ok, body), &median());
    for (body, decimal) in [("1.5", "1.5"), ("\"1.5\"", "1.5"), ("-3", "-3"), ("0", "0")] {
        let (body, text) = (value(body), decimal.to_owned());
        assert_eq!(body, Conclusion { class: OutcomeClass::Ok, body: text.clone(), value: Some(text) });
    }
    for body in ["1e+21", "\"1.50\"", "[1]", "null", "\"\"", "\"", "true"] {
        let conclusion = value(body);
        assert_eq!((conclusion.class, conclusion.value), (OutcomeClass::NotJson, None), "{body}");
    }
    let error = conclude(run(OutcomeClass::JsThrow, "{\"message\":\"x\"}"), &median());
    assert_eq!((error.class, error.value), (OutcomeClass::JsThrow, None));
}

#[test]
fn an_error_text_is_truncated_to_the_limit() {
    let policy = Policy { max_result_bytes: 10, ..Policy::default() };
    assert_eq!(conclude(run(OutcomeClass::JsThrow, "{\"message\":\"long\"}"), &policy).body, "{}");
    assert_eq!(conclude(run(OutcomeClass::JsThrow, "{\"a\":1}"), &policy).body, "{\"a\":1}");
}

#[test]
fn a_first_attempt_is_due_at_the_draw_and_pauses_double_up_to_a_cap() {
    let world = super::fixture::World::new();
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    let seen = world.chain.request(RequestId(1));
    let height = seen.draw.as_ref().unwrap().height;
    let seed = seen.draw.as_ref().unwrap().seed;
    let context = DrawContext::new(&DOMAIN, &seed, seen.request);
    let mut job = assign(Some(super::fixture::secret().draw(&context)), 8, seen);
    assert!(may_run(&job, height) && may_send(&job, height));
    assert!(!may_run(&job, height - 1) && !may_send(&job, height - 1));
    job.attempt = Some(gateway_api::Attempt(1));
    assert!(may_run(&job, height) && !may_send(&job, height + 2) && may_send(&job, height + 3));
    job.seen.draw = None;
    assert!(!may_run(&job, u64::MAX) && !may_send(&job, u64::MAX));
    assert_eq!([1, 2, 3, 4, 5, 6, 99].map(pause), [1, 2, 4, 8, 16, 16, 16]);
}

#[test]
fn code_that_names_hosts_may_fetch() {
    assert!(may_fetch(br#"/* gateway-manifest {"hosts": ["api.example.com"]} */"#));
    for quiet in [&br#"/* gateway-manifest {"limits": {}} */"#[..], b"export default () => 1", &[0xff]] {
        assert!(!may_fetch(quiet), "{quiet:?}");
    }
}
