//! A gateway for tests of consumer contracts, in `cw-multi-test`: it takes requests as the contract does, and the test says how
//! each ends. It verifies no proofs and pays no nodes.
#![doc = include_str!("../README.md")]

mod contract;
mod error;
mod gateway;
mod state;
mod wrong_orders;

pub use error::MockError;
pub use gateway::MockGateway;
pub use wrong_orders::WrongOrder;
