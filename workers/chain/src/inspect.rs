//! What a signed transaction asks for, before it is handed on for somebody else.

use cosmrs::proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use cosmrs::proto::traits::Message;

use crate::error::{ChainError, Result};

/// The type URL of a contract's execution.
const EXECUTE: &str = "/cosmwasm.wasm.v1.MsgExecuteContract";

/// Checks that every message of a signed transaction (`TxRaw`) executes `contract`, and that there is one.
///
/// # Errors
/// [`ChainError::Invalid`] saying which message does something else, or that the bytes are no transaction.
pub fn executes_only(tx: &[u8], contract: &str) -> Result<()> {
    let invalid = |reason: String| ChainError::Invalid { what: "transaction".to_owned(), reason };
    let raw = TxRaw::decode(tx).map_err(|error| invalid(error.to_string()))?;
    let body = TxBody::decode(&*raw.body_bytes).map_err(|error| invalid(error.to_string()))?;
    if body.messages.is_empty() {
        return Err(invalid("it holds no message".to_owned()));
    }
    for (at, message) in body.messages.iter().enumerate() {
        let execute = (message.type_url == EXECUTE).then(|| MsgExecuteContract::decode(&*message.value));
        if !matches!(execute, Some(Ok(execute)) if execute.contract == contract) {
            let ty = gateway_daemon_runtime::text::clean(&message.type_url, 100);
            return Err(invalid(format!("message {at} ({ty}) does not execute {contract}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use cosmrs::proto::Any;

    use super::*;

    fn tx(messages: Vec<Any>) -> Vec<u8> {
        let body = TxBody { messages, ..TxBody::default() };
        TxRaw { body_bytes: body.encode_to_vec(), ..TxRaw::default() }.encode_to_vec()
    }

    fn execute(contract: &str) -> Any {
        let message = MsgExecuteContract { contract: contract.into(), ..MsgExecuteContract::default() };
        Any { type_url: EXECUTE.into(), value: message.encode_to_vec() }
    }

    #[test]
    fn only_executions_of_the_contract_pass() {
        assert_eq!(executes_only(&tx(vec![execute("gw"), execute("gw")]), "gw"), Ok(()));
        let send = Any { type_url: "/cosmos.bank.v1beta1.MsgSend".into(), value: Vec::new() };
        for refused in [vec![], vec![execute("other")], vec![execute("gw"), send]] {
            assert!(executes_only(&tx(refused), "gw").is_err());
        }
        assert!(executes_only(b"not a message", "gw").is_err());
    }
}
