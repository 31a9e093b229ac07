//! The golden cases of `tests/js`: each directory has `case.js`, perhaps `input.json`, and `expected.out` with
//! the class and the body of the outcome, or `abstain` and the reasons that are right.
//!
//! `GATEWAY_BLESS=1` writes the files of outcomes anew; read the difference before committing it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;

use common::{cases, engine, job};
use gateway_engine::{Job, Limits, Profile, RunError};

/// Cases whose outcome says where a stack overflowed: with compilers that depends on when they step in.
const DEPENDS_ON_COMPILERS: &[&str] = &["endless-tojson-nesting"];

async fn run_all(profile: Profile) {
    let engine = engine().await;
    let bless = std::env::var_os("GATEWAY_BLESS").is_some() && profile == Profile::Jitless;
    let mut wrong = Vec::new();
    for case in cases() {
        if profile == Profile::Jit && DEPENDS_ON_COMPILERS.iter().any(|name| case.ends_with(name)) {
            continue;
        }
        let code = fs::read_to_string(case.join("case.js")).unwrap();
        let input = fs::read_to_string(case.join("input.json")).unwrap_or_else(|_| "null".to_owned());
        let limits = Limits { cpu_ms: 400, ..Limits::default() };
        let job = Job { project: 9, limits, profile, ..job(&code, input.trim_end()) };
        let expected = fs::read_to_string(case.join("expected.out")).unwrap_or_default();
        let got = match engine.run(job).await {
            Ok(run) => format!("{}\n{}\n", run.class, run.body),
            Err(RunError::Abstain { reason, .. }) => format!("abstain {reason}\n"),
            Err(error) => panic!("{}: {error}", case.display()),
        };
        // Which limit stops code that wastes several is a matter of the machine.
        let right = got == expected
            || (got.starts_with("abstain")
                && expected.starts_with("abstain")
                && expected.split_whitespace().skip(1).any(|reason| got.trim_end().ends_with(reason)));
        if !right && bless {
            fs::write(case.join("expected.out"), &got).unwrap();
        } else if !right {
            wrong.push(format!("{}\n  expected {expected:?}\n  got      {got:?}", case.display()));
        }
    }
    let alive = engine.run(job("export default () => 'alive'", "0")).await.unwrap();
    assert_eq!(alive.body, "\"alive\"");
    engine.shutdown().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn golden_cases_without_compilers() {
    assert!(cases().len() > 50);
    run_all(Profile::Jitless).await;
}

#[tokio::test]
async fn golden_cases_with_compilers() {
    if std::env::var_os("GATEWAY_BLESS").is_none() {
        run_all(Profile::Jit).await;
    }
}
