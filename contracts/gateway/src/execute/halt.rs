//! Halts results for a bounded time. A halt ends by itself, and cannot be chained to the next: requests that it outlasts expire
//! and are refunded, so whoever holds the guardian's key can delay results and take nothing.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::HaltChanged;
use gateway_api::limits;

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;

pub(crate) fn halt(deps: DepsMut<'_>, env: &Env, blocks: u64) -> Result<Response, ContractError> {
    let max = limits::MAX_HALT_BLOCKS;
    if blocks == 0 || blocks > max {
        return Err(ContractError::HaltBlocks { max });
    }
    let (mut record, height) = (GOVERNANCE.load(deps.storage)?, env.block.height);
    let lasted = record.halted_until.saturating_sub(record.halted_from);
    let from = record.halted_until.saturating_add(lasted);
    if height < from {
        return Err(ContractError::HaltTooSoon { from });
    }
    record.halted_from = height;
    record.halted_until = height.saturating_add(blocks);
    GOVERNANCE.save(deps.storage, &record)?;
    Ok(Response::new().add_event(HaltChanged { until: record.halted_until }))
}
