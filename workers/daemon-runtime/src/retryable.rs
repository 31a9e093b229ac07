//! Whether an error may pass: answered by the error's type, never by its text.

/// An error that knows whether the same call may succeed later without anyone changing anything.
pub trait Retryable: std::error::Error {
    /// Whether the same call may succeed later without anyone changing anything.
    fn is_retryable(&self) -> bool;
}
