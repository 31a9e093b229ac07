//! Opens the next round and the next epoch where they are due: at most one round in a block, and only where a request waits or
//! the epoch ends.

use cosmwasm_std::{Env, Event, Storage};
use gateway_api::events::{EpochOpened, RoundOpened};
use gateway_api::{Settings, SettingsVersion};

use crate::domain::domain;
use crate::error::ContractError;
use crate::operations::engines::change_engine;
use crate::state::counter::{take_delta, Counter, EpochRecord, RoundRecord, EPOCHS, LOWEST, ROUNDS};

/// Opens what is due and returns its events; none where nothing is. The caller saves the counter.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails, [`ContractError::Overflow`] where a total leaves its range.
pub(crate) fn open_due(
    storage: &mut dyn Storage,
    env: &Env,
    (settings_version, settings): (SettingsVersion, &Settings),
    counter: &mut Counter,
) -> Result<Vec<Event>, ContractError> {
    let (height, time_ns) = (env.block.height, env.block.time.nanos());
    // Round 0 opened in the first block; after that the rule of one round a block needs only the newest height.
    let ends = counter.epoch_due(height, settings.epoch_blocks);
    if height <= counter.round_height || !(ends || counter.request_waits()) {
        return Ok(Vec::new());
    }
    let mut events = Vec::new();
    if ends {
        events.push(next_epoch(storage, env, settings_version, counter)?.into());
        events.extend(change_engine(storage, counter)?);
    }
    let beacon = counter.beacon_waits();
    counter.round = counter.round.next();
    counter.round_seed = domain(env).round_seed(&counter.epoch_seed, &counter.round_seed, height, time_ns);
    counter.round_height = height;
    let (round, seed, epoch) = (counter.round, counter.round_seed, counter.epoch);
    ROUNDS.save(storage, round.get(), &RoundRecord { seed, height, time_ns, epoch, beacon })?;
    events.push(RoundOpened { round, seed, epoch, height, beacon }.into());
    Ok(events)
}

fn next_epoch(
    storage: &mut dyn Storage,
    env: &Env,
    settings_version: SettingsVersion,
    counter: &mut Counter,
) -> Result<EpochOpened, ContractError> {
    counter.epoch = counter.epoch.next();
    let lowest = LOWEST.may_load(storage)?.map(|ticket| ticket.output);
    LOWEST.remove(storage);
    counter.epoch_seed = domain(env).epoch_seed(&counter.epoch_seed, lowest.as_ref());
    counter.epoch_height = env.block.height;
    let delta = take_delta(storage, counter.epoch)?;
    counter.units = counter.units.checked_add_signed(delta.units).ok_or(ContractError::Overflow {})?;
    counter.operators =
        counter.operators.checked_add_signed(delta.operators).ok_or(ContractError::Overflow {})?;
    let Counter { epoch, epoch_seed: seed, epoch_height: height, units, operators, last_deadline, .. } =
        *counter;
    let record = EpochRecord {
        seed,
        height,
        units,
        operators,
        beacon: lowest.is_some(),
        expected_of_unit: 0,
        last_deadline,
        settings_version: Some(settings_version),
    };
    EPOCHS.save(storage, epoch.get(), &record)?;
    Ok(EpochOpened { epoch, seed, total_units: units })
}
