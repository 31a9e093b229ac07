//! Decodes the contract's typed events from a block's raw ones.

use gateway_api::events::GatewayEvent;

use crate::error::{ChainError, Result};
use crate::types::BlockEvents;

/// An event of the contract with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Height of the block.
    pub height: u64,
    /// Hash of the transaction; `None` when the block itself emitted it.
    pub tx_hash: Option<String>,
    /// The event.
    pub event: GatewayEvent,
}

/// Returns every event of `contract` in `block`, in order. Events of failed transactions are left out.
///
/// # Errors
/// [`ChainError::Decode`] when the contract emitted an event that cannot be decoded: this program is older or newer than the
/// contract, and continuing would lose work.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::RawEvent;

    const CONTRACT: &str = "archway1contract";

    fn block(ty: &str, attributes: &[(&str, &str)]) -> BlockEvents {
        let attributes = attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let block_events = vec![RawEvent { ty: ty.to_owned(), attributes }];
        BlockEvents { height: 4, time_ns: 0, txs: Vec::new(), block_events }
    }

    #[test]
    fn the_contracts_events_are_read_others_are_left_and_broken_ones_are_errors() {
        let activated = "wasm-gateway-version-activated";
        let good = [("_contract_address", CONTRACT), ("project", "7"), ("version", "2")];
        let read = contract_events(CONTRACT, &block(activated, &good)).expect("read");
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].height, &read[0].tx_hash), (4, &None));
        assert!(matches!(read[0].event, GatewayEvent::VersionActivated(_)));

        let other = [("_contract_address", "archway1other"), ("project", "7"), ("version", "2")];
        assert_eq!(contract_events(CONTRACT, &block(activated, &other)), Ok(Vec::new()));
        assert_eq!(contract_events(CONTRACT, &block("transfer", &good)), Ok(Vec::new()));

        let broken = [("_contract_address", CONTRACT), ("project", "x"), ("version", "2")];
        let error = contract_events(CONTRACT, &block(activated, &broken)).expect_err("broken").to_string();
        assert!(error.contains("block 4") && error.contains(activated), "{error}");
    }
}
