//! Maps a message's type to its handler and its signers. The only list of messages the chain knows; transactions and contracts
//! both use it.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgMultiSendResponse, MsgSend, MsgSendResponse};
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgClearAdmin, MsgClearAdminResponse, MsgExecuteContract, MsgInstantiateContract,
    MsgInstantiateContract2, MsgMigrateContract, MsgStoreCode, MsgUpdateAdmin, MsgUpdateAdminResponse,
};
use cosmrs::proto::prost::{Message, Name};

use crate::archway;
use crate::archway::messages::{MsgCancelCallback, MsgRequestCallback};
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::modules::{Chain, Ctx, bank};
use crate::wasm;

/// A message the chain knows, decoded.
enum Known {
    Send(MsgSend),
    MultiSend(MsgMultiSend),
    StoreCode(MsgStoreCode),
    Instantiate(MsgInstantiateContract),
    Instantiate2(MsgInstantiateContract2),
    Execute(MsgExecuteContract),
    Migrate(MsgMigrateContract),
    UpdateAdmin(MsgUpdateAdmin),
    ClearAdmin(MsgClearAdmin),
    RequestCallback(MsgRequestCallback),
    CancelCallback(MsgCancelCallback),
}

fn decode(any: &Any) -> Result<Known, ExecError> {
    let known = match any.type_url.as_str() {
        "/cosmos.bank.v1beta1.MsgSend" => Known::Send(read(any)?),
        "/cosmos.bank.v1beta1.MsgMultiSend" => Known::MultiSend(read(any)?),
        "/cosmwasm.wasm.v1.MsgStoreCode" => Known::StoreCode(read(any)?),
        "/cosmwasm.wasm.v1.MsgInstantiateContract" => Known::Instantiate(read(any)?),
        "/cosmwasm.wasm.v1.MsgInstantiateContract2" => Known::Instantiate2(read(any)?),
        "/cosmwasm.wasm.v1.MsgExecuteContract" => Known::Execute(read(any)?),
        "/cosmwasm.wasm.v1.MsgMigrateContract" => Known::Migrate(read(any)?),
        "/cosmwasm.wasm.v1.MsgUpdateAdmin" => Known::UpdateAdmin(read(any)?),
        "/cosmwasm.wasm.v1.MsgClearAdmin" => Known::ClearAdmin(read(any)?),
        "/archway.callback.v1.MsgRequestCallback" => Known::RequestCallback(read(any)?),
        "/archway.callback.v1.MsgCancelCallback" => Known::CancelCallback(read(any)?),
        other => {
            let text = format!("unable to resolve type URL {other}");
            return Err(ExecError::sdk(code::TX_DECODE, text));
        }
    };
    Ok(known)
}

fn read<M: Message + Default>(any: &Any) -> Result<M, ExecError> {
    M::decode(any.value.as_slice()).map_err(|e| ExecError::sdk(code::TX_DECODE, e))
}

/// Returns the required signers of a message.
pub(crate) fn signers(chain: &Chain, any: &Any) -> Result<Vec<Vec<u8>>, ExecError> {
    let one = |address: &str| Ok(vec![chain.decode(address)?]);
    match decode(any)? {
        Known::Send(m) => one(&m.from_address),
        Known::MultiSend(m) => m.inputs.iter().map(|input| chain.decode(&input.address)).collect(),
        Known::StoreCode(m) => one(&m.sender),
        Known::Instantiate(m) => one(&m.sender),
        Known::Instantiate2(m) => one(&m.sender),
        Known::Execute(m) => one(&m.sender),
        Known::Migrate(m) => one(&m.sender),
        Known::UpdateAdmin(m) => one(&m.sender),
        Known::ClearAdmin(m) => one(&m.sender),
        Known::RequestCallback(m) => one(&m.sender),
        Known::CancelCallback(m) => one(&m.sender),
    }
}

/// Executes a message and returns its response. Adds its events even on failure; the caller then drops them.
pub(crate) fn handle(ctx: &Ctx, any: &Any, events: &mut Vec<Event>) -> Result<Any, ExecError> {
    Ok(match decode(any)? {
        Known::Send(m) => {
            bank::msg_send(ctx, &m, events)?;
            response(&MsgSendResponse {})
        }
        Known::MultiSend(m) => {
            bank::msg_multi_send(ctx, &m, events)?;
            response(&MsgMultiSendResponse {})
        }
        Known::StoreCode(m) => response(&wasm::store_code(ctx, &m, events)?),
        Known::Instantiate(m) => response(&wasm::instantiate(ctx, &m, events)?),
        Known::Instantiate2(m) => response(&wasm::instantiate2(ctx, &m, events)?),
        Known::Execute(m) => response(&wasm::execute(ctx, &m, events)?),
        Known::Migrate(m) => response(&wasm::migrate(ctx, &m, events)?),
        Known::UpdateAdmin(m) => {
            wasm::update_admin(ctx, &m, events)?;
            response(&MsgUpdateAdminResponse {})
        }
        Known::ClearAdmin(m) => {
            wasm::clear_admin(ctx, &m, events)?;
            response(&MsgClearAdminResponse {})
        }
        Known::RequestCallback(m) => {
            archway::request(ctx, &m, events)?;
            Any { type_url: "/archway.callback.v1.MsgRequestCallbackResponse".to_owned(), value: Vec::new() }
        }
        Known::CancelCallback(m) => Any {
            type_url: "/archway.callback.v1.MsgCancelCallbackResponse".to_owned(),
            value: archway::cancel(ctx, &m, events)?.encode_to_vec(),
        },
    })
}

fn response<M: Message + Name>(message: &M) -> Any {
    Any { type_url: format!("/{}", M::full_name()), value: message.encode_to_vec() }
}
