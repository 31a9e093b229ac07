//! What relay, node and global share on top of chain, store and HTTP: one start-up, one mirror of the contract, one readiness.
//!
//! Nothing here knows what a daemon does with a block: this crate delivers the blocks, retries, and reports how that goes.

mod account;
mod daemon;
mod error;
mod funds;
mod mirror;
mod progress;
mod retention;
mod same_chain;
mod standby;

pub use account::{Account, AccountConfig};
pub use daemon::{Connection, Daemon};
pub use error::DaemonError;
pub use mirror::{ChainMirror, ContractBlock, ContractEvent, MirrorSink, retry_until_answered};
pub use progress::Progress;
pub use retention::prune;
pub use standby::in_turns;
