//! Converts a contract's message to the form in a transaction, so that both take the same path through the router.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgClearAdmin, MsgExecuteContract, MsgInstantiateContract, MsgInstantiateContract2, MsgMigrateContract,
    MsgUpdateAdmin,
};
use cosmrs::proto::prost::{Message, Name};
use cosmwasm_std::{BankMsg, Coin, CosmosMsg, WasmMsg};

use crate::error::{ExecError, code, wasm_code};
use crate::modules::coins::to_proto_sorted;

/// How to carry out a contract's message.
pub(super) enum Encoded {
    /// Route this message.
    Message(Any),
    /// Burn these coins of the contract; transactions have no such message.
    Burn(Vec<Coin>),
    /// Do nothing, which is not an error: a transfer of no coins.
    Nothing,
}

/// Encodes a message of `contract`.
pub(super) fn encode(contract: &str, msg: CosmosMsg) -> Result<Encoded, ExecError> {
    match msg {
        CosmosMsg::Bank(BankMsg::Send { to_address, amount }) => {
            if amount.is_empty() {
                return Ok(Encoded::Nothing);
            }
            Ok(message(&MsgSend {
                from_address: contract.to_owned(),
                to_address,
                amount: to_proto_sorted(&amount),
            }))
        }
        CosmosMsg::Bank(BankMsg::Burn { amount }) => Ok(Encoded::Burn(amount)),
        CosmosMsg::Wasm(msg) => wasm(contract.to_owned(), msg),
        #[allow(deprecated)] // the name of the message on chains of this version
        CosmosMsg::Stargate { type_url, value } => {
            Ok(Encoded::Message(Any { type_url, value: value.to_vec() }))
        }
        CosmosMsg::Custom(_) => {
            Err(ExecError::wasm(wasm_code::INVALID_MSG, "custom messages are not supported"))
        }
        other => Err(ExecError::wasm(wasm_code::UNKNOWN_MSG, format!("{other:?}"))),
    }
}

fn wasm(sender: String, msg: WasmMsg) -> Result<Encoded, ExecError> {
    Ok(match msg {
        WasmMsg::Execute { contract_addr, msg, funds } => message(&MsgExecuteContract {
            sender,
            contract: contract_addr,
            msg: msg.to_vec(),
            funds: to_proto_sorted(&funds),
        }),
        WasmMsg::Instantiate { admin, code_id, msg, funds, label } => message(&MsgInstantiateContract {
            sender,
            admin: admin.unwrap_or_default(),
            code_id,
            label,
            msg: msg.to_vec(),
            funds: to_proto_sorted(&funds),
        }),
        WasmMsg::Instantiate2 { admin, code_id, label, msg, funds, salt } => {
            message(&MsgInstantiateContract2 {
                sender,
                admin: admin.unwrap_or_default(),
                code_id,
                label,
                msg: msg.to_vec(),
                funds: to_proto_sorted(&funds),
                salt: salt.to_vec(),
                fix_msg: false,
            })
        }
        WasmMsg::Migrate { contract_addr, new_code_id, msg } => message(&MsgMigrateContract {
            sender,
            contract: contract_addr,
            code_id: new_code_id,
            msg: msg.to_vec(),
        }),
        WasmMsg::UpdateAdmin { contract_addr, admin } => {
            message(&MsgUpdateAdmin { sender, new_admin: admin, contract: contract_addr })
        }
        WasmMsg::ClearAdmin { contract_addr } => message(&MsgClearAdmin { sender, contract: contract_addr }),
        other => return Err(ExecError::sdk(code::UNKNOWN_REQUEST, format!("{other:?}"))),
    })
}

fn message<M: Message + Name>(msg: &M) -> Encoded {
    Encoded::Message(Any { type_url: format!("/{}", M::full_name()), value: msg.encode_to_vec() })
}
