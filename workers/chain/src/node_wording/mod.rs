//! All node texts that affect a decision, in one place: what an answer of CometBFT, the Cosmos SDK or wasmd means.
//!
//! Codes are used where a node sends them. Queries and simulations wrap most failures into one code, and the RPC gives some
//! answers as free text, so there the text decides. `tests.rs` pins the texts with real answers of nodes.
//!
//! Anything not listed is attributed to the node's own state, never to the request. A message is given up only for a text which
//! states that the chain executed and refused it.

use crate::error::ChainError;
use crate::types::Coin;

/// Codespace of the SDK's root errors.
pub(crate) const SDK: &str = "sdk";

/// Codes of the SDK's root errors (`types/errors/errors.go` of the Cosmos SDK 0.50).
pub(crate) mod code {
    pub(crate) const FUNDS: u32 = 5;
    pub(crate) const OUT_OF_GAS: u32 = 11;
    pub(crate) const FEE: u32 = 13;
    pub(crate) const IN_MEMPOOL: u32 = 19;
    pub(crate) const MEMPOOL_FULL: u32 = 20;
    pub(crate) const TOO_LARGE: u32 = 21;
    pub(crate) const NOT_FOUND: u32 = 22;
    pub(crate) const TIMED_OUT: u32 = 30;
    pub(crate) const SEQUENCE: u32 = 32;
    /// A recovered panic, whatever the codespace.
    pub(crate) const PANIC: u32 = 111_222;
}

/// Prefix of each failure of an executed message; the message's index follows.
const MESSAGE: &str = "failed to execute message; message index: ";

/// What a failed application query means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryMeaning {
    /// The application understood and refused: the contract's own error, or something that does not exist.
    Refused,
    /// It exceeded the node's gas limit for queries.
    OutOfGas,
    /// The node cannot answer now.
    NodeUnwell,
}

/// What a failed simulation means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SimulationMeaning {
    /// The sequence is not the one expected now.
    Sequence,
    /// An account has too few coins: the sender of the message at the index, or the payer of the fee.
    Funds(Option<usize>),
    /// The message at the index was executed and refused.
    Message(usize),
    /// It exceeded the gas limit of the node or of a block.
    OutOfGas,
    /// The node cannot answer now, or reported something unrecognised.
    NodeUnwell,
}

/// What an answer to a broadcast means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PoolMeaning {
    /// The pool has the transaction.
    Taken,
    /// The sequence is not the one expected now.
    Sequence,
    /// The pool is full: the same bytes may be accepted later.
    Full,
    /// The time-out height has passed.
    TimedOut,
    /// Exceeds the node's size limit.
    TooLarge,
    /// The fee is below the chain's minimum.
    FeeTooLow,
    /// The account cannot pay.
    Funds,
    /// Anything else: the signature, the configuration, or the node.
    Other,
}

/// What a JSON-RPC error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RpcMeaning {
    /// The node keeps no index of transactions.
    NoIndex,
    /// The node keeps no block results.
    NoResults,
    /// The index has no such transaction.
    NoTransaction,
    /// The pool already has the transaction.
    InPool,
    /// The pool is full.
    PoolFull,
    /// The transaction or the request exceeds the node's size limit.
    TooLarge,
    /// Anything else.
    Other,
}

/// Interprets a failed application query other than a simulation.
pub(crate) fn query(code: u32, codespace: &str, log: &str) -> QueryMeaning {
    let refused = [
        "query wasm contract failed",
        "no such contract",
        "unknown query path",
        "unknown service",
        "code = NotFound",
        "code = InvalidArgument",
        "not found: key not found",
    ];
    if code == code::PANIC {
        QueryMeaning::NodeUnwell
    } else if code == code::OUT_OF_GAS && codespace == SDK || log.contains("out of gas") {
        QueryMeaning::OutOfGas
    } else if codespace == "wasm"
        || code == code::NOT_FOUND && codespace == SDK
        || refused.iter().any(|text| log.contains(text))
    {
        QueryMeaning::Refused
    } else {
        QueryMeaning::NodeUnwell
    }
}

/// Returns whether a refused query means that the requested object does not exist.
pub(crate) fn does_not_exist(code: u32, log: &str) -> bool {
    code == code::NOT_FOUND || log.contains("not found")
}

/// Interprets a failed simulation.
pub(crate) fn simulation(code: u32, codespace: &str, log: &str) -> SimulationMeaning {
    let sdk = codespace == SDK;
    let message = message_index(log);
    if code == code::PANIC {
        SimulationMeaning::NodeUnwell
    } else if sdk && code == code::SEQUENCE || log.contains("incorrect account sequence") {
        SimulationMeaning::Sequence
    } else if sdk && code == code::OUT_OF_GAS || log.contains("out of gas in location") {
        SimulationMeaning::OutOfGas
    } else if sdk && code == code::FUNDS || log.contains("insufficient fund") {
        SimulationMeaning::Funds(message)
    } else if let Some(index) = message {
        SimulationMeaning::Message(index)
    } else {
        SimulationMeaning::NodeUnwell
    }
}

/// Extracts the index of the message that caused a failure, in a simulation or in a block.
pub(crate) fn message_index(log: &str) -> Option<usize> {
    let (_, rest) = log.split_once(MESSAGE)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..digits)?.parse().ok()
}

/// Interprets the answer to a broadcast.
pub(crate) fn pool(code: u32, codespace: &str) -> PoolMeaning {
    match code {
        0 => PoolMeaning::Taken,
        _ if codespace != SDK => PoolMeaning::Other,
        code::IN_MEMPOOL => PoolMeaning::Taken,
        code::MEMPOOL_FULL => PoolMeaning::Full,
        code::TOO_LARGE => PoolMeaning::TooLarge,
        code::TIMED_OUT => PoolMeaning::TimedOut,
        code::SEQUENCE => PoolMeaning::Sequence,
        code::FEE => PoolMeaning::FeeTooLow,
        code::FUNDS => PoolMeaning::Funds,
        _ => PoolMeaning::Other,
    }
}

/// Interprets a JSON-RPC error.
pub(crate) fn rpc(message: &str) -> RpcMeaning {
    let says = |text: &str| message.contains(text);
    if says("indexing is disabled") {
        RpcMeaning::NoIndex
    } else if says("not persisting finalize block responses") || says("not persisting abci responses") {
        RpcMeaning::NoResults
    } else if says("tx (") && says(") not found") {
        RpcMeaning::NoTransaction
    } else if says("already exists in cache") {
        RpcMeaning::InPool
    } else if says("mempool is full") {
        RpcMeaning::PoolFull
    } else if says("Tx too large") || says("request body too large") {
        RpcMeaning::TooLarge
    } else {
        RpcMeaning::Other
    }
}

/// Returns whether the body of an HTTP error means that the request was too large.
pub(crate) fn http_too_large(status: u16, body: &str) -> bool {
    status == 413 || body.contains("request body too large")
}

/// Parses the fee in `denom` demanded by a refusal with code 13: the SDK's `required: …`, Archway's `min fee: …`.
pub(crate) fn required_fee(log: &str, denom: &str) -> Option<Coin> {
    let rest = ["required: ", "min fee: "].iter().find_map(|mark| log.split_once(mark))?.1;
    let coins = rest.split(':').next()?;
    coins.split(',').map(str::trim).find_map(|coin| {
        let digits = coin.find(|c: char| !c.is_ascii_digit())?;
        let (amount, found) = coin.split_at(digits);
        (found == denom).then(|| amount.parse().ok()).flatten().map(|amount| Coin::new(amount, denom))
    })
}

/// Returns whether a refused query means that the chain does not support it.
pub(crate) fn unknown_query(error: &ChainError) -> bool {
    matches!(error, ChainError::Query { log, .. }
        if log.contains("unknown query path") || log.contains("unknown service"))
}

#[cfg(test)]
mod tests;
