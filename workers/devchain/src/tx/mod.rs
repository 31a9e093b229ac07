//! Transactions: decoding, the checks before their messages (ante), message routing, and execution.

pub(crate) mod ante;
pub(crate) mod decode;
pub(crate) mod router;
pub(crate) mod run;
mod signature;

pub(crate) use run::{check, deliver, simulate};
