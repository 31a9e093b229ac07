//! What relay, node and global share above chain, store and HTTP: one start-up, one mirror of the contract, one readiness.
//!
//! Nothing here knows what a daemon does with a block: it brings the blocks, retries, and says whether that goes well.

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
