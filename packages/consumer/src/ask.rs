//! Builds the message that opens a request.

use cosmwasm_std::{Addr, CosmosMsg, QuerierWrapper, StdResult, WasmMsg, coins, to_json_binary};
use gateway_api::{
    CallbackRequest, CodeHash, ExecuteMsg, FeeResponse, NewRequest, Overrides, ProjectId, QueryMsg,
    SubscriptionId, Version,
};

/// What to ask.
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
}

impl Ask {
    /// As the gateway takes it, with a callback.
    pub(crate) fn request(self) -> NewRequest {
        let Self { project, input, callback_gas, overrides, version, code, subscription } = self;
        let callback = Some(CallbackRequest { gas_limit: callback_gas });
        NewRequest { callback, overrides, version, code, subscription, ..NewRequest::new(project, input) }
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
    use cosmwasm_std::{CosmosMsg, Uint128, from_json};

    use super::*;

    fn sent(overrides: Option<Overrides>) -> (String, ExecuteMsg) {
        let (amount, zero) = (Uint128::new(5), Uint128::zero());
        let fee = FeeResponse {
            denom: "aarch".to_owned(),
            total: amount,
            committee: amount,
            relay: zero,
            keepers: zero,
            project: zero,
        };
        let ask = Ask {
            project: ProjectId(1),
            input: "1".to_owned(),
            callback_gas: None,
            overrides,
            version: Some(Version(2)),
            code: None,
            subscription: None,
        };
        match ask.message(&Addr::unchecked("gateway"), &fee).unwrap() {
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
}
