//! What can go wrong in a test's use of the mock.

use thiserror::Error;

/// What goes wrong in a test. `?` works on it and on what `cw-multi-test` returns.
#[derive(Debug, Error)]
pub enum MockError {
    /// The app refused: the contract's words are in it.
    #[error("{0:#}")]
    App(String),
    /// A value has no JSON form.
    #[error("the value has no JSON form: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<cosmwasm_std::StdError> for MockError {
    fn from(error: cosmwasm_std::StdError) -> Self {
        Self::App(error.to_string())
    }
}

impl From<cw_multi_test::error::AnyError> for MockError {
    fn from(error: cw_multi_test::error::AnyError) -> Self {
        Self::App(format!("{error:#}"))
    }
}
