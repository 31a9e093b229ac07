//! The chain edge: blocks by height, typed queries, the signing key and the transaction outbox.
//!
//! Everything a daemon asks of or sends to the chain passes here, behind [`ChainReader`]. This crate holds
//! the only signing key of a process (in [`Signer`]) and knows nothing of databases beyond the
//! [`outbox::OutboxStore`] trait.

pub mod config;
mod contact;
pub mod deploy;
pub mod error;
pub mod events;
pub mod follower;
mod inspect;
pub mod outbox;
pub mod query;
pub mod reader;
mod requests;
pub mod rpc;
pub mod signer;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tx;
pub mod types;

pub use config::ChainConfig;
pub use contact::connect;
pub use deploy::Deployer;
pub use error::{ChainError, Result};
pub use follower::{BlockNotifier, Follower};
pub use inspect::executes_only;
pub use outbox::{Outbox, OutboxClient, OutboxConfig, OutboxStore, Outcome};
pub use query::GatewayQuery;
pub use reader::ChainReader;
pub use rpc::RpcChain;
pub use signer::Signer;
pub use types::{Account, BlockEvents, BroadcastResult, Coin, RawEvent, Status, TxEvents, TxFound};
