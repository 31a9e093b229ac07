//! Boa by the crate `boa_engine`: a fresh context for each run, in this process, without any sandbox.

use std::time::Duration;

use boa_engine::property::Attribute;
use boa_engine::{Context, JsString, JsValue, Source, js_string};

use crate::contender::{BenchError, Contender, Lane, Slice, repeat};
use crate::jobs::{Job, MOCK_FETCH};
use crate::quickjs::CALL;

const NAME: &str = "boa";

struct InProcess;

/// Boa.
pub(crate) fn contender() -> Contender {
    Contender::new(NAME, |_| Ok(InProcess))
}

impl Lane for InProcess {
    fn slice(&mut self, job: &Job, budget: Duration) -> Result<Slice, BenchError> {
        repeat(budget, || {
            run(job).map_err(|error| BenchError::Failed { contender: NAME, reason: error.to_string() })
        })
    }
}

fn run(job: &Job) -> Result<String, boa_engine::JsError> {
    let mut context = Context::default();
    let input = JsValue::from(JsString::from(job.input.as_str()));
    context.register_global_property(js_string!("input"), input, Attribute::all())?;
    if job.fetches {
        context.eval(Source::from_bytes(MOCK_FETCH))?;
    }
    context.eval(Source::from_bytes(job.code))?;
    context.eval(Source::from_bytes(CALL))?;
    context.run_jobs()?;
    let output = context.global_object().get(js_string!("output"), &mut context)?;
    Ok(output.to_string(&mut context)?.to_std_string_lossy())
}
