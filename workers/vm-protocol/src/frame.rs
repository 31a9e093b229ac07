//! The messages of both directions. What crosses here is data; neither side sends handles or paths.

use serde::{Deserialize, Serialize};

use crate::placeholder::sent_length;
use crate::{Bytes, Done, JobSpec};

/// Version of this protocol; a worker of another version is not used.
pub const PROTOCOL_VERSION: u32 = 4;

/// Largest frame a daemon sends: code, input and a fetched body fit with room to spare.
pub const MAX_TO_WORKER: usize = 8 << 20;

/// Largest frame a worker sends: a response that the code's transform has made larger, or a result at the hard cap.
pub const MAX_FROM_WORKER: usize = 4 << 20;

/// From the daemon to its worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Run this job; exactly one [`FromWorker::Done`] answers it.
    Job(Box<JobSpec>),
    /// The answer to the fetch of this id.
    Fetched {
        /// Id of the request it answers.
        id: u32,
        /// Milliseconds from the start of the request to its end. A timer that is due no later than this fires first.
        took_ms: u32,
        /// Response, or why there is none.
        result: Result<FetchResponse, FetchFailure>,
    },
    /// The fetch of this id has no answer within the time that [`FromWorker::Wait`] named.
    Late {
        /// Id of the request.
        id: u32,
    },
}

/// From a worker to its daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// First frame of a worker: it is ready for a job.
    Hello(Hello),
    /// The code wrote to its console.
    Log {
        /// Console method.
        level: LogLevel,
        /// One line or more, cut by the worker at its own limits.
        text: String,
    },
    /// The code asks for a web resource.
    Fetch(FetchRequest),
    /// The code waits for this fetch, and a timer of its own is due this long after the request was started: answered
    /// by [`ToWorker::Fetched`] or, when that time has passed, by [`ToWorker::Late`].
    Wait {
        /// Id of the request.
        id: u32,
        /// Milliseconds since the request was started.
        ms: u32,
    },
    /// What the code's transform made of the answer to this fetch; it is what counts.
    Transformed {
        /// Id of the request.
        id: u32,
        /// The response in place of the one that was sent.
        response: FetchResponse,
    },
    /// The job is over.
    Done(Box<Done>),
    /// The worker is about to die, and why as far as it knows.
    FatalReport {
        /// The resource that ran out, when that is the reason.
        resource: Option<crate::Resource>,
        /// V8's own words.
        text: String,
    },
}

/// What a worker says of itself when it is ready.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`] of the worker.
    pub protocol: u32,
    /// Hash over everything in the worker that can change a result.
    pub engine_id: [u8; 32],
    /// V8's version.
    pub v8_version: String,
    /// Sandbox layers in force, by name.
    pub layers: Vec<String>,
    /// Layers that could not be put in force, with the reason.
    pub missing_layers: Vec<String>,
}

/// Console method of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// `console.debug` and `console.trace`.
    Debug,
    /// `console.log` and `console.info`.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error` and a failed `console.assert`.
    Error,
}

/// A web request of the code, before any policy has looked at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRequest {
    /// Unique within the job, counted from 0.
    pub id: u32,
    /// Method in upper case.
    pub method: String,
    /// Absolute URL as the code gave it.
    pub url: String,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// Body, empty when there is none.
    pub body: Bytes,
    /// Milliseconds to wait before sending: what the code's virtual clock has advanced without anybody waiting.
    pub after_ms: u32,
    /// A limit of the request's own in milliseconds, below the project's.
    pub limit_ms: Option<u32>,
}

/// Longest URL of a request, bytes.
pub const MAX_URL: usize = 2_048;

/// Most headers of a request, or of a response as the code's transform left it.
pub const MAX_HEADERS: usize = 32;

/// Most bytes of header names and values of a response together: four shown headers of at most 16 KiB.
const MAX_RESPONSE_HEADER_BYTES: usize = 72 << 10;

/// Most bytes of header names and values of a request together.
pub const MAX_HEADER_BYTES: usize = 8_192;

impl FetchRequest {
    /// Checks what a request may be whatever its target: both sides do, because a worker may have been taken over.
    ///
    /// # Errors
    /// A `String` that says in words what is too large, and its limit.
    pub fn check(&self, limits: &crate::Limits) -> Result<(), String> {
        check_url(&self.url)?;
        check_headers(&self.headers, MAX_HEADER_BYTES)?;
        let (bytes, limit) = (self.body.0.len(), limits.fetch_body_bytes as usize);
        if bytes > limit {
            return Err(format!("the request body has {bytes} bytes; the limit is {limit}"));
        }
        Ok(())
    }
}

impl FetchResponse {
    /// Checks a response as the code's transform left it.
    ///
    /// # Errors
    /// A `String` that says in words what is too large, and its limit.
    pub fn check(&self, limits: &crate::Limits) -> Result<(), String> {
        check_headers(&self.headers, MAX_RESPONSE_HEADER_BYTES)?;
        let (bytes, limit) = (self.body.0.len(), limits.fetch_bytes as usize);
        if bytes > limit {
            return Err(format!("{bytes} bytes of a response; the limit is {limit}"));
        }
        Ok(())
    }
}

/// Checks the length of a URL, however it is spelled.
///
/// # Errors
/// A `String` with its length and the limit.
pub fn check_url(url: &str) -> Result<(), String> {
    let length = sent_length(url);
    if length > MAX_URL {
        return Err(format!("the URL has {length} bytes; the limit is {MAX_URL}"));
    }
    Ok(())
}

/// Returns how many bytes of header names and values count against the limit.
pub fn header_bytes(headers: &[(String, String)]) -> usize {
    headers.iter().map(|(name, value)| name.len().saturating_add(sent_length(value))).sum()
}

fn check_headers(headers: &[(String, String)], limit: usize) -> Result<(), String> {
    if headers.len() > MAX_HEADERS {
        return Err(format!("{} headers; the limit is {MAX_HEADERS}", headers.len()));
    }
    let bytes = header_bytes(headers);
    if bytes > limit {
        return Err(format!("{bytes} bytes of headers; the limit is {limit}"));
    }
    Ok(())
}

/// The part of a web response that code gets to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchResponse {
    /// HTTP status.
    pub status: u16,
    /// Final URL after redirects.
    pub url: String,
    /// Allowed header subset, names in lower case, sorted.
    pub headers: Vec<(String, String)>,
    /// Body after decompression.
    pub body: Bytes,
    /// Whether the code's transform has been applied already, as in a recording.
    pub transformed: bool,
}

/// Why a fetch gave no response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FetchFailure {
    /// The project's policy forbids it: the same on every node.
    Denied(String),
    /// The network or the other side failed: another node may see something else.
    Failed(String),
    /// This node alone cannot make the request, as where its operator has not set a secret. The code never sees it: the
    /// run ends and the node abstains.
    Local(String),
}
