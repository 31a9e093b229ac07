//! Inspects a transaction before it is forwarded or signed for another party.

use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, SignDoc, TxBody, TxRaw};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use cosmrs::proto::traits::Message;

use crate::error::{ChainError, Result};

/// The type URL of a contract's execution.
const EXECUTE: &str = "/cosmwasm.wasm.v1.MsgExecuteContract";

/// Checks that a signed transaction (`TxRaw`) has at least one message and that each executes `contract`.
///
/// # Errors
/// [`ChainError::Invalid`] saying which message does something else, or that the bytes are no transaction.
pub fn executes_only(tx: &[u8], contract: &str) -> Result<()> {
    let invalid = |reason: String| ChainError::Invalid { what: "transaction".to_owned(), reason };
    let raw = TxRaw::decode(tx).map_err(|error| invalid(error.to_string()))?;
    let body = TxBody::decode(&*raw.body_bytes).map_err(|error| invalid(error.to_string()))?;
    executions(&body, contract).map(drop)
}

/// What a transaction to be signed spends, provided it only executes `contract` for `sender`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// Coins paid to the chain.
    pub fee: u128,
    /// Coins paid to the contract.
    pub funds: u128,
}

/// Reads what a document spends, in `denom`.
///
/// # Errors
/// [`ChainError::Invalid`]: a message does something else, has another sender or carries other coins; the fee is in another
/// denomination or has another payer; the transaction has extensions.
pub fn spending(doc: &SignDoc, contract: &str, sender: &str, denom: &str) -> Result<Spending> {
    let invalid = |reason: String| ChainError::Invalid { what: "transaction".to_owned(), reason };
    let body = TxBody::decode(&*doc.body_bytes).map_err(|error| invalid(error.to_string()))?;
    let auth = AuthInfo::decode(&*doc.auth_info_bytes).map_err(|error| invalid(error.to_string()))?;
    if !body.extension_options.is_empty() || !body.non_critical_extension_options.is_empty() {
        return Err(invalid("it has extensions".to_owned()));
    }
    let fee = auth.fee.ok_or_else(|| invalid("it has no fee".to_owned()))?;
    if !fee.payer.is_empty() || !fee.granter.is_empty() {
        return Err(invalid("another account pays its fee".to_owned()));
    }
    let sum = |coins: &[cosmrs::proto::cosmos::base::v1beta1::Coin]| {
        coins.iter().try_fold(0u128, |sum, coin| {
            let amount = coin.amount.parse::<u128>().ok().filter(|_| coin.denom == denom);
            amount.and_then(|amount| sum.checked_add(amount))
        })
    };
    let other = || invalid(format!("it spends other coins than {denom}"));
    let mut spent = Spending { fee: sum(&fee.amount).ok_or_else(other)?, funds: 0 };
    for execute in executions(&body, contract)? {
        if execute.sender != sender {
            return Err(invalid(format!("{sender} is not the sender of a message")));
        }
        let funds = sum(&execute.funds).and_then(|funds| spent.funds.checked_add(funds));
        spent.funds = funds.ok_or_else(other)?;
    }
    Ok(spent)
}

/// Decodes the executions of `contract` that make up a transaction.
fn executions(body: &TxBody, contract: &str) -> Result<Vec<MsgExecuteContract>> {
    let invalid = |reason: String| ChainError::Invalid { what: "transaction".to_owned(), reason };
    if body.messages.is_empty() {
        return Err(invalid("it holds no message".to_owned()));
    }
    let read = |(at, message): (usize, &cosmrs::proto::Any)| {
        let execute = (message.type_url == EXECUTE).then(|| MsgExecuteContract::decode(&*message.value));
        match execute {
            Some(Ok(execute)) if execute.contract == contract => Ok(execute),
            _ => {
                let ty = gateway_daemon_runtime::text::clean(&message.type_url, 100);
                Err(invalid(format!("message {at} ({ty}) does not execute {contract}")))
            }
        }
    };
    body.messages.iter().enumerate().map(read).collect()
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

    #[test]
    fn what_is_spent_is_added_up_and_anything_else_is_refused() {
        use cosmrs::proto::cosmos::base::v1beta1::Coin;
        use cosmrs::proto::cosmos::tx::v1beta1::Fee;
        let coin = |amount: &str, denom: &str| Coin { amount: amount.into(), denom: denom.into() };
        let message = |sender: &str, coin: Coin| {
            let (sender, contract, funds) = (sender.into(), "gw".into(), vec![coin]);
            let message = MsgExecuteContract { sender, contract, funds, msg: b"{}".to_vec() };
            Any { type_url: EXECUTE.into(), value: message.encode_to_vec() }
        };
        let spent = |messages: Vec<Any>, fee: Fee| {
            let body = TxBody { messages, ..TxBody::default() };
            let auth = AuthInfo { fee: Some(fee), ..AuthInfo::default() };
            let (body_bytes, auth_info_bytes) = (body.encode_to_vec(), auth.encode_to_vec());
            let doc = SignDoc { body_bytes, auth_info_bytes, ..SignDoc::default() };
            spending(&doc, "gw", "me", "aarch")
        };
        let fee = |denom: &str| Fee { amount: vec![coin("5", denom)], ..Fee::default() };
        let mine = || message("me", coin("7", "aarch"));
        assert_eq!(spent(vec![mine(), mine()], fee("aarch")), Ok(Spending { fee: 5, funds: 14 }));
        assert!(spent(vec![mine()], fee("uother")).is_err());
        assert!(spent(vec![mine()], Fee { payer: "you".into(), ..fee("aarch") }).is_err());
        for refused in
            [message("you", coin("7", "aarch")), message("me", coin("7", "uother")), execute("other")]
        {
            assert!(spent(vec![refused], fee("aarch")).is_err());
        }
        assert!(
            spent(vec![mine(), message("me", coin(&u128::MAX.to_string(), "aarch"))], fee("aarch")).is_err()
        );
    }
}
