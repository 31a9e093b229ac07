//! What a refusal by the chain means for the messages in it.
//!
//! Broadcasting answers with codes; simulation only with words (the SDK wraps every failure into one code), so
//! the few words that matter are matched here and pinned by a test.

use crate::error::ChainError;
use crate::types::BroadcastResult;

/// Why the chain's pool refused a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PoolAnswer {
    /// It has the transaction.
    Taken,
    /// The sequence is not the one expected now.
    WrongSequence,
    /// The pool is full: the same bytes may be taken later.
    Full,
    /// The time-out height is passed already.
    TimedOut,
    /// Too large for the pool.
    TooLarge,
    /// Anything else: the account (funds, fee, signature) or the configuration.
    Refused,
}

impl PoolAnswer {
    pub(super) fn of(result: &BroadcastResult) -> Self {
        if result.code == 0 {
            return Self::Taken;
        }
        if result.codespace != "sdk" {
            return Self::Refused;
        }
        match result.code {
            19 => Self::Taken,
            20 => Self::Full,
            21 => Self::TooLarge,
            30 => Self::TimedOut,
            32 => Self::WrongSequence,
            _ => Self::Refused,
        }
    }
}

/// Why a simulation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SimulationFault {
    /// Not the messages' fault: the connection, or an answer that makes no sense.
    Chain(ChainError),
    /// The sequence is not the one expected now.
    WrongSequence,
    /// Somebody has too few coins: the account for its fees, or a message.
    Funds(String),
    /// The messages cannot be executed.
    Message(String),
}

impl SimulationFault {
    pub(super) fn of(error: ChainError) -> Self {
        let ChainError::Query { code, codespace, log, .. } = error else { return Self::Chain(error) };
        let sdk = codespace == "sdk";
        if sdk && code == 32 || log.contains("incorrect account sequence") {
            Self::WrongSequence
        } else if sdk && code == 5 || log.contains("insufficient fund") {
            Self::Funds(log)
        } else {
            Self::Message(log)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simulated(code: u32, codespace: &str, log: &str) -> SimulationFault {
        SimulationFault::of(ChainError::Query {
            path: "/cosmos.tx.v1beta1.Service/Simulate".into(),
            code,
            codespace: codespace.into(),
            log: log.into(),
        })
    }

    #[test]
    fn the_words_of_sdk_0_50() {
        let sequence =
            "account sequence mismatch, expected 5, got 3: incorrect account sequence: invalid request";
        assert_eq!(simulated(18, "sdk", sequence), SimulationFault::WrongSequence);
        assert_eq!(simulated(32, "sdk", "x"), SimulationFault::WrongSequence);
        let funds = "failed to execute message; message index: 0: spendable balance 0aarch is smaller than 5aarch: \
            insufficient funds with gas used: '61374': unknown request";
        assert_eq!(simulated(6, "sdk", funds), SimulationFault::Funds(funds.into()));
        let contract = "failed to execute message; message index: 1: Request is closed: execute wasm contract \
            failed with gas used: '152342': unknown request";
        assert_eq!(simulated(6, "sdk", contract), SimulationFault::Message(contract.into()));
        // Code 5 of the wasm module is "execute wasm contract failed", not the SDK's funds.
        assert_eq!(simulated(5, "wasm", "closed"), SimulationFault::Message("closed".into()));
        let away = ChainError::NotYet { height: 1 };
        assert_eq!(SimulationFault::of(away.clone()), SimulationFault::Chain(away));
    }

    #[test]
    fn pool_codes_count_only_in_the_sdks_codespace() {
        let answer = |code, codespace: &str| {
            PoolAnswer::of(&BroadcastResult {
                hash: String::new(),
                code,
                codespace: codespace.into(),
                log: String::new(),
            })
        };
        assert_eq!(answer(0, ""), PoolAnswer::Taken);
        assert_eq!(answer(19, "sdk"), PoolAnswer::Taken);
        assert_eq!(answer(32, "sdk"), PoolAnswer::WrongSequence);
        assert_eq!(answer(32, "wasm"), PoolAnswer::Refused);
        assert_eq!(answer(13, "sdk"), PoolAnswer::Refused);
        assert_eq!(answer(30, "sdk"), PoolAnswer::TimedOut);
    }
}
