//! Events of what the chain does for the contract: calls that are reserved with it.

use cosmwasm_std::Uint128;

use super::definition::events;

events! {
    /// The chain reserved a tick, or refused to.
    TickReserved = "gateway-tick-reserved" {
        /// The job.
        job: u64,
        /// The height it is reserved for.
        height: u64,
        /// What it costs; 0 where it was refused.
        fee: Uint128,
    }
    /// The sweep of overdue requests was reserved, or stopped.
    SweepChanged = "gateway-sweep-changed" {
        /// The job.
        job: u64,
        /// The height it was reserved for.
        height: u64,
        /// `reserved`, or why it stopped.
        status: String,
    }
}
