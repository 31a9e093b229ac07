//! Contracts: codes, instances, calls into the VM, sub-messages, replies and queries, with wasmd's prices and wording. The VM
//! itself is the `cosmwasm-vm` crate.

mod api;
mod call;
mod codes;
mod contracts;
mod dispatch;
mod encode;
mod events;
mod execute;
mod gas;
mod instantiate;
mod migrate;
mod querier;
pub(crate) mod query;
mod storage;
mod sudo;
pub(crate) mod vm;

pub(crate) use codes::{code_info, store_code};
pub(crate) use contracts::{contract_info, contracts_of_code};
pub(crate) use execute::execute;
pub(crate) use instantiate::{instantiate, instantiate2};
pub(crate) use migrate::{clear_admin, migrate, update_admin};
pub(crate) use sudo::sudo;
