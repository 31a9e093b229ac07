//! Codes: upload, and the record of each. Instances are in `contracts`.

use std::io::Read;

use cosmrs::proto::cosmwasm::wasm::v1::{
    AccessConfig, AccessType, CodeInfo, MsgStoreCode, MsgStoreCodeResponse,
};
use cosmrs::proto::prost::Message;
use cosmwasm_std::{Checksum, SystemError};
use flate2::read::GzDecoder;

use super::gas;
use crate::error::{ExecError, WASM, wasm_code};
use crate::event::Event;
use crate::modules::{Ctx, auth};
use crate::state::{Session, keys};

/// The largest code in bytes, unpacked.
const MAX_CODE: usize = 800 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Returns the record of a code, if it exists.
pub(crate) fn code_info(state: &mut Session, id: u64) -> Result<Option<CodeInfo>, ExecError> {
    let Some(bytes) = state.get(&keys::code(id))? else { return Ok(None) };
    CodeInfo::decode(bytes.as_slice()).map(Some).map_err(|e| ExecError::Store(e.to_string()))
}

/// Returns the record of a code that must exist.
pub(super) fn require(ctx: &Ctx, id: u64) -> Result<CodeInfo, ExecError> {
    code_info(&mut ctx.state(), id)?.ok_or_else(|| ExecError::System {
        codespace: WASM,
        code: wasm_code::NO_SUCH_CODE,
        text: format!("code id {id}: no such code"),
        system: SystemError::NoSuchCode { code_id: id },
    })
}

/// Returns the checksum of a stored code.
pub(super) fn checksum(info: &CodeInfo) -> Result<Checksum, ExecError> {
    Checksum::try_from(info.code_hash.as_slice()).map_err(|e| ExecError::Store(e.to_string()))
}

/// Handles `MsgStoreCode`.
pub(crate) fn store_code(
    ctx: &Ctx,
    msg: &MsgStoreCode,
    events: &mut Vec<Event>,
) -> Result<MsgStoreCodeResponse, ExecError> {
    ctx.chain.decode(&msg.sender)?;
    let code = unpack(ctx, &msg.wasm_byte_code)?;
    ctx.state().consume(gas::compile(code.len()), "Compiling wasm bytecode")?;
    let checksum =
        ctx.chain.vm.store(&code).map_err(|e| ExecError::wasm(wasm_code::CREATE, e))?.as_slice().to_vec();
    let everybody = AccessConfig { permission: AccessType::Everybody.into(), addresses: Vec::new() };
    let info = CodeInfo {
        code_hash: checksum.clone(),
        creator: msg.sender.clone(),
        instantiate_config: Some(msg.instantiate_permission.clone().unwrap_or(everybody)),
    };
    let mut state = ctx.state();
    let code_id = auth::next_number(&mut state, keys::last_code_id(), 1)?;
    state.set(keys::code(code_id), info.encode_to_vec())?;
    events.push(
        Event::new("store_code")
            .with("code_checksum", hex::encode(&checksum))
            .with("code_id", code_id.to_string()),
    );
    Ok(MsgStoreCodeResponse { code_id, checksum })
}

/// Returns the code itself, gzipped or not.
fn unpack(ctx: &Ctx, bytes: &[u8]) -> Result<Vec<u8>, ExecError> {
    let too_large = || ExecError::wasm(wasm_code::LIMIT, format!("code is larger than {MAX_CODE} bytes"));
    let code = if bytes.starts_with(&GZIP) {
        ctx.state().consume(gas::uncompress(bytes.len()), "Uncompress gzip bytecode")?;
        let mut code = Vec::new();
        GzDecoder::new(bytes)
            .take(MAX_CODE as u64 + 1)
            .read_to_end(&mut code)
            .map_err(|e| ExecError::wasm(wasm_code::CREATE, format!("uncompress wasm archive: {e}")))?;
        code
    } else {
        bytes.to_vec()
    };
    if code.is_empty() {
        return Err(ExecError::wasm(wasm_code::EMPTY, "code bytes"));
    }
    if code.len() > MAX_CODE { Err(too_large()) } else { Ok(code) }
}
