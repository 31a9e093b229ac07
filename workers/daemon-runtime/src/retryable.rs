//! Whether an error is transient: determined by the error's type, never by its text.

/// An error that knows whether the same call may succeed later without intervention.
pub trait Retryable: std::error::Error {
    /// Returns whether the same call may succeed later without intervention.
    fn is_retryable(&self) -> bool;
}
