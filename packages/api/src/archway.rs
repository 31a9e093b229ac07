//! What the contract does on Archway beyond a plain chain: it has itself called back to end overdue requests, and takes the
//! rewards that its use earns. All of it is off where the settings have no such part.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::limits;

/// How the sweep of overdue requests renews itself by the chain's callback module.
#[cw_serde]
#[derive(Eq)]
pub struct ArchwaySettings {
    /// Blocks from one sweep to the next, 1 to 100000.
    pub sweep_blocks: u64,
    /// Most requests one sweep ends, 1 to 10. What a callback of 150,000 gas has room for, with 60,000 of it to load the
    /// contract, is one.
    pub sweep_requests: u32,
    /// Most that a reservation of a sweep may cost, in the settings' denom, which must be the one that the chain takes. The
    /// contract offers the exact fee where the chain answers it; Archway v10 does not answer contracts, and is offered this
    /// amount, of which it keeps what is above the exact fee. Set what `EstimateCallbackFees` answers over RPC.
    pub reservation_fee: Uint128,
    /// Most that a reservation of a tick may cost, offered as `reservation_fee` is. A request that waits for a round reserves a call for the next height, at
    /// most one a height, paid from the keepers' pool: so the chain itself opens the round. Not at all where absent.
    #[serde(default)]
    pub tick_fee: Option<Uint128>,
}

impl ArchwaySettings {
    /// Whether every part is within its bounds.
    pub(crate) fn are_valid(&self) -> bool {
        (1..=limits::MAX_TTL_BLOCKS).contains(&self.sweep_blocks)
            && (1..=limits::MAX_SWEEP_REQUESTS).contains(&self.sweep_requests)
    }
}

/// Messages that the chain itself sends to the contract.
#[cw_serde]
pub enum SudoMsg {
    /// A reserved callback.
    Callback {
        /// The job it was reserved for.
        job_id: u64,
    },
    /// Something that the chain did for the contract failed. What is empty the chain leaves out.
    Error {
        /// The chain's module.
        #[serde(default)]
        module_name: String,
        /// The module's code.
        #[serde(default)]
        error_code: u32,
        /// The contract.
        #[serde(default)]
        contract_address: String,
        /// What was to be done.
        #[serde(default)]
        input_payload: String,
        /// The module's error text.
        #[serde(default)]
        error_message: String,
    },
}

/// How the sweep stands.
#[cw_serde]
pub struct SweepResponse {
    /// The newest job; 0 before the first.
    pub job: u64,
    /// The height it is reserved for, where the sweep goes on; below the current height, the chain's callback failed and the
    /// sweep may be started again.
    pub height: Option<u64>,
    /// The newest thing that went wrong.
    pub stopped: Option<String>,
}
