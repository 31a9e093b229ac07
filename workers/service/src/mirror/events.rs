//! A block with the contract's events decoded.

use gateway_api::events::GatewayEvent;
use gateway_chain::{BlockEvents, RawEvent, TxEvents};

/// Blocks between two heights at which the cursor is stored even without effects: this saves an idle daemon a commit with its
/// syncs for each block, at the cost of reading a few again after a restart.
const CURSOR_BLOCKS: u64 = 16;

/// A block's contents relevant to a daemon.
#[derive(Clone, Debug)]
pub struct ContractBlock {
    /// Its height.
    pub height: u64,
    /// Its time, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// Its transactions, including failed ones.
    pub txs: Vec<TxEvents>,
    /// The contract's events in order.
    pub events: Vec<ContractEvent>,
}

/// An event of the contract, as decoded and as emitted.
#[derive(Clone, Debug)]
pub struct ContractEvent {
    /// As decoded.
    pub event: GatewayEvent,
    /// As emitted.
    pub raw: RawEvent,
}

impl ContractBlock {
    /// Returns whether the cursor must be stored at this block even if nothing else is.
    #[must_use]
    pub const fn stores_cursor(&self) -> bool {
        self.height.is_multiple_of(CURSOR_BLOCKS)
    }

    /// Decodes the events of `contract`. An undecodable one is logged, counted and skipped: the contract is newer than this
    /// program, and the next reconciliation finds what the event reported.
    #[must_use]
    pub fn read(contract: &str, block: BlockEvents) -> Self {
        let height = block.height;
        let mut events = Vec::new();
        for (_, raw) in block.events() {
            match GatewayEvent::decode(contract, &raw.ty, &raw.pairs()) {
                Ok(Some(event)) => events.push(ContractEvent { event, raw: raw.clone() }),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(event = raw.ty, %error, height, "event cannot be read: is this program older than the contract?");
                    metrics::counter!("gateway_unreadable_events_total").increment(1);
                }
            }
        }
        Self { height, time_ns: block.time_ns, txs: block.txs, events }
    }
}
