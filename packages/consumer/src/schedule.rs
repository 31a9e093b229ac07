//! Builds the messages that begin and end a schedule.

use cosmwasm_std::{Addr, Coin, CosmosMsg, StdResult, WasmMsg, to_json_binary};
use gateway_api::{ExecuteMsg, NewSchedule, ScheduleId};

use crate::Ask;

/// When a schedule fires. The default is once, in the next block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// The height of the first firing; the next block where absent.
    pub at: Option<u64>,
    /// Blocks from one firing to the next; once where absent.
    pub every_blocks: Option<u64>,
    /// The last height at which a keeper may open a request; without end where absent. Leave some blocks after the last firing:
    /// keepers come a block or two after it is due.
    pub until: Option<u64>,
}

impl Ask {
    /// The message that has the gateway ask this periodically, or once later. The budget pays for the firings, several times
    /// what [`Ask::estimate`] returns; none where a subscription pays. Send it as a sub-message with reply on success, read the
    /// schedule's id with [`crate::parse_schedule_id`], and check what it calls back with by [`crate::check_scheduled`].
    ///
    /// # Errors
    /// [`cosmwasm_std::StdError`] where the message cannot be encoded.
    pub fn schedule(self, gateway: &Addr, timing: Timing, budget: Option<Coin>) -> StdResult<CosmosMsg> {
        let Timing { at, every_blocks, until } = timing;
        let new = NewSchedule { request: self.request(), at, every_blocks, until };
        Ok(WasmMsg::Execute {
            contract_addr: gateway.to_string(),
            msg: to_json_binary(&ExecuteMsg::Schedule(new))?,
            funds: budget.into_iter().collect(),
        }
        .into())
    }
}

/// The message that ends a schedule of the sender: what is left of its budget comes with it.
///
/// # Errors
/// [`cosmwasm_std::StdError`] where the message cannot be encoded.
pub fn cancel_schedule(gateway: &Addr, schedule: ScheduleId) -> StdResult<CosmosMsg> {
    Ok(WasmMsg::Execute {
        contract_addr: gateway.to_string(),
        msg: to_json_binary(&ExecuteMsg::CancelSchedule { schedule })?,
        funds: Vec::new(),
    }
    .into())
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::{coin, from_json};
    use gateway_api::ProjectId;

    use super::*;

    #[test]
    fn a_schedule_asks_with_a_callback_and_brings_its_budget() {
        let ask = Ask { callback_gas: Some(9), ..Ask::new(ProjectId(1), "1") };
        let timing = Timing { every_blocks: Some(100), ..Timing::default() };
        let message = ask.schedule(&Addr::unchecked("gateway"), timing, Some(coin(7, "aarch"))).unwrap();
        let CosmosMsg::Wasm(WasmMsg::Execute { msg, funds, .. }) = message else { panic!("{message:?}") };
        assert_eq!(funds, [coin(7, "aarch")]);
        let ExecuteMsg::Schedule(new) = from_json(msg).unwrap() else { panic!("another message") };
        assert_eq!((new.at, new.every_blocks, new.until), (None, Some(100), None));
        assert_eq!(new.request.callback.and_then(|callback| callback.gas_limit), Some(9));
    }
}
