//! What can be determined about a job before a worker sees it: outcomes that need no V8, the same on every node.

use gateway_vm_protocol::{Exactness, Inexact, OutcomeClass, Usage, inexact_number};
use serde::Serialize;

use crate::job::{Job, Run};
use crate::manifest::{Manifest, ManifestError};

/// What the worker gets to compile.
pub(crate) struct Source {
    /// The text: the author's, in a platform's wrapper if the manifest names one.
    pub(crate) code: String,
    /// Length of what the wrapper puts before the author's first line.
    pub(crate) prefix: u32,
    /// The author's manifest.
    pub(crate) manifest: Manifest,
}

/// Determines without a worker whether a job can only end in an error; otherwise returns what is to be compiled.
pub(crate) fn refuse(job: &Job) -> Result<Source, (OutcomeClass, String)> {
    let limits = &job.limits;
    if job.code.len() > limits.code_bytes as usize {
        let text = format!("the code has {} bytes; the limit is {}", job.code.len(), limits.code_bytes);
        return Err((OutcomeClass::JsSyntax, text));
    }
    if job.input.len() > limits.input_bytes as usize {
        let text = format!("the input has {} bytes; the limit is {}", job.input.len(), limits.input_bytes);
        return Err((OutcomeClass::InputNotJson, text));
    }
    if let Some(Inexact { pointer, digits }) = inexact_number(&job.input, Exactness::Value) {
        let place =
            if pointer.is_empty() { "the input".to_owned() } else { format!("{pointer} of the input") };
        let text =
            format!("{place} is {digits}, which a number of JavaScript's cannot hold: send it as a text");
        return Err((OutcomeClass::InputNotJson, text));
    }
    let code = std::str::from_utf8(&job.code).map_err(|e| {
        (OutcomeClass::JsSyntax, format!("the code is not UTF-8 at byte {}", e.valid_up_to()))
    })?;
    let manifest = Manifest::of(code).map_err(|e: ManifestError| (OutcomeClass::JsSyntax, e.to_string()))?;
    let (code, prefix) = manifest.compat.map_or_else(|| (code.to_owned(), 0), |compat| compat.wrap(code));
    Ok(Source { code, prefix, manifest })
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    message: &'a str,
}

pub(crate) fn refused(class: OutcomeClass, message: &str) -> Run {
    // A single string always has a canonical form.
    let body = serde_json_canonicalizer::to_string(&ErrorBody { message }).unwrap_or_default();
    Run { class, body, logs: Vec::new(), detail: None, usage: Usage::default() }
}
