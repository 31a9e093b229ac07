//! What every daemon shares: configuration, secrets, telemetry, health, HTTP problems, signals, task groups,
//! backoff and a bounded HTTP client.
//!
//! Nothing here knows what the product does: no chain, no database, no protocol.

pub mod backoff;
pub mod config;
pub mod extract;
pub mod health;
pub mod http;
pub mod metrics;
pub mod problem;
pub mod secret;
pub mod shutdown;
pub mod task_group;
pub mod telemetry;

pub use backoff::{Backoff, retry};
pub use problem::Problem;
pub use secret::{Secret, SecretSource, SecretString, SecretUrl};
pub use task_group::TaskGroup;
/// Tells a task to stop; re-exported so that crates agree on one type.
pub use tokio_util::sync::CancellationToken;
