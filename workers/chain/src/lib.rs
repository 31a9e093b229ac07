//! The chain edge: blocks by height, typed queries, the signing key and the transaction outbox.
//!
//! Everything a daemon asks of the chain passes through [`ChainReader`], everything it sends through [`Broadcaster`]. This
//! crate holds the only signing key of a process (in [`Signer`]) and knows nothing of databases beyond the
//! [`outbox::OutboxStore`] trait.

pub mod config;
mod contact;
pub mod deploy;
mod endpoints;
pub mod error;
pub mod events;
pub mod fees;
pub mod follower;
mod inspect;
mod node_urls;
mod node_wording;
pub mod outbox;
pub mod paging;
pub mod query;
pub mod reader;
mod rpc;
pub mod signer;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tx;
pub mod types;

pub use config::ChainConfig;
pub use contact::connect;
pub use deploy::Deployer;
pub use endpoints::Endpoints;
pub use error::{ChainError, Result};
pub use fees::{FeePolicy, PriceSetting};
pub use follower::{BlockNotifier, Follower};
pub use inspect::{Spending, executes_only, spending};
pub use node_urls::NodeUrls;
pub use outbox::{Outbox, OutboxClient, OutboxConfig, OutboxStore, Outcome};
pub use query::GatewayQuery;
pub use reader::{Broadcaster, Chain, ChainReader};
pub use signer::Signer;
pub use types::{
    Account, Answer, BlockEvents, BroadcastResult, Coin, MinimumPrice, RawEvent, Status, TxEvents, TxFound,
};
