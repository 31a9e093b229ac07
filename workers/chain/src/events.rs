//! The contract's typed events out of a block's raw ones.

use gateway_api::events::GatewayEvent;

use crate::error::{ChainError, Result};
use crate::types::BlockEvents;

/// An event of the contract with the place it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Height of the block.
    pub height: u64,
    /// Hash of the transaction; `None` when the block itself emitted it.
    pub tx_hash: Option<String>,
    /// The event.
    pub event: GatewayEvent,
}

/// Every event of `contract` in `block`, in order. Events of failed transactions are left out.
///
/// # Errors
/// [`ChainError::Decode`] when the contract emitted an event that does not read as one: this program is older
/// or newer than the contract, and going on would lose work.
pub fn contract_events(contract: &str, block: &BlockEvents) -> Result<Vec<Located>> {
    let mut located = Vec::new();
    for (tx_hash, raw) in block.events() {
        let event = GatewayEvent::decode(contract, &raw.ty, &raw.pairs())
            .map_err(|e| ChainError::decode(format!("event {} in block {}", raw.ty, block.height), e))?;
        if let Some(event) = event {
            located.push(Located { height: block.height, tx_hash: tx_hash.map(str::to_owned), event });
        }
    }
    Ok(located)
}
