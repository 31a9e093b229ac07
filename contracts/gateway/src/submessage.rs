//! Numbers sub-messages, so that a reply shows what was sent: an id carries the kind and the request. Chains of CosmWasm 1.5
//! return nothing else.

use gateway_api::RequestId;

use crate::error::ContractError;

/// What a sub-message was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A transfer to a requester.
    Refund = 1,
    /// A consumer's callback.
    Callback = 2,
    /// A reservation of the sweep.
    Sweep = 3,
    /// A withdrawal of rewards.
    Rewards = 4,
    /// A reservation of a tick; the number is the job's.
    Tick = 5,
}

/// Requests number below 2^56: the byte above them is the kind.
pub(crate) const KIND_SHIFT: u32 = 56;

/// What Archway's wasmd replies where a sub-message was refused because the call stack was at its maximum depth of 500: the
/// message itself was never tried. A contract cannot forge the text: its own errors carry code 5.
const CALL_DEPTH: &str = "codespace: wasm, code: 30";

/// Reverts the transaction where a sub-message failed for the depth of the call stack alone: whoever sends a message from the
/// bottom of 499 calls would otherwise make every refund and callback of it fail.
///
/// # Errors
/// [`ContractError::CallDepth`].
pub(crate) fn check_depth(error: &str) -> Result<(), ContractError> {
    if error == CALL_DEPTH {
        return Err(ContractError::CallDepth {});
    }
    Ok(())
}

/// The id of a sub-message.
pub(crate) fn id(kind: Kind, request: RequestId) -> u64 {
    ((kind as u64) << KIND_SHIFT) | request.get()
}
