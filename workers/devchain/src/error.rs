//! The two kinds of error: those that stop the devchain ([`DevchainError`]) and those that answer a transaction, message or
//! query ([`ExecError`]). Codes and texts of the latter are those of the Cosmos SDK and of wasmd.

use thiserror::Error;

/// Why a devchain did not start or had to stop.
#[derive(Debug, Error)]
pub enum DevchainError {
    /// The options contradict each other or the stored chain.
    #[error("invalid devchain option: {0}")]
    Config(String),
    /// The home directory or the socket could not be used.
    #[error("{context}: {source}")]
    Io {
        /// What was being attempted.
        context: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The store failed or holds something unreadable.
    #[error("devchain store: {0}")]
    Store(String),
    /// The contract VM could not be set up.
    #[error("contract VM: {0}")]
    Vm(String),
    /// A block or one of its parts could not be built.
    #[error("block: {0}")]
    Block(String),
    /// The chain thread has ended.
    #[error("the devchain has stopped")]
    Stopped,
}

impl DevchainError {
    /// Returns whether the same call may succeed later without any change by the caller.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    pub(crate) fn store(error: impl std::fmt::Display) -> Self {
        Self::Store(error.to_string())
    }

    pub(crate) fn block(error: impl std::fmt::Display) -> Self {
        Self::Block(error.to_string())
    }
}

/// Codespace of the SDK's root errors.
pub(crate) const SDK: &str = "sdk";
/// Codespace of the contract module.
pub(crate) const WASM: &str = "wasm";

/// Why a transaction, message or query failed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum ExecError {
    /// An ordinary failure with its ABCI code.
    #[error("{log}")]
    Failed { codespace: &'static str, code: u32, log: String },
    /// A gas meter ran out. Propagates through every level up to the one that set the limit.
    #[error("out of gas in location: {0}")]
    OutOfGas(&'static str),
    /// A contract asked for something the chain does not have; returned to contracts verbatim.
    #[error("{text}")]
    System { codespace: &'static str, code: u32, text: String, system: cosmwasm_std::SystemError },
    /// The store failed: not the caller's fault, and no answer can be trusted.
    #[error("store: {0}")]
    Store(String),
}

impl ExecError {
    /// Creates an error of the SDK's root codespace, worded as `description: text of the code`.
    pub(crate) fn sdk(code: u32, description: impl std::fmt::Display) -> Self {
        Self::root(SDK, code, description, sdk_text(code))
    }

    /// Creates an error of the contract module, worded likewise.
    pub(crate) fn wasm(code: u32, description: impl std::fmt::Display) -> Self {
        Self::root(WASM, code, description, wasm_text(code))
    }

    fn root(codespace: &'static str, code: u32, description: impl std::fmt::Display, text: &str) -> Self {
        Self::Failed { codespace, code, log: format!("{description}: {text}") }
    }

    /// Prefixes the text with `context: `, as the SDK's `Wrap` does. Gas and store errors stay unchanged.
    pub(crate) fn wrap(self, context: impl std::fmt::Display) -> Self {
        match self {
            Self::Failed { codespace, code, log } => {
                Self::Failed { codespace, code, log: format!("{context}: {log}") }
            }
            Self::System { codespace, code, text, .. } => {
                Self::Failed { codespace, code, log: format!("{context}: {text}") }
            }
            other => other,
        }
    }

    /// Returns codespace and code as ABCI reports them.
    pub(crate) fn code(&self) -> (&'static str, u32) {
        match self {
            Self::Failed { codespace, code, .. } | Self::System { codespace, code, .. } => (codespace, *code),
            Self::OutOfGas(_) => (SDK, code::OUT_OF_GAS),
            Self::Store(_) => (SDK, code::PANIC),
        }
    }

    /// Returns the text a contract may see: codes only, so that it cannot depend on wording.
    pub(crate) fn redacted(&self) -> String {
        if let Self::System { text, .. } = self {
            return text.clone();
        }
        let (codespace, code) = self.code();
        format!("codespace: {codespace}, code: {code}")
    }
}

/// Codes of the SDK's root codespace.
pub(crate) mod code {
    pub(crate) const TX_DECODE: u32 = 2;
    pub(crate) const UNAUTHORIZED: u32 = 4;
    pub(crate) const INSUFFICIENT_FUNDS: u32 = 5;
    pub(crate) const UNKNOWN_REQUEST: u32 = 6;
    pub(crate) const INVALID_ADDRESS: u32 = 7;
    pub(crate) const INVALID_PUBKEY: u32 = 8;
    pub(crate) const UNKNOWN_ADDRESS: u32 = 9;
    pub(crate) const INVALID_COINS: u32 = 10;
    pub(crate) const OUT_OF_GAS: u32 = 11;
    pub(crate) const MEMO_TOO_LARGE: u32 = 12;
    pub(crate) const INSUFFICIENT_FEE: u32 = 13;
    pub(crate) const NO_SIGNATURES: u32 = 15;
    pub(crate) const INVALID_REQUEST: u32 = 18;
    pub(crate) const TX_TOO_LARGE: u32 = 21;
    pub(crate) const KEY_NOT_FOUND: u32 = 22;
    pub(crate) const INVALID_HEIGHT: u32 = 26;
    pub(crate) const TX_TIMEOUT_HEIGHT: u32 = 30;
    pub(crate) const WRONG_SEQUENCE: u32 = 32;
    pub(crate) const INVALID_GAS_LIMIT: u32 = 41;
    pub(crate) const PANIC: u32 = 111_222;
}

fn sdk_text(code: u32) -> &'static str {
    match code {
        code::TX_DECODE => "tx parse error",
        code::UNAUTHORIZED => "unauthorized",
        code::INSUFFICIENT_FUNDS => "insufficient funds",
        code::UNKNOWN_REQUEST => "unknown request",
        code::INVALID_ADDRESS => "invalid address",
        code::INVALID_PUBKEY => "invalid pubkey",
        code::UNKNOWN_ADDRESS => "unknown address",
        code::INVALID_COINS => "invalid coins",
        code::OUT_OF_GAS => "out of gas",
        code::MEMO_TOO_LARGE => "memo too large",
        code::INSUFFICIENT_FEE => "insufficient fee",
        code::NO_SIGNATURES => "no signatures supplied",
        code::INVALID_REQUEST => "invalid request",
        code::TX_TOO_LARGE => "tx too large",
        code::KEY_NOT_FOUND => "key not found",
        code::INVALID_HEIGHT => "invalid height",
        code::TX_TIMEOUT_HEIGHT => "tx timeout height",
        code::WRONG_SEQUENCE => "incorrect account sequence",
        code::INVALID_GAS_LIMIT => "invalid gas limit",
        _ => "internal error",
    }
}

/// Codes of the contract module.
pub(crate) mod wasm_code {
    pub(crate) const CREATE: u32 = 2;
    pub(crate) const ACCOUNT_EXISTS: u32 = 3;
    pub(crate) const INSTANTIATE: u32 = 4;
    pub(crate) const EXECUTE: u32 = 5;
    pub(crate) const QUERY: u32 = 9;
    pub(crate) const INVALID_MSG: u32 = 10;
    pub(crate) const MIGRATE: u32 = 11;
    pub(crate) const EMPTY: u32 = 12;
    pub(crate) const LIMIT: u32 = 13;
    pub(crate) const INVALID: u32 = 14;
    pub(crate) const UNKNOWN_MSG: u32 = 20;
    pub(crate) const INVALID_EVENT: u32 = 21;
    pub(crate) const NO_SUCH_CONTRACT: u32 = 22;
    pub(crate) const CALL_DEPTH: u32 = 30;
    pub(crate) const NO_SUCH_CODE: u32 = 28;
}

fn wasm_text(code: u32) -> &'static str {
    match code {
        wasm_code::CREATE => "create wasm contract failed",
        wasm_code::ACCOUNT_EXISTS => "contract account already exists",
        wasm_code::INSTANTIATE => "instantiate wasm contract failed",
        wasm_code::EXECUTE => "execute wasm contract failed",
        wasm_code::QUERY => "query wasm contract failed",
        wasm_code::INVALID_MSG => "invalid CosmosMsg from the contract",
        wasm_code::MIGRATE => "migrate wasm contract failed",
        wasm_code::EMPTY => "empty",
        wasm_code::LIMIT => "exceeds limit",
        wasm_code::UNKNOWN_MSG => "unknown message from the contract",
        wasm_code::INVALID_EVENT => "invalid event",
        wasm_code::NO_SUCH_CONTRACT => "no such contract",
        wasm_code::CALL_DEPTH => "max call depth exceeded",
        wasm_code::NO_SUCH_CODE => "no such code",
        _ => "wasm error",
    }
}
