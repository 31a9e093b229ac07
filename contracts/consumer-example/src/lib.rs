//! An example contract that asks the gateway for a result and receives the callback. It shows the whole of what a
//! consumer needs; it is no part of the gateway.

pub mod contract;
pub mod error;
pub mod msg;
mod state;
