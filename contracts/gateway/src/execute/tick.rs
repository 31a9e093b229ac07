//! Moves the counter. Anybody may, as often as they like: at most one round opens in a block, and only where a request
//! waits or the epoch ends.

use super::domain;
use crate::error::ContractError;
use crate::state::counter::{take_delta, Counter, EpochRecord, RoundRecord, COUNTER, EPOCHS, LOWEST, ROUNDS};
use crate::state::governance::current_settings;
use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::{EpochOpened, RoundOpened};

pub(crate) fn tick(mut deps: DepsMut<'_>, env: &Env) -> Result<Response, ContractError> {
    let mut counter = COUNTER.load(deps.storage)?;
    let (height, time_ns) = (env.block.height, env.block.time.nanos());
    // Round 0 opened in the first block; after that the rule of one round a block needs only the newest height.
    if height <= counter.round_height {
        return Ok(Response::new());
    }
    let (_, settings) = current_settings(deps.storage)?;
    let ends = counter.epoch_due(height, settings.epoch_blocks);
    if !ends && !counter.request_waits() {
        return Ok(Response::new());
    }
    let mut response = Response::new();
    if ends {
        response = response.add_event(next_epoch(deps.branch(), env, &mut counter)?);
    }
    counter.round = counter.round.next();
    counter.round_seed = domain(env).round_seed(&counter.epoch_seed, &counter.round_seed, height, time_ns);
    counter.round_height = height;
    let (round, seed, epoch) = (counter.round, counter.round_seed, counter.epoch);
    ROUNDS.save(deps.storage, round.get(), &RoundRecord { seed, height, time_ns, epoch })?;
    COUNTER.save(deps.storage, &counter)?;
    Ok(response.add_event(RoundOpened { round, seed, epoch, height }))
}

fn next_epoch(deps: DepsMut<'_>, env: &Env, counter: &mut Counter) -> Result<EpochOpened, ContractError> {
    counter.epoch = counter.epoch.next();
    let lowest = LOWEST.may_load(deps.storage)?.map(|ticket| ticket.output);
    LOWEST.remove(deps.storage);
    counter.epoch_seed = domain(env).epoch_seed(&counter.epoch_seed, lowest.as_ref());
    counter.epoch_height = env.block.height;
    let delta = take_delta(deps.storage, counter.epoch)?;
    counter.units = counter.units.checked_add_signed(delta.units).ok_or(ContractError::Overflow {})?;
    counter.operators =
        counter.operators.checked_add_signed(delta.operators).ok_or(ContractError::Overflow {})?;
    let Counter { epoch, epoch_seed: seed, epoch_height: height, units, operators, .. } = *counter;
    EPOCHS.save(
        deps.storage,
        epoch.get(),
        &EpochRecord { seed, height, units, operators, beacon: lowest.is_some(), expected_of_unit: 0 },
    )?;
    Ok(EpochOpened { epoch, seed, total_units: units })
}
