//! What every daemon shares: configuration, secrets, telemetry, health, HTTP problems, signals, task groups,
//! backoff, a bounded HTTP client, and where JSON documents differ.
//!
//! Nothing here knows what the product does: no chain, no database, no protocol.

pub mod backoff;
pub mod config;
pub mod extract;
pub mod health;
pub mod http;
mod json_diff;
pub mod metrics;
pub mod problem;
pub mod secret;
pub mod shutdown;
pub mod task_group;
pub mod telemetry;

pub use backoff::{Backoff, retry};
pub use json_diff::{Difference, MAX_DIFFERENCES, Side, json_differences};
pub use problem::Problem;
pub use secret::{Secret, SecretSource, SecretString, SecretUrl};
pub use task_group::TaskGroup;
/// Tells a task to stop; re-exported so that crates agree on one type.
pub use tokio_util::sync::CancellationToken;
