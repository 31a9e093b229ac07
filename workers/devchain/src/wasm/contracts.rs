//! Instances: the record of each contract. Does not run them; see `call`.

use cosmrs::proto::cosmwasm::wasm::v1::ContractInfo;
use cosmrs::proto::prost::Message;
use cosmwasm_std::SystemError;

use crate::error::{ExecError, WASM, wasm_code};
use crate::modules::Ctx;
use crate::state::layers::Range;
use crate::state::{Session, keys};

/// Returns the record of a contract, if it exists.
pub(crate) fn contract_info(state: &mut Session, address: &[u8]) -> Result<Option<ContractInfo>, ExecError> {
    let Some(bytes) = state.get(&keys::contract(address))? else { return Ok(None) };
    ContractInfo::decode(bytes.as_slice()).map(Some).map_err(|e| ExecError::Store(e.to_string()))
}

/// Returns the record of a contract that must exist.
pub(super) fn require(ctx: &Ctx, address: &[u8]) -> Result<ContractInfo, ExecError> {
    if let Some(info) = contract_info(&mut ctx.state(), address)? {
        return Ok(info);
    }
    let addr = ctx.chain.encode(address)?;
    Err(ExecError::System {
        codespace: WASM,
        code: wasm_code::NO_SUCH_CONTRACT,
        text: format!("address {addr}: no such contract"),
        system: SystemError::NoSuchContract { addr },
    })
}

/// Stores the record of a contract.
pub(super) fn store(state: &mut Session, address: &[u8], info: &ContractInfo) -> Result<(), ExecError> {
    state.set(keys::contract(address), info.encode_to_vec())
}

/// Adds a contract to the list of those that run its code.
pub(super) fn index(
    state: &mut Session,
    code_id: u64,
    position: (u64, u64),
    address: &[u8],
) -> Result<(), ExecError> {
    state.set(index_key(code_id, position, address), Vec::new())
}

/// Removes a contract from the list of those that run a code, wherever it is in it.
pub(super) fn unindex(state: &mut Session, code_id: u64, address: &[u8]) -> Result<(), ExecError> {
    let mut range = Range::prefix(&keys::contracts_of_code(code_id));
    while let Some((key, _)) = state.first(&range)? {
        if key.ends_with(address) {
            return state.remove(key);
        }
        range.skip(key);
    }
    Ok(())
}

/// Returns the addresses of the contracts that run a code, oldest first.
pub(crate) fn contracts_of_code(state: &mut Session, code_id: u64) -> Result<Vec<Vec<u8>>, ExecError> {
    let prefix = keys::contracts_of_code(code_id);
    let mut range = Range::prefix(&prefix);
    let mut addresses = Vec::new();
    while let Some((key, _)) = state.first(&range)? {
        addresses.push(key.get(prefix.len() + 16..).unwrap_or_default().to_vec());
        range.skip(key);
    }
    Ok(addresses)
}

fn index_key(code_id: u64, (height, tx): (u64, u64), address: &[u8]) -> Vec<u8> {
    let mut key = keys::contracts_of_code(code_id);
    key.extend_from_slice(&height.to_be_bytes());
    key.extend_from_slice(&tx.to_be_bytes());
    key.extend_from_slice(address);
    key
}
