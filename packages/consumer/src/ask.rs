//! Builds the message that opens a request, and says what of the sender's funds it leaves.

use cosmwasm_std::{
    Addr, Coin, CosmosMsg, QuerierWrapper, StdResult, Uint128, WasmMsg, coin, coins, to_json_binary,
    to_json_string,
};
use gateway_api::{
    CallbackRequest, CodeHash, ExecuteMsg, FeeResponse, NewRequest, Overrides, ProjectId, QueryMsg,
    SubscriptionId, Version,
};
use serde::Serialize;

use crate::ConsumerError;

/// What to ask. [`Ask::new`] and [`Ask::json`] ask the active version, under the project's own policy, at the sender's cost; what
/// they leave open is set by update: `Ask { code: Some(hash), ..Ask::new(project, "1") }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The project.
    pub project: ProjectId,
    /// The input: a JSON text.
    pub input: String,
    /// Gas for the callback; the project's cap where absent.
    pub callback_gas: Option<u64>,
    /// What to ask for beyond the project's policy, as far as its owner allows.
    pub overrides: Option<Overrides>,
    /// The version that must be active: without it the owner may activate another one in the same block.
    pub version: Option<Version>,
    /// The hash that the active version's code must have.
    pub code: Option<CodeHash>,
    /// The subscription that pays, of which this contract must be a consumer; the fee is sent along where absent.
    pub subscription: Option<SubscriptionId>,
    /// Who receives what is not used; this contract where absent. Not with a subscription, nor of a schedule.
    pub refund_to: Option<Addr>,
}

impl Ask {
    /// Asks with a text that is JSON already, as a message brings it.
    #[must_use]
    pub fn new(project: ProjectId, input: impl Into<String>) -> Self {
        let input = input.into();
        Self {
            project,
            input,
            callback_gas: None,
            overrides: None,
            version: None,
            code: None,
            subscription: None,
            refund_to: None,
        }
    }

    /// Asks with a value, written as JSON: a quote in a name ends no text.
    ///
    /// # Errors
    /// [`cosmwasm_std::StdError::SerializeErr`] where the value has no JSON form.
    pub fn json(project: ProjectId, input: &impl Serialize) -> StdResult<Self> {
        Ok(Self::new(project, to_json_string(input)?))
    }

    /// As the gateway takes it, with a callback.
    pub(crate) fn request(self) -> NewRequest {
        let Self { project, input, callback_gas, overrides, version, code, subscription, refund_to } = self;
        let callback = Some(CallbackRequest { gas_limit: callback_gas });
        let refund_to = refund_to.map(String::from);
        NewRequest { project, input, callback, overrides, version, code, refund_to, subscription }
    }

    /// What this costs now; exactly what it will be charged.
    ///
    /// # Errors
    /// [`cosmwasm_std::StdError`] where the chain refuses the query: no such project, no such contract, or overrides that the
    /// project does not allow.
    pub fn estimate(&self, querier: &QuerierWrapper<'_>, gateway: &Addr) -> StdResult<FeeResponse> {
        let Self { project, overrides, .. } = *self;
        let callback = Some(CallbackRequest { gas_limit: self.callback_gas });
        querier.query_wasm_smart(gateway, &QueryMsg::EstimateFee { project, overrides, callback })
    }

    /// The message to the gateway, with the fee it takes. Send it as a sub-message with reply on success and read the
    /// request's id with [`crate::parse_request_id`].
    ///
    /// # Errors
    /// [`cosmwasm_std::StdError`] where the message cannot be encoded.
    pub fn message(self, gateway: &Addr, fee: &FeeResponse) -> StdResult<CosmosMsg> {
        let new = self.request();
        let funds = if fee.total.is_zero() || new.subscription.is_some() {
            Vec::new()
        } else {
            coins(fee.total.u128(), &fee.denom)
        };
        Ok(WasmMsg::Execute {
            contract_addr: gateway.to_string(),
            msg: to_json_binary(&ExecuteMsg::Request(new))?,
            funds,
        }
        .into())
    }
}

/// What the sender's funds leave once the fee is paid out of them.
///
/// # Errors
/// [`ConsumerError::Fee`]: they do not reach it. [`ConsumerError::OtherFunds`]: they hold coins that it does not take.
pub fn rest(funds: &[Coin], fee: &FeeResponse) -> Result<Coin, ConsumerError> {
    if let Some(Coin { denom, .. }) = funds.iter().find(|coin| coin.denom != fee.denom) {
        return Err(ConsumerError::OtherFunds { denom: denom.clone() });
    }
    let sent: Uint128 = funds.iter().map(|coin| coin.amount).sum();
    match sent.checked_sub(fee.total) {
        Ok(left) => Ok(coin(left.u128(), &fee.denom)),
        Err(_) => Err(ConsumerError::Fee { needed: fee.total, denom: fee.denom.clone() }),
    }
}

/// The message that has the gateway pay an address what it may claim: refunds that could not be transferred, for example to a
/// contract that was called at the maximum depth. Anybody may send it for anybody.
///
/// # Errors
/// [`cosmwasm_std::StdError`] where the message cannot be encoded.
pub fn claim(gateway: &Addr, address: &Addr) -> StdResult<CosmosMsg> {
    Ok(WasmMsg::Execute {
        contract_addr: gateway.to_string(),
        msg: to_json_binary(&ExecuteMsg::Claim { r#for: Some(address.to_string()) })?,
        funds: Vec::new(),
    }
    .into())
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::from_json;

    use super::*;

    fn fee() -> FeeResponse {
        let (amount, zero) = (Uint128::new(5), Uint128::zero());
        FeeResponse {
            denom: "aarch".to_owned(),
            total: amount,
            committee: amount,
            relay: zero,
            keepers: zero,
            project: zero,
        }
    }

    fn sent(overrides: Option<Overrides>) -> (String, ExecuteMsg) {
        let ask = Ask { overrides, version: Some(Version(2)), ..Ask::new(ProjectId(1), "1") };
        match ask.message(&Addr::unchecked("gateway"), &fee()).unwrap() {
            CosmosMsg::Wasm(WasmMsg::Execute { contract_addr, msg, funds }) => {
                assert_eq!((contract_addr.as_str(), funds), ("gateway", coins(5, "aarch")));
                (String::from_utf8(msg.to_vec()).unwrap(), from_json(msg).unwrap())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_asked_beyond_the_policy_is_sent_and_nothing_where_nothing_is() {
        let more = Overrides { committee: Some(31), max_fee: Some(Uint128::new(9)), ..Overrides::default() };
        let (_, message) = sent(Some(more));
        assert!(
            matches!(message, ExecuteMsg::Request(NewRequest { overrides: Some(asked), version: Some(Version(2)), .. }) if asked == more)
        );
        let (text, message) = sent(None);
        assert!(matches!(message, ExecuteMsg::Request(NewRequest { overrides: None, .. })));
        assert!(!text.contains("overrides"), "{text}");
    }

    #[test]
    fn what_the_fee_leaves_is_known_and_coins_that_nobody_takes_are_refused() {
        let left = |funds: &[Coin]| rest(funds, &fee());
        assert_eq!(left(&coins(7, "aarch")), Ok(coin(2, "aarch")));
        assert_eq!(left(&coins(5, "aarch")), Ok(coin(0, "aarch")));
        let needed = ConsumerError::Fee { needed: Uint128::new(5), denom: "aarch".to_owned() };
        assert_eq!(left(&coins(4, "aarch")), Err(needed));
        let other = ConsumerError::OtherFunds { denom: "atom".to_owned() };
        assert_eq!(left(&[coin(5, "aarch"), coin(1, "atom")]), Err(other));
    }

    #[test]
    fn a_quote_in_a_name_ends_no_text_and_refunds_go_where_they_are_sent() {
        let payer = Addr::unchecked("payer");
        let ask = Ask::json(ProjectId(1), &["a\"b"]).unwrap();
        let request = Ask { refund_to: Some(payer), ..ask }.request();
        assert_eq!((request.input.as_str(), request.refund_to.as_deref()), ("[\"a\\\"b\"]", Some("payer")));
    }
}
