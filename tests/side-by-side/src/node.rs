//! node: fresh contexts of `node:vm` in one process, which isolate nothing, and a fresh process for each run, which
//! isolates as much as the user it runs as.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contender::{BenchError, Contender, Lane, Slice, repeat};
use crate::jobs::{Job, MOCK_FETCH};

const VM: &str = "node:vm";
const PROCESS: &str = "node process";

struct Contexts {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

#[derive(Serialize)]
struct Ask<'a> {
    code: &'a str,
    prelude: &'a str,
    input: &'a str,
    #[serde(rename = "budgetNs")]
    budget_ns: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Done { times: Vec<u64>, body: String },
    Failed { error: String },
}

/// Fresh contexts in one process for each lane.
pub(crate) fn in_fresh_contexts() -> Result<Contender, BenchError> {
    Ok(Contender::new(VM, |_| {
        let mut child = Command::new("node")
            .args(["-e", include_str!("node_vm.js")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let broken = || std::io::Error::other("node has no pipes");
        let to = child.stdin.take().ok_or_else(broken)?;
        let from = BufReader::new(child.stdout.take().ok_or_else(broken)?);
        Ok(Contexts { child, to, from })
    }))
}

fn prelude(job: &Job) -> &'static str {
    if job.fetches { MOCK_FETCH } else { "" }
}

impl Lane for Contexts {
    fn slice(&mut self, job: &Job, budget: Duration) -> Result<Slice, BenchError> {
        let budget_ns = u64::try_from(budget.as_nanos()).unwrap_or(u64::MAX);
        let ask = Ask { code: job.code, prelude: prelude(job), input: &job.input, budget_ns };
        let mut line = serde_json::to_string(&ask).map_err(std::io::Error::from)?;
        line.push('\n');
        self.to.write_all(line.as_bytes())?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        match serde_json::from_str(&line).map_err(std::io::Error::from)? {
            Answer::Done { times, body } => {
                Ok(Slice { times: times.into_iter().map(Duration::from_nanos).collect(), body })
            }
            Answer::Failed { error } => Err(BenchError::Failed { contender: VM, reason: error }),
        }
    }
}

impl Drop for Contexts {
    fn drop(&mut self) {
        // An error means that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Processes;

/// A fresh process for each run.
pub(crate) fn in_fresh_processes() -> Contender {
    Contender::new(PROCESS, |_| Ok(Processes))
}

impl Lane for Processes {
    fn slice(&mut self, job: &Job, budget: Duration) -> Result<Slice, BenchError> {
        let script = format!(
            "{}\n{}\nPromise.resolve(mainFunction(JSON.parse(require('node:fs').readFileSync(0, 'utf8')))).then((v) => console.log(JSON.stringify(v)))",
            prelude(job),
            job.code
        );
        repeat(budget, || {
            let mut child = Command::new("node")
                .args(["-e", &script])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            if let Some(mut input) = child.stdin.take() {
                input.write_all(job.input.as_bytes())?;
            }
            let output = child.wait_with_output()?;
            String::from_utf8(output.stdout)
                .map_err(|e| BenchError::Failed { contender: PROCESS, reason: e.to_string() })
        })
    }
}
