//! The page's initial settings: the addresses it queries. A reader may set others.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Addresses for the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplorerConfig {
    /// A node of the chain: its Tendermint RPC, as a browser reaches it.
    pub rpc: String,
    /// The contract's address.
    pub contract: String,
    /// A relay, as a browser reaches it; empty for the page's own server, absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// Global's code store, as a browser reaches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub global: Option<String>,
    /// Further origins that the page may ask where its reader names them.
    #[serde(skip)]
    pub connect: Vec<String>,
}

/// What is wrong with an address.
#[derive(Debug, Error)]
#[error("{address:?} is no http or https address: {fault}")]
pub struct ExplorerConfigError {
    /// The address.
    pub address: String,
    /// What is wrong.
    pub fault: String,
}
