//! Errors of the mock in a test.

use thiserror::Error;

/// An error of the mock. `?` works on it and on what `cw-multi-test` returns.
#[derive(Debug, Error)]
pub enum MockError {
    /// The app refused; holds the contract's error text.
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
