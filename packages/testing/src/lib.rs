//! A gateway for tests of consumer contracts, in `cw-multi-test`: it takes requests as the contract does, and the test says how
//! each ends. It verifies no proofs and pays no nodes.
//!
//! ```
//! use cw_multi_test::{App, Executor};
//! use gateway_api::{ExecuteMsg, NewRequest, ProjectId};
//! use gateway_testing::MockGateway;
//!
//! let mut app = App::default();
//! let gateway = MockGateway::deploy(&mut app)?;
//! let ada = app.api().addr_make("ada");
//! // Nobody has coins in a default app: ask for nothing.
//! gateway.set_fee(&mut app, 0)?;
//! let ask = ExecuteMsg::Request(NewRequest::new(ProjectId(1), "1"));
//! app.execute_contract(ada, gateway.address().clone(), &ask, &[])?;
//! let request = gateway.open(&app)?[0];
//! gateway.answer(&mut app, request, &42)?;
//! # Ok::<(), gateway_testing::MockError>(())
//! ```
//!
//! A consumer's own mistakes are found by [`MockGateway::wrong_orders`]: whatever is sent to it that the gateway would never send
//! has to be refused.

mod contract;
mod error;
mod gateway;
mod state;
mod wrong_orders;

pub use error::MockError;
pub use gateway::MockGateway;
pub use wrong_orders::WrongOrder;
