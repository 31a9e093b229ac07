//! Checks what a version is made of before it is kept.

use gateway_api::{CodeRef, Policy};

use crate::error::ContractError;

/// Checks a code reference and a policy against the bounds of `gateway_api::limits`.
///
/// # Errors
/// [`ContractError::InvalidCode`], [`ContractError::InvalidPolicy`].
pub(crate) fn check(code: &CodeRef, policy: &Policy) -> Result<(), ContractError> {
    if let Some(fault) = code.fault() {
        return Err(ContractError::InvalidCode(fault));
    }
    if let Some(fault) = policy.fault() {
        return Err(ContractError::InvalidPolicy { fault });
    }
    Ok(())
}
