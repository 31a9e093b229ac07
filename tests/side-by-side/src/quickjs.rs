//! QuickJS by the crate `rquickjs`: a fresh runtime and context for each run, in this process, without any sandbox.

use std::time::Duration;

use rquickjs::{Context, Ctx, Runtime};

use crate::contender::{BenchError, Contender, Lane, Slice, repeat};
use crate::jobs::{Job, MOCK_FETCH};

const NAME: &str = "quickjs";

/// What calls the entry and keeps its result.
pub(crate) const CALL: &str =
    "Promise.resolve(mainFunction(JSON.parse(input))).then((v) => { globalThis.output = JSON.stringify(v) })";

struct InProcess;

/// QuickJS.
pub(crate) fn contender() -> Contender {
    Contender::new(NAME, |_| Ok(InProcess))
}

impl Lane for InProcess {
    fn slice(&mut self, job: &Job, budget: Duration) -> Result<Slice, BenchError> {
        repeat(budget, || run(job))
    }
}

fn run(job: &Job) -> Result<String, BenchError> {
    let failed = |reason: String| BenchError::Failed { contender: NAME, reason };
    let runtime = Runtime::new().map_err(|e| failed(e.to_string()))?;
    let context = Context::full(&runtime).map_err(|e| failed(e.to_string()))?;
    context.with(|ctx| {
        let evaluate = |source: &str| match ctx.eval::<(), _>(source) {
            Ok(()) => Ok(()),
            Err(error) => Err(failed(format!("{error}: {:?}", ctx.catch()))),
        };
        ctx.globals().set("input", job.input.as_str()).map_err(|e| failed(e.to_string()))?;
        if job.fetches {
            evaluate(MOCK_FETCH)?;
        }
        evaluate(job.code)?;
        // The completion value is a promise, which is not looked at.
        evaluate(&format!("{CALL}; undefined"))
    })?;
    while runtime.execute_pending_job().map_err(|e| failed(format!("{e:?}")))? {}
    context.with(|ctx: Ctx<'_>| ctx.globals().get("output")).map_err(|e| failed(e.to_string()))
}
