//! Begins a schedule, if its first firing could be paid.

use cosmwasm_std::{to_json_binary, DepsMut, Env, MessageInfo, Response};
use gateway_api::{limits, NewSchedule};

use crate::error::ContractError;
use crate::operations::fee::{terms, Terms};
use crate::operations::funds;
use crate::operations::schedules::changed;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::projects::{project as load_project, version as load_version};
use crate::state::schedules::{begin, Asked, Schedule};
use crate::state::subscriptions::subscription as load_subscription;

pub(crate) fn schedule(
    deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    new: NewSchedule,
) -> Result<Response, ContractError> {
    let NewSchedule { request, at, every_blocks, until } = new;
    let next_block = env.block.height.saturating_add(1);
    let (next, span) = (at.unwrap_or(next_block), limits::MAX_SCHEDULE_BLOCKS);
    let bound = |bound| Err(ContractError::InvalidSchedule { bound });
    if !(next_block..=next_block.saturating_add(span)).contains(&next) {
        return bound("a first firing from the next block on, at most 10000000 blocks away");
    }
    if every_blocks.is_some_and(|blocks| !(1..=span).contains(&blocks)) {
        return bound("1 to 10000000 blocks from one firing to the next");
    }
    if until.is_some_and(|until| until < next) {
        return bound("an end that is not before its first firing");
    }
    if request.refund_to.is_some() {
        return bound(
            "a request without refund_to: refunds go to the budget, or to the subscription that pays",
        );
    }
    let (_, settings) = current_settings(deps.storage)?;
    if request.input.is_empty() || request.input.len() > settings.max_input_bytes as usize {
        return Err(ContractError::InputSize { found: request.input.len(), max: settings.max_input_bytes });
    }
    let budget = funds::sent(&info, &settings.denom)?;
    let version = load_project(deps.storage, request.project)?.active_at(env.block.height);
    let policy = load_version(deps.storage, request.project, version)?.policy;
    let Terms { charge, keepers, .. } =
        terms(&settings, policy, request.overrides, request.callback.as_ref())?;
    let bounty = settings.schedule_bounty.unwrap_or_default();
    let needed = charge.sent.checked_add(keepers)?.checked_add(bounty)?;
    match request.subscription {
        Some(_) if !budget.is_zero() => return Err(ContractError::PaidBySubscription {}),
        // The same rule that each firing is charged by; nothing is taken yet.
        Some(id) => load_subscription(deps.storage, id)?.charge(&info.sender, request.project, needed)?,
        None if budget < needed => {
            return Err(ContractError::InsufficientFunds { sent: budget, needed, denom: settings.denom });
        }
        None => {}
    }
    let (asked, input) = Asked::new(request);
    let (owner, opened, missed, last) = (info.sender, 0, 0, None);
    let record = Schedule { owner, asked, budget, next, every_blocks, until, opened, missed, last };
    let id = begin(deps.storage, &record, &input)?;
    let mut book = Book::open(deps.storage)?;
    book.schedule_in(budget)?;
    book.close(deps.storage)?;
    Ok(Response::new().add_event(changed(id, &record)).set_data(to_json_binary(&id)?))
}
