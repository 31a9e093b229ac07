//! Tells where the counter stands, every round and epoch by number, and how the sweep stands.

use crate::error::ContractError;
use crate::state::archway::{Archway, ARCHWAY};
use crate::state::counter::{EpochRecord, COUNTER, EPOCHS, LOWEST, ROUNDS};
use crate::state::governance::current_settings;
use crate::state::requests::DEADLINES;
use cosmwasm_std::Storage;
use gateway_api::{
    BeaconResponse, CounterResponse, Epoch, EpochResponse, Round, RoundResponse, SeedQuality, SweepResponse,
};

pub(super) fn counter(storage: &dyn Storage, height: u64) -> Result<CounterResponse, ContractError> {
    let counter = COUNTER.load(storage)?;
    let (_, settings) = current_settings(storage)?;
    let request_waiting = counter.request_waits();
    let next_deadline = DEADLINES.keys(storage, None).next().transpose()?.map(|(deadline, _)| deadline);
    Ok(CounterResponse {
        round: counter.round,
        round_height: counter.round_height,
        epoch: counter.epoch,
        epoch_height: counter.epoch_height,
        total_units: counter.units,
        request_waiting,
        tick_due: request_waiting || counter.epoch_due(height.saturating_add(1), settings.epoch_blocks),
        next_deadline,
    })
}

pub(super) fn beacon(storage: &dyn Storage) -> Result<BeaconResponse, ContractError> {
    let counter = COUNTER.load(storage)?;
    let record = EPOCHS.load(storage, counter.epoch.get())?;
    Ok(BeaconResponse {
        epoch: counter.epoch,
        seed: counter.epoch_seed,
        lowest: LOWEST.may_load(storage)?,
        quality: quality(&record),
    })
}

fn quality(record: &EpochRecord) -> SeedQuality {
    if record.beacon {
        SeedQuality::Beacon
    } else {
        SeedQuality::Low
    }
}

pub(super) fn round(storage: &dyn Storage, round: Round) -> Result<RoundResponse, ContractError> {
    let record =
        ROUNDS.may_load(storage, round.get())?.ok_or(ContractError::NotFound { what: "such round" })?;
    Ok(RoundResponse {
        round,
        seed: record.seed,
        height: record.height,
        time_ns: record.time_ns,
        epoch: record.epoch,
    })
}

pub(super) fn epoch(storage: &dyn Storage, epoch: Epoch) -> Result<EpochResponse, ContractError> {
    let record =
        EPOCHS.may_load(storage, epoch.get())?.ok_or(ContractError::NotFound { what: "such epoch" })?;
    Ok(EpochResponse {
        epoch,
        seed: record.seed,
        height: record.height,
        total_units: record.units,
        operators: record.operators,
        quality: quality(&record),
    })
}

pub(super) fn sweep(storage: &dyn Storage) -> Result<SweepResponse, ContractError> {
    let Archway { job, height, stopped, .. } = ARCHWAY.may_load(storage)?.unwrap_or_default();
    Ok(SweepResponse { job, height, stopped })
}
