//! What a fake chain requires of a contract that executes its transactions in place of the fake's own rules.

use std::fmt;

use crate::types::{Coin, RawEvent};

/// A message to the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Who sends it.
    pub sender: String,
    /// The message's JSON.
    pub msg: Vec<u8>,
    /// The coins sent with it.
    pub funds: Vec<Coin>,
}

/// A message that the contract refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedMessage {
    /// Its position in the transaction.
    pub index: usize,
    /// The contract's error.
    pub reason: String,
}

/// Executes transactions.
pub trait Contract: fmt::Debug + Send + Sync {
    /// Begins the block in which the following transactions are executed.
    fn begin_block(&self, height: u64, time_ns: u64);

    /// Executes the messages of a transaction, all or none, and returns what they emitted.
    ///
    /// # Errors
    /// [`RefusedMessage`]: the first message that the contract refuses.
    fn execute(&self, messages: &[Execution]) -> Result<Vec<RawEvent>, RefusedMessage>;

    /// Executes the messages of a transaction on the newest state and discards the effects.
    ///
    /// # Errors
    /// [`RefusedMessage`]: the first message that the contract refuses.
    fn simulate(&self, messages: &[Execution]) -> Result<(), RefusedMessage>;
}
