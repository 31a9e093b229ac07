//! Delivers a callback that is due, or retries one that failed: the requester as often as it likes and with as much gas as
//! it wants to pay for, others a bounded number of times. The first delivery of a due callback earns the settings' bounty.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use gateway_api::{limits, KeeperSettings, RequestId, Resolution};

use crate::error::ContractError;
use crate::operations::callback::{self, Call};
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::projects::version;
use crate::state::requests::{request as load, State};
use crate::state::results::{Callback, CALLBACKS, DUE, RESULTS};

pub(crate) fn deliver_callback(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    request: RequestId,
    gas_limit: Option<u64>,
) -> Result<Response, ContractError> {
    let mut record = load(deps.storage, request)?;
    let own = info.sender == record.requester;
    if let Some(gas) = gas_limit {
        let max = limits::MAX_CALLBACK_GAS;
        if !own {
            return Err(ContractError::Unauthorized { who: "the requester, where it names the gas" });
        }
        if gas == 0 || gas > max {
            return Err(ContractError::CallbackGas { max });
        }
        record.callback_gas = record.callback_gas.and(Some(gas));
    }
    let kept = CALLBACKS.may_load(deps.storage, request.get())?;
    let due = kept == Some(Callback::Due {});
    let failed = match kept {
        Some(Callback::Due {}) => {
            DUE.remove(deps.storage, request.get());
            0
        }
        Some(Callback::Failed { tries, .. }) if own => tries,
        // The first attempt is no retry.
        Some(Callback::Failed { tries, height, .. }) if tries <= limits::MAX_CALLBACK_RETRIES => {
            let from = height.saturating_add(limits::CALLBACK_COOLDOWN_BLOCKS);
            if env.block.height < from {
                return Err(ContractError::RetryTooSoon { from });
            }
            tries
        }
        _ => return Err(ContractError::NotRetriable {}),
    };
    let resolution = match record.state {
        State::Open => return Err(ContractError::NotRetriable {}),
        State::Expired => Resolution::Expired {},
        State::Fulfilled => {
            let result = RESULTS.load(deps.storage, request.get())?;
            Resolution::Fulfilled { class: result.class, body: result.body }
        }
    };
    let code = version(deps.storage, record.project, record.version)?.code;
    let call =
        callback::send(deps.storage, Call { id: request, request: &record, code, resolution, failed })?;
    let mut response = Response::new().add_submessages(call);
    if let Some(KeeperSettings { callback, .. }) = current_settings(deps.storage)?.1.keepers.filter(|_| due) {
        let mut book = Book::open(deps.storage)?;
        response = response.add_events(book.bounty(&info.sender, callback)?);
        book.close(deps.storage)?;
    }
    Ok(response)
}
