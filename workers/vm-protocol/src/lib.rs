//! The frames between a daemon and its VM worker process: what a job is, what it may use, how it ended.
//!
//! It knows neither V8 nor an async runtime. Both sides treat the other's bytes as hostile: a frame has a
//! length that is checked before a byte of it is kept, and decoding never trusts a length inside it.

mod bytes;
mod clip;
mod codec;
mod frame;
mod job;
mod numbers;
mod outcome;
mod placeholder;
mod start;

pub use bytes::Bytes;
pub use clip::clip;
pub use codec::{FrameError, HEADER_BYTES, decode, encode, frame_length, read_frame, write_frame};
pub use frame::{
    FetchFailure, FetchRequest, FetchResponse, FromWorker, Hello, LogLevel, MAX_FROM_WORKER,
    MAX_HEADER_BYTES, MAX_HEADERS, MAX_TO_WORKER, MAX_URL, PROTOCOL_VERSION, ToWorker, check_url,
    header_bytes,
};
pub use gateway_api::OutcomeClass;
pub use job::{JobSpec, Limits, Profile, Task};
pub use numbers::{Exactness, Inexact, inexact_number};
pub use outcome::{Detail, Done, Ending, Resource, StopSite, Usage};
pub use start::{SNAPSHOT_ROOM, SnapshotFile, WORKER_SUBCOMMAND};
