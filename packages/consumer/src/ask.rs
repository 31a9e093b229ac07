//! Builds the message that opens a request.

use cosmwasm_std::{Addr, CosmosMsg, QuerierWrapper, StdResult, WasmMsg, coins, to_json_binary};
use gateway_api::{CallbackRequest, ExecuteMsg, FeeResponse, Overrides, ProjectId, QueryMsg};

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
}

impl Ask {
    /// The message to the gateway, with the fee it takes. Send it as a sub-message with reply on success and read the
    /// request's id with [`crate::parse_request_id`].
    ///
    /// # Errors
    /// The chain's own, where the message cannot be encoded.
    pub fn message(self, gateway: &Addr, fee: &FeeResponse) -> StdResult<CosmosMsg> {
        let Self { project, input, callback_gas, overrides } = self;
        let callback = Some(CallbackRequest { gas_limit: callback_gas });
        let funds = if fee.total.is_zero() { Vec::new() } else { coins(fee.total.u128(), &fee.denom) };
        Ok(WasmMsg::Execute {
            contract_addr: gateway.to_string(),
            msg: to_json_binary(&ExecuteMsg::Request { project, input, callback, overrides })?,
            funds,
        }
        .into())
    }
}

/// Asks the gateway what a request to a project, with these overrides, costs now.
///
/// # Errors
/// The chain's own: no such project, no such contract, or overrides that the project does not allow.
pub fn estimate_fee(
    querier: &QuerierWrapper<'_>,
    gateway: &Addr,
    project: ProjectId,
    overrides: Option<Overrides>,
) -> StdResult<FeeResponse> {
    querier.query_wasm_smart(gateway, &QueryMsg::EstimateFee { project, overrides })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{CosmosMsg, Uint128, from_json};

    fn sent(overrides: Option<Overrides>) -> (String, ExecuteMsg) {
        let (amount, zero) = (Uint128::new(5), Uint128::zero());
        let fee = FeeResponse {
            denom: "aarch".to_owned(),
            total: amount,
            committee: amount,
            relay: zero,
            project: zero,
        };
        let ask = Ask { project: ProjectId(1), input: "1".to_owned(), callback_gas: None, overrides };
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
        assert!(matches!(message, ExecuteMsg::Request { overrides: Some(asked), .. } if asked == more));
        let (text, message) = sent(None);
        assert!(matches!(message, ExecuteMsg::Request { overrides: None, .. }));
        assert!(!text.contains("overrides"), "{text}");
    }
}
