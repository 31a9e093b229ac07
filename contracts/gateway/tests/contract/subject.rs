//! The contract that is tested: compiled natively.

use cosmwasm_std::Empty;
use cw_multi_test::{Contract, ContractWrapper};
use gateway_contract::contract::{execute, instantiate, migrate, query, reply, sudo};

/// Steps of the model test.
pub(crate) const STEPS: u64 = 10_000;

/// The contract.
pub(crate) fn gateway() -> Box<dyn Contract<Empty>> {
    Box::new(
        ContractWrapper::new(execute, instantiate, query)
            .with_reply(reply)
            .with_migrate(migrate)
            .with_sudo(sudo),
    )
}
