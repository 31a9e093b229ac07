//! The contract under `cw-multi-test`, on its own thread: its storage cannot move between threads, but daemons do.

use std::fmt;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use cosmwasm_std::testing::{MockApi, MockStorage};
use cosmwasm_std::{
    Addr, Api, BlockInfo, ContractResult, CosmosMsg, Empty, Event, Order, QueryRequest, Storage,
    SystemResult, Timestamp, WasmMsg, WasmQuery, coins,
};
use cw_multi_test::error::AnyResult;
use cw_multi_test::{
    AddressGenerator, App, AppBuilder, BankKeeper, BankSudo, ContractWrapper, CosmosRouter, Executor,
    SudoMsg, WasmKeeper, no_init,
};
use gateway_api::events::PublicationRefused;
use gateway_api::{ExecuteMsg, InstantiateMsg, Publication, Settings};
use gateway_chain::RawEvent;
use gateway_chain::testing::{Contract, Execution, RefusedMessage};
use gateway_contract::contract::{execute, instantiate, migrate, query, reply, sudo};

use crate::chain::{CHAIN_ID, CONTRACT, account};

/// The denomination of every coin here.
const DENOM: &str = "aarch";
/// An account's minimum balance when it sends a message.
const WEALTH: u128 = 1 << 100;

type Chain = App<BankKeeper, MockApi>;
type Job = Box<dyn FnOnce(&mut Chain) + Send>;

/// The contract and the thread it lives on.
pub(crate) struct Host {
    jobs: SyncSender<Job>,
    /// The number of publications still to refuse in the contract's place, and the reason given.
    refusals: Mutex<(u32, &'static str)>,
}

/// Gives the contract the address of a chain's first contract.
struct FirstContract;

impl AddressGenerator for FirstContract {
    fn contract_address(
        &self,
        _api: &dyn Api,
        _storage: &mut dyn Storage,
        _code_id: u64,
        _instance_id: u64,
    ) -> AnyResult<Addr> {
        Ok(Addr::unchecked(CONTRACT))
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

impl Host {
    pub(crate) fn new() -> Self {
        let (jobs, queue) = sync_channel::<Job>(1);
        std::thread::spawn(move || {
            let api = MockApi::default().with_prefix("archway");
            let wasm = WasmKeeper::new().with_address_generator(FirstContract);
            let mut app: Chain = AppBuilder::new().with_api(api).with_wasm(wasm).build(no_init);
            queue.into_iter().for_each(|job| job(&mut app));
        });
        Self { jobs, refusals: Mutex::new((0, "")) }
    }

    /// Instantiates the contract.
    pub(crate) fn instantiate(&self, settings: Settings) {
        self.with(move |app| {
            let contract = ContractWrapper::new(execute, instantiate, query)
                .with_reply(reply)
                .with_migrate(migrate)
                .with_sudo(sudo);
            let code = app.store_code(Box::new(contract));
            let admin = Addr::unchecked(account("admin"));
            let msg = InstantiateMsg { admin: None, settings };
            app.instantiate_contract(code, admin, &msg, &[], "gateway", None).expect("instantiates")
        });
    }

    /// Refuses the next `count` publications regardless of their content.
    pub(crate) fn refuse_publications(&self, count: u32, reason: &'static str) {
        *self.refusals.lock().unwrap_or_else(PoisonError::into_inner) = (count, reason);
    }

    /// Returns the contract's answer, or its error.
    pub(crate) fn query(&self, msg: Vec<u8>) -> Result<Vec<u8>, String> {
        self.with(move |app| {
            let contract_addr = CONTRACT.to_owned();
            let smart = QueryRequest::<Empty>::Wasm(WasmQuery::Smart { contract_addr, msg: msg.into() });
            match app.wrap().raw_query(&serde_json::to_vec(&smart).expect("JSON")) {
                SystemResult::Ok(ContractResult::Ok(answer)) => Ok(answer.to_vec()),
                SystemResult::Ok(ContractResult::Err(error)) => Err(error),
                SystemResult::Err(error) => Err(error.to_string()),
            }
        })
    }

    /// Runs something on the contract's thread.
    fn with<T: Send + 'static>(&self, run: impl FnOnce(&mut Chain) -> T + Send + 'static) -> T {
        let (answer, answered) = sync_channel(1);
        self.jobs.send(Box::new(move |app| _ = answer.send(run(app)))).expect("the contract panicked before");
        answered.recv().expect("the contract panicked")
    }

    /// Removes the publications to be refused from a message; returns the rest of it, and their events.
    fn take_refused(&self, message: &Execution) -> (Option<Execution>, Vec<RawEvent>) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = refusals.1;
        let mut events = Vec::new();
        let mut keep = |publication: &Publication| {
            if refusals.0 == 0 {
                return true;
            }
            refusals.0 -= 1;
            let request = publication.request;
            events.push(contract_event(PublicationRefused { request, reason: reason.to_owned() }));
            false
        };
        let left = match serde_json::from_slice(&message.msg) {
            Ok(ExecuteMsg::Publish { mut publications }) => {
                publications.retain(&mut keep);
                (!publications.is_empty()).then_some(ExecuteMsg::Publish { publications })
            }
            Ok(ExecuteMsg::Attest { publication }) => {
                keep(&publication).then_some(ExecuteMsg::Attest { publication })
            }
            _ => return (Some(message.clone()), Vec::new()),
        };
        let encode = |msg: &ExecuteMsg| serde_json::to_vec(msg).expect("JSON");
        (left.map(|msg| Execution { msg: encode(&msg), ..message.clone() }), events)
    }
}

impl Contract for Host {
    fn begin_block(&self, height: u64, time_ns: u64) {
        self.with(move |app| {
            let (time, chain_id) = (Timestamp::from_nanos(time_ns), CHAIN_ID.to_owned());
            app.set_block(BlockInfo { height, time, chain_id });
        });
    }

    fn execute(&self, messages: &[Execution]) -> Result<Vec<RawEvent>, RefusedMessage> {
        let mut events = Vec::new();
        let mut left = Vec::new();
        for message in messages {
            let (message, refused) = self.take_refused(message);
            events.extend(refused);
            left.extend(message);
        }
        events.extend(self.with(move |app| {
            try_out(app, &left)?;
            let mut events = Vec::new();
            for message in &left {
                let sent = app.execute(Addr::unchecked(&message.sender), to_chain(message));
                events.extend(sent.expect("what was tried out").events.into_iter().map(raw));
            }
            Ok(events)
        })?);
        Ok(events)
    }

    fn simulate(&self, messages: &[Execution]) -> Result<(), RefusedMessage> {
        let messages = messages.to_vec();
        self.with(move |app| try_out(app, &messages))
    }
}

/// Converts an event of the contract to the form that the chain returns.
pub fn contract_event(event: impl Into<Event>) -> RawEvent {
    let mut event = raw(event.into());
    event.ty = format!("wasm-{}", event.ty);
    event.attributes.insert(0, ("_contract_address".to_owned(), CONTRACT.to_owned()));
    event
}

fn raw(event: Event) -> RawEvent {
    let attributes = event.attributes.into_iter().map(|a| (a.key, a.value)).collect();
    RawEvent { ty: event.ty, attributes }
}

fn to_chain(message: &Execution) -> CosmosMsg {
    let funds = message.funds.iter().map(|coin| cosmwasm_std::coin(coin.amount, &coin.denom)).collect();
    WasmMsg::Execute { contract_addr: CONTRACT.to_owned(), msg: message.msg.clone().into(), funds }.into()
}

/// Executes the messages on a copy of the state, funding their senders as needed.
fn try_out(app: &mut Chain, messages: &[Execution]) -> Result<(), RefusedMessage> {
    for Execution { sender, .. } in messages {
        if app.wrap().query_balance(sender, DENOM).expect("a balance").amount.u128() < WEALTH / 2 {
            let mint = BankSudo::Mint { to_address: sender.clone(), amount: coins(WEALTH, DENOM) };
            app.sudo(SudoMsg::Bank(mint)).expect("mints");
        }
    }
    let block = app.block_info();
    app.init_modules(|router, api, storage| {
        let mut copy = MockStorage::new();
        storage.range(None, None, Order::Ascending).for_each(|(key, value)| copy.set(&key, &value));
        for (index, message) in messages.iter().enumerate() {
            let sender = Addr::unchecked(&message.sender);
            let sent = router.execute(api, &mut copy, &block, sender, to_chain(message));
            sent.map_err(|error| RefusedMessage { index, reason: error.root_cause().to_string() })?;
        }
        Ok(())
    })
}
