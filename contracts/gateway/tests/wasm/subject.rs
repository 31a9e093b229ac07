//! The contract that is tested: the committed wasm, or for comparison the native code.

use std::cell::Cell;

use cosmwasm_std::Empty;
use cw_multi_test::{Contract, ContractWrapper};
use gateway_contract::contract::{execute, instantiate, migrate, query, reply, sudo};

use crate::vm::Wasm;

/// Steps of the model test: metered code is slower.
pub(crate) const STEPS: u64 = 500;

thread_local! {
    static NATIVE: Cell<bool> = const { Cell::new(false) };
}

/// The contract.
pub(crate) fn gateway() -> Box<dyn Contract<Empty>> {
    if NATIVE.get() {
        Box::new(
            ContractWrapper::new(execute, instantiate, query)
                .with_reply(reply)
                .with_migrate(migrate)
                .with_sudo(sudo),
        )
    } else {
        Box::new(Wasm)
    }
}

/// Runs something with the native code.
pub(crate) fn natively<T>(run: impl FnOnce() -> T) -> T {
    NATIVE.set(true);
    let done = run();
    NATIVE.set(false);
    done
}
