//! Errors between a daemon and its chain, and which are retryable.

use std::time::Duration;

/// Result of a call to the chain.
pub type Result<T, E = ChainError> = std::result::Result<T, E>;

/// A failed call to the chain.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChainError {
    /// The node could not be reached or the connection broke.
    #[error("{what}: cannot reach the node: {reason}")]
    Transport {
        /// The call.
        what: String,
        /// What the client reported.
        reason: String,
    },
    /// No answer in time.
    #[error("{what}: no answer within {after:?}")]
    Timeout {
        /// The call.
        what: String,
        /// The limit.
        after: Duration,
    },
    /// The answer exceeds the size limit.
    #[error("{what}: the answer exceeds {limit} bytes")]
    TooLarge {
        /// The call.
        what: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The node answered with an HTTP error status.
    #[error("{what}: the node answered HTTP {status}")]
    HttpStatus {
        /// The call.
        what: String,
        /// The status code.
        status: u16,
    },
    /// The node answered with a JSON-RPC error.
    #[error("{what}: the node refused (code {code}): {message}")]
    Rpc {
        /// The call.
        what: String,
        /// JSON-RPC code.
        code: i32,
        /// Message and data.
        message: String,
    },
    /// The block does not exist yet.
    #[error("block {height} is not available yet")]
    NotYet {
        /// Height asked for.
        height: u64,
    },
    /// The node no longer has the block, so its events are lost to the caller: reconcile with the contract's state.
    #[error(
        "block {height} is pruned; the node keeps blocks from {earliest}: reconcile with the contract and go on from there"
    )]
    Pruned {
        /// Height asked for.
        height: u64,
        /// Lowest height the node has.
        earliest: u64,
    },
    /// The application understood a query and refused it: for a smart query, the contract's own error.
    #[error("query {path} failed (code {code} of {codespace}): {log}")]
    Query {
        /// The query's path.
        path: String,
        /// Application code.
        code: u32,
        /// Its codespace.
        codespace: String,
        /// The reason.
        log: String,
    },
    /// A query or simulation exceeded the node's gas limit: ask for less.
    #[error("query {path} needs more gas than the node gives it: {log}")]
    QueryOutOfGas {
        /// The query's path.
        path: String,
        /// The node's error text.
        log: String,
    },
    /// The node cannot answer now (state not loaded, a recovered panic, still starting), or reported something unrecognised.
    #[error("{what}: the node is not well (code {code} of {codespace}): {log}")]
    NodeUnwell {
        /// The call.
        what: String,
        /// Application code.
        code: u32,
        /// Its codespace.
        codespace: String,
        /// The node's error text.
        log: String,
    },
    /// The node answered from a state older than requested: it lags, or its newest block is not committed yet.
    #[error("{what}: the node answers from height {have}, height {need} is needed")]
    NodeBehind {
        /// The call.
        what: String,
        /// Height of the answer.
        have: u64,
        /// The lowest height requested.
        need: u64,
    },
    /// The node keeps no index of transactions (`indexer = "null"`): search the blocks instead.
    #[error("the node keeps no index of transactions: set indexer = \"kv\" in its config.toml")]
    NoIndex,
    /// The node keeps no block results: it cannot serve a daemon.
    #[error("the node keeps no results of blocks: set discard_abci_responses = false in its config.toml")]
    NoResults,
    /// The request exceeds the node's size limit.
    #[error("{what}: larger than the node takes")]
    RequestTooLarge {
        /// The call.
        what: String,
    },
    /// The account does not exist on the chain: it never received coins.
    #[error("account {address} does not exist on the chain: send it some coins first")]
    NoAccount {
        /// The address.
        address: String,
    },
    /// The answer is malformed.
    #[error("{what}: cannot read the answer: {reason}")]
    Decode {
        /// What was read.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value given by the caller or the configuration is not valid.
    #[error("{what} is not valid: {reason}")]
    Invalid {
        /// The value's name.
        what: String,
        /// Why.
        reason: String,
    },
    /// The node belongs to another chain.
    #[error("the node is on chain {found}, the configuration says {expected}")]
    WrongChain {
        /// Configured chain id.
        expected: String,
        /// The node's chain id.
        found: String,
    },
    /// A transaction was refused by the node's pool or failed in its block.
    #[error("transaction {hash} failed (code {code} of {codespace}): {log}")]
    TxFailed {
        /// Its hash.
        hash: String,
        /// Application code.
        code: u32,
        /// Codespace.
        codespace: String,
        /// The reason.
        log: String,
    },
    /// A transaction was not included before its time-out height.
    #[error("transaction {hash} was not included by height {timeout_height}")]
    TxExpired {
        /// Its hash.
        hash: String,
        /// The height after which it can no longer be included.
        timeout_height: u64,
    },
    /// The key could not be read or used. Never carries key material.
    #[error("signing key: {reason}")]
    Key {
        /// Why.
        reason: String,
    },
    /// The process that holds the key does not answer, or refuses to sign: its operator may change that.
    #[error("signing key: {reason}")]
    NotSigned {
        /// Why.
        reason: String,
    },
    /// The answering chain is not the one followed so far: it was reset under the same id, or an old state was restored.
    #[error("{reason}")]
    Reset {
        /// The evidence, and what to do.
        reason: String,
    },
    /// The call was cancelled because the process is stopping.
    #[error("cancelled")]
    Cancelled,
}

impl ChainError {
    /// Returns whether the same call may succeed later without intervention.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { .. }
            | Self::Timeout { .. }
            | Self::NotYet { .. }
            | Self::NodeUnwell { .. }
            | Self::NodeBehind { .. }
            // Another endpoint, or a node that catches up, may belong to the right chain.
            | Self::Reset { .. }
            // Another endpoint may have them, and a node can be set up anew.
            | Self::NoIndex
            | Self::NoResults
            | Self::NotSigned { .. } => true,
            Self::HttpStatus { status, .. } => *status == 429 || *status >= 500,
            // A JSON-RPC error is the node's state (still starting, pool full, results not saved yet) unless it
            // says that the request itself is wrong.
            Self::Rpc { code, .. } => !matches!(code, -32700 | -32601 | -32602),
            Self::TooLarge { .. }
            | Self::RequestTooLarge { .. }
            | Self::QueryOutOfGas { .. }
            | Self::Pruned { .. }
            | Self::Query { .. }
            | Self::NoAccount { .. }
            | Self::Decode { .. }
            | Self::Invalid { .. }
            | Self::WrongChain { .. }
            | Self::TxFailed { .. }
            | Self::TxExpired { .. }
            | Self::Key { .. }
            | Self::Cancelled => false,
        }
    }

    pub(crate) fn decode(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Decode { what: what.into(), reason: reason.to_string() }
    }

    pub(crate) fn invalid(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Invalid { what: what.into(), reason: reason.to_string() }
    }
}

impl gateway_daemon_runtime::Retryable for ChainError {
    fn is_retryable(&self) -> bool {
        Self::is_retryable(self)
    }
}
