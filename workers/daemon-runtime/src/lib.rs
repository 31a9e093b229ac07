//! What every daemon shares: configuration, secrets, telemetry, readiness, metrics, signals, task groups, back-off, a bounded
//! HTTP client, keys held by a signer, and differences between JSON documents.
//!
//! Nothing here knows what the product does: no chain, no database, no protocol, and no HTTP service.

pub mod backoff;
pub mod bounds;
pub mod config;
pub mod documented;
pub mod health;
pub mod http;
mod json_diff;
pub mod metrics;
pub mod remote_signer;
mod retryable;
pub mod secret;
pub mod shutdown;
pub mod task_group;
pub mod telemetry;
pub mod text;

pub use backoff::{Backoff, retry};
pub use bounds::{OutOfBounds, check_bounds};
pub use json_diff::{Difference, MAX_DIFFERENCES, Side, json_differences};
pub use retryable::Retryable;
pub use secret::{Secret, SecretSource, SecretString, SecretUrl};
pub use task_group::TaskGroup;
/// Cancels a task; re-exported so that crates agree on one type.
pub use tokio_util::sync::CancellationToken;
