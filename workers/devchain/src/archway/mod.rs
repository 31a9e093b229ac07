//! The devchain's share of Archway's own modules: callbacks that the chain executes at a reserved height (x/callback) and the
//! price of gas as x/rewards reports it. Numbers are those of the main net since its upgrade 7.0.0; sources are the modules at
//! v10.1.0 of the archway repository. Missing: fee split and rebate, flat fees, x/cwfees, x/cwerrors, x/cwica.

mod callbacks;
mod estimate;
mod events;
pub(crate) mod messages;
mod query;

pub(crate) use callbacks::{cancel, end_block, request};
pub(crate) use query::{answer, answer_contract};

/// Gas limit of one callback. Loading the contract takes 60,000 of it.
pub const CALLBACK_GAS: u64 = 150_000;
/// Most callbacks per height.
pub(crate) const MAX_PER_HEIGHT: usize = 10;
/// How many blocks ahead a callback may be reserved.
pub(crate) const MAX_AHEAD: u64 = 432_000;
/// Price of each block of waiting, in the denom of fees.
pub const FEE_PER_BLOCK_AHEAD: u128 = 1_000_000_000_000;
/// The account that holds the fees of reserved callbacks.
pub(crate) const MODULE: &str = "callback";
