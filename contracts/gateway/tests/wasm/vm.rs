//! The committed wasm as a contract of the simulated chain. One instance a thread; what the chain holds for the contract
//! is laid before it for each call, and what it changed is taken back.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use cosmwasm_std::{
    from_json, to_json_vec, Addr, Binary, ContractInfoResponse, ContractResult, Deps, DepsMut, Empty, Env,
    MessageInfo, Order, QuerierWrapper, QueryRequest, Record, Reply, Response, StdError, Storage,
    SystemError, SystemResult, WasmQuery,
};
use cosmwasm_vm::testing::{MockApi, MockQuerier};
use cosmwasm_vm::{
    call_execute_raw, call_instantiate_raw, call_migrate_raw, call_query_raw, call_reply_raw, call_sudo_raw,
    Backend, BackendError, BackendResult, GasInfo, Instance, InstanceOptions, Size, VmResult,
};
use cw_multi_test::error::AnyResult;
use cw_multi_test::Contract;
use gateway_contract::ContractError;
use serde::de::DeserializeOwned;

use crate::world::DENOM;

type Data = BTreeMap<Vec<u8>, Vec<u8>>;
type Vm = Instance<MockApi, Store, ChainQuerier>;

/// The contract's storage during a call.
#[derive(Clone, Default)]
struct Store {
    data: Arc<Mutex<Data>>,
    iterators: Vec<std::vec::IntoIter<Record>>,
}

fn free<T>(value: T) -> BackendResult<T> {
    (Ok(value), GasInfo::free())
}

impl cosmwasm_vm::Storage for Store {
    fn get(&self, key: &[u8]) -> BackendResult<Option<Vec<u8>>> {
        free(self.data.lock().unwrap().get(key).cloned())
    }

    fn scan(&mut self, start: Option<&[u8]>, end: Option<&[u8]>, order: Order) -> BackendResult<u32> {
        let from = start.unwrap_or_default();
        let data = self.data.lock().unwrap();
        let range =
            data.range(from.to_vec()..).take_while(|(key, _)| end.is_none_or(|end| key.as_slice() < end));
        let mut records: Vec<_> = range.map(|(key, value)| (key.clone(), value.clone())).collect();
        if order == Order::Descending {
            records.reverse();
        }
        drop(data);
        self.iterators.push(records.into_iter());
        free(u32::try_from(self.iterators.len() - 1).unwrap())
    }

    fn next(&mut self, iterator_id: u32) -> BackendResult<Option<Record>> {
        match self.iterators.get_mut(iterator_id as usize) {
            Some(iterator) => free(iterator.next()),
            None => (Err(BackendError::iterator_does_not_exist(iterator_id)), GasInfo::free()),
        }
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> BackendResult<()> {
        self.data.lock().unwrap().insert(key.to_vec(), value.to_vec());
        free(())
    }

    fn remove(&mut self, key: &[u8]) -> BackendResult<()> {
        self.data.lock().unwrap().remove(key);
        free(())
    }
}

struct Machine {
    instance: Vm,
    store: Store,
    called: BTreeSet<&'static str>,
    /// Of the last call that changes anything.
    gas: u64,
}

thread_local! {
    static MACHINE: RefCell<Option<Machine>> = const { RefCell::new(None) };
}

/// What the chain answers: balances and contracts by the mock, the fees of reservations as the native tests' chain has them.
struct ChainQuerier {
    mock: MockQuerier,
    fees: Option<Binary>,
}

impl ChainQuerier {
    fn new() -> Self {
        Self { mock: MockQuerier::new(&[]), fees: None }
    }
}

impl cosmwasm_vm::Querier for ChainQuerier {
    fn query_raw(
        &self,
        request: &[u8],
        gas_limit: u64,
    ) -> cosmwasm_vm::BackendResult<SystemResult<ContractResult<Binary>>> {
        #[allow(deprecated)]
        match (from_json::<QueryRequest<Empty>>(request), &self.fees) {
            (Ok(QueryRequest::Stargate { .. }), Some(fees)) => {
                let answer = SystemResult::Ok(ContractResult::Ok(fees.clone()));
                (Ok(answer), cosmwasm_vm::GasInfo::free())
            }
            _ => self.mock.query_raw(request, gas_limit),
        }
    }
}

fn wasm() -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/gateway.wasm");
    std::fs::read(path).unwrap()
}

impl Machine {
    fn new() -> Self {
        let store = Store::default();
        let backend =
            Backend { api: MockApi::default(), storage: store.clone(), querier: ChainQuerier::new() };
        let options = InstanceOptions { gas_limit: u64::MAX / 4 };
        let instance = Instance::from_code(&wasm(), backend, options, Some(Size::mebi(32))).unwrap();
        Self { instance, store, called: BTreeSet::new(), gas: 0 }
    }
}

fn with_machine<T>(run: impl FnOnce(&mut Machine) -> T) -> T {
    MACHINE.with_borrow_mut(|machine| run(machine.get_or_insert_with(Machine::new)))
}

/// The entry points that have been called in this thread.
pub(crate) fn called() -> Vec<&'static str> {
    with_machine(|machine| machine.called.iter().copied().collect())
}

/// The gas of the last call that could change anything: of running only, storage is free here.
pub(crate) fn gas_used() -> u64 {
    with_machine(|machine| machine.gas)
}

/// The entry points that the wasm exports.
pub(crate) fn entry_points() -> Vec<&'static str> {
    let wasm = wasm();
    let exported = |name: &&str| {
        // A name in the export section: its length, itself, and the kind of a function.
        let entry = [&[u8::try_from(name.len()).unwrap()], name.as_bytes(), &[0]].concat();
        wasm.windows(entry.len()).any(|window| window == entry)
    };
    ["execute", "instantiate", "migrate", "query", "reply", "sudo"].into_iter().filter(exported).collect()
}

/// Calls an entry point on a copy of the storage; what it leaves is returned where it succeeds.
fn call<T: DeserializeOwned>(
    entry: &'static str,
    before: Data,
    querier: &QuerierWrapper<'_>,
    (contract, sender): (&Addr, Option<&str>),
    call: impl FnOnce(&mut Vm) -> VmResult<Vec<u8>>,
) -> AnyResult<(T, Data)> {
    // What the contract asks of the chain: what it holds, and whether who asks to be called back is a contract.
    let held = [DENOM, "other"].map(|denom| querier.query_balance(contract, denom));
    let held = held.into_iter().collect::<Result<Vec<_>, _>>()?;
    let known = sender.and_then(|sender| {
        let info: ContractInfoResponse = querier.query_wasm_contract_info(sender).ok()?;
        Some((sender.to_owned(), info))
    });
    // Field 1, a height far ahead: what a reservation costs does not depend on it here.
    #[allow(deprecated)] // The name of the query on chains of this version.
    let estimate: QueryRequest<Empty> = QueryRequest::Stargate {
        path: "/archway.callback.v1.Query/EstimateCallbackFees".to_owned(),
        data: vec![0x08, 0xff, 0xff, 0xff, 0xff, 0x7f].into(),
    };
    let fees = querier.query::<serde_json::Value>(&estimate).ok();
    let fees = fees.map(|fees| serde_json::to_vec(&fees).unwrap().into());
    let handler = move |query: &WasmQuery| match (query, &known) {
        (WasmQuery::ContractInfo { contract_addr }, Some((known, info))) if contract_addr == known => {
            SystemResult::Ok(ContractResult::Ok(cosmwasm_std::to_json_binary(info).unwrap()))
        }
        _ => SystemResult::Err(SystemError::NoSuchContract { addr: "nobody".to_owned() }),
    };
    with_machine(|machine| {
        machine.called.insert(entry);
        *machine.store.data.lock().unwrap() = before;
        machine
            .instance
            .with_querier(|querier| {
                querier.mock.update_balance(contract.as_str(), held);
                querier.mock.update_wasm(handler);
                querier.fees = fees;
                Ok(())
            })
            .unwrap();
        let gas = machine.instance.get_gas_left();
        let answer = call(&mut machine.instance).map_err(|error| refusal(&error.to_string()))?;
        if entry != "query" {
            machine.gas = gas - machine.instance.get_gas_left();
        }
        let answer: ContractResult<T> = from_json(answer)?;
        let answer = answer.into_result().map_err(|text| refusal(&text))?;
        let after = machine.store.data.lock().unwrap().clone();
        Ok((answer, after))
    })
}

/// Over the wasm's border a refusal is only its text.
fn refusal(text: &str) -> cw_multi_test::error::AnyError {
    ContractError::Std(StdError::generic_err(text)).into()
}

fn data(storage: &dyn Storage) -> Data {
    storage.range(None, None, Order::Ascending).collect()
}

fn change(
    entry: &'static str,
    deps: DepsMut<'_>,
    parties: (&Addr, Option<&str>),
    run: impl FnOnce(&mut Vm) -> VmResult<Vec<u8>>,
) -> AnyResult<Response> {
    let before = data(deps.storage);
    let (response, after) = call(entry, before.clone(), &deps.querier, parties, run)?;
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        deps.storage.remove(key);
    }
    for (key, value) in after.iter().filter(|(key, value)| before.get(*key) != Some(*value)) {
        deps.storage.set(key, value);
    }
    Ok(response)
}

/// The committed wasm.
pub(crate) struct Wasm;

impl Contract<Empty> for Wasm {
    fn instantiate(
        &self,
        deps: DepsMut<'_>,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> AnyResult<Response> {
        let (contract, env, info) = (env.contract.address.clone(), to_json_vec(&env)?, to_json_vec(&info)?);
        change("instantiate", deps, (&contract, None), |vm| call_instantiate_raw(vm, &env, &info, &msg))
    }

    fn execute(&self, deps: DepsMut<'_>, env: Env, info: MessageInfo, msg: Vec<u8>) -> AnyResult<Response> {
        let (contract, sender) = (env.contract.address.clone(), info.sender.to_string());
        let (env, info) = (to_json_vec(&env)?, to_json_vec(&info)?);
        change("execute", deps, (&contract, Some(&sender)), |vm| call_execute_raw(vm, &env, &info, &msg))
    }

    fn query(&self, deps: Deps<'_>, env: Env, msg: Vec<u8>) -> AnyResult<Binary> {
        let (contract, env) = (env.contract.address.clone(), to_json_vec(&env)?);
        let before = data(deps.storage);
        let (answer, after) = call("query", before.clone(), &deps.querier, (&contract, None), |vm| {
            call_query_raw(vm, &env, &msg)
        })?;
        assert_eq!(before, after);
        Ok(answer)
    }

    fn reply(&self, deps: DepsMut<'_>, env: Env, msg: Reply) -> AnyResult<Response> {
        let (contract, env, msg) = (env.contract.address.clone(), to_json_vec(&env)?, to_json_vec(&msg)?);
        change("reply", deps, (&contract, None), |vm| call_reply_raw(vm, &env, &msg))
    }

    fn sudo(&self, deps: DepsMut<'_>, env: Env, msg: Vec<u8>) -> AnyResult<Response> {
        let (contract, env) = (env.contract.address.clone(), to_json_vec(&env)?);
        change("sudo", deps, (&contract, None), |vm| call_sudo_raw(vm, &env, &msg))
    }

    fn migrate(&self, deps: DepsMut<'_>, env: Env, msg: Vec<u8>) -> AnyResult<Response> {
        let (contract, env) = (env.contract.address.clone(), to_json_vec(&env)?);
        change("migrate", deps, (&contract, None), |vm| call_migrate_raw(vm, &env, &msg))
    }
}
