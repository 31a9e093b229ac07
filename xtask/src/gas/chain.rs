//! One contract on its own chain: the real wasm in the virtual machine, or the same code natively on the same storage. Both are
//! given the same blocks.

use cosmwasm_std::testing::{MockApi as StdApi, MockQuerier as StdQuerier};
use cosmwasm_std::{
    Addr, Coin, ContractResult, DepsMut, Env, MessageInfo, QuerierWrapper, Response, coins, from_json,
    to_json_vec,
};
use cosmwasm_vm::testing::{MockApi, MockQuerier, mock_env};
use cosmwasm_vm::{
    Backend, Instance, InstanceOptions, Size, call_execute_raw, call_instantiate_raw, call_query_raw,
};
use gateway_api::{ExecuteMsg, InstantiateMsg, QueryMsg};
use serde::de::DeserializeOwned;

use super::storage::{Store, VM_GAS};
use crate::error::XtaskError;

pub(super) const DENOM: &str = "aarch";

/// The contract and the block it is in.
pub(super) struct Chain {
    instance: Instance<MockApi, Store, MockQuerier>,
    store: Store,
    pub(super) env: Env,
}

/// The cost of a message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    /// Running the wasm and the host functions that only compute, in the chain's gas.
    pub(super) compute: u64,
    /// Reading and writing storage, in the chain's gas.
    pub(super) storage: u64,
    /// Bytes of the message.
    pub(super) bytes: u64,
}

impl Cost {
    /// Returns all gas that the contract uses, in the chain's units.
    pub(super) fn gas(self) -> u64 {
        self.compute + self.storage
    }
}

fn fault(error: impl std::fmt::Display) -> XtaskError {
    XtaskError::Artifact { artifact: "gateway.wasm".to_owned(), fault: error.to_string() }
}

fn funds(amount: u128) -> Vec<Coin> {
    if amount == 0 { Vec::new() } else { coins(amount, DENOM) }
}

impl Chain {
    /// Loads the contract; it must still be instantiated.
    pub(super) fn new(wasm: &[u8]) -> Result<Self, XtaskError> {
        let store = Store::default();
        let backend =
            Backend { api: MockApi::default(), storage: store.clone(), querier: MockQuerier::new(&[]) };
        let options = InstanceOptions { gas_limit: u64::MAX / 4 };
        let instance = Instance::from_code(wasm, backend, options, Some(Size::mebi(32))).map_err(fault)?;
        Ok(Self { instance, store, env: mock_env() })
    }

    /// Returns the address of a name.
    pub(super) fn address(&self, name: &str) -> Addr {
        Addr::unchecked(MockApi::default().addr_make(name))
    }

    /// Advances to the next block.
    pub(super) fn block(&mut self) {
        self.env.block.height += 1;
        self.env.block.time = self.env.block.time.plus_seconds(6);
    }

    fn measured(
        &mut self,
        bytes: usize,
        call: impl FnOnce(&mut Instance<MockApi, Store, MockQuerier>) -> cosmwasm_vm::VmResult<Vec<u8>>,
    ) -> Result<(Cost, Vec<u8>), XtaskError> {
        let before = self.instance.create_gas_report();
        let answer = call(&mut self.instance).map_err(fault)?;
        let after = self.instance.create_gas_report();
        let compute = (after.used_internally - before.used_internally).div_ceil(VM_GAS);
        let storage = (after.used_externally - before.used_externally).div_ceil(VM_GAS);
        Ok((Cost { compute, storage, bytes: bytes as u64 }, answer))
    }

    /// Instantiates.
    pub(super) fn instantiate(&mut self, msg: &InstantiateMsg) -> Result<Cost, XtaskError> {
        let info = MessageInfo { sender: self.address("admin"), funds: Vec::new() };
        let parts = (to_json_vec(&self.env).map_err(fault)?, to_json_vec(&info).map_err(fault)?);
        let msg = to_json_vec(msg).map_err(fault)?;
        let (cost, answer) =
            self.measured(msg.len(), |i| call_instantiate_raw(i, &parts.0, &parts.1, &msg))?;
        succeeded(&answer).map(|_| cost)
    }

    /// Sends a message to the wasm.
    pub(super) fn execute(
        &mut self,
        sender: &Addr,
        msg: &ExecuteMsg,
        amount: u128,
    ) -> Result<(Cost, Response), XtaskError> {
        let info = MessageInfo { sender: sender.clone(), funds: funds(amount) };
        let parts = (to_json_vec(&self.env).map_err(fault)?, to_json_vec(&info).map_err(fault)?);
        let msg = to_json_vec(msg).map_err(fault)?;
        let (cost, answer) = self.measured(msg.len(), |i| call_execute_raw(i, &parts.0, &parts.1, &msg))?;
        Ok((cost, succeeded(&answer)?))
    }

    /// Sends a message to the same contract, natively: fast, but not measured.
    pub(super) fn execute_natively(
        &mut self,
        sender: &Addr,
        msg: ExecuteMsg,
        amount: u128,
    ) -> Result<Response, XtaskError> {
        let querier = StdQuerier::<cosmwasm_std::Empty>::new(&[]);
        let deps = DepsMut {
            storage: &mut self.store,
            api: &StdApi::default(),
            querier: QuerierWrapper::new(&querier),
        };
        let info = MessageInfo { sender: sender.clone(), funds: funds(amount) };
        gateway_contract::contract::execute(deps, self.env.clone(), info, msg).map_err(fault)
    }

    /// Queries the wasm.
    pub(super) fn query<T: DeserializeOwned>(&mut self, msg: &QueryMsg) -> Result<T, XtaskError> {
        Ok(self.ask(msg)?.1)
    }

    /// Queries the wasm, and returns the cost too.
    pub(super) fn ask<T: DeserializeOwned>(&mut self, msg: &QueryMsg) -> Result<(Cost, T), XtaskError> {
        let env = to_json_vec(&self.env).map_err(fault)?;
        let msg = to_json_vec(msg).map_err(fault)?;
        let (cost, answer) = self.measured(msg.len(), |i| call_query_raw(i, &env, &msg))?;
        let answer: ContractResult<cosmwasm_std::Binary> = from_json(answer).map_err(fault)?;
        Ok((cost, from_json(answer.into_result().map_err(fault)?).map_err(fault)?))
    }
}

fn succeeded(answer: &[u8]) -> Result<Response, XtaskError> {
    let answer: ContractResult<Response> = from_json(answer).map_err(fault)?;
    answer.into_result().map_err(fault)
}
