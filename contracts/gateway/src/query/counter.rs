//! Queries of the counter, of rounds and epochs by number, and of the sweep.

use cosmwasm_std::Storage;
use gateway_api::{
    BeaconResponse, CounterResponse, Epoch, EpochResponse, RequestId, Round, RoundBeacon, RoundResponse,
    SeedQuality, SweepResponse,
};

use crate::error::ContractError;
use crate::state::archway::{Archway, ARCHWAY};
use crate::state::counter::{
    beacon_draw, tickets_needed, EpochRecord, RoundRecord, COUNTER, EPOCHS, LOWEST, ROUNDS, ROUND_TICKETS,
};
use crate::state::governance::current_settings;
use crate::state::requests::DEADLINES;
use crate::state::results::DUE;
use crate::state::schedules::FIRINGS;

pub(super) fn counter(storage: &dyn Storage, height: u64) -> Result<CounterResponse, ContractError> {
    let counter = COUNTER.load(storage)?;
    let (_, settings) = current_settings(storage)?;
    let request_waiting = counter.request_waits();
    let next = height.saturating_add(1);
    let due = request_waiting || counter.epoch_due(next, settings.epoch_blocks);
    // The chain's own tick costs half of a keeper's and comes at the same height.
    let reserved =
        ARCHWAY.may_load(storage)?.and_then(|state| state.tick).is_some_and(|tick| tick.height >= next);
    let next_deadline = DEADLINES.keys(storage, None).next().transpose()?.map(|(deadline, _)| deadline);
    Ok(CounterResponse {
        round: counter.round,
        round_height: counter.round_height,
        epoch: counter.epoch,
        epoch_height: counter.epoch_height,
        total_units: counter.units,
        request_waiting,
        tick_due: due && !reserved,
        next_deadline,
        due_callback: DUE.keys(storage, None).next().transpose()?.map(RequestId),
        next_firing: FIRINGS.keys(storage, None).next().transpose()?.map(|(next, _)| next),
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

pub(super) fn round(
    storage: &dyn Storage,
    height: u64,
    round: Round,
) -> Result<RoundResponse, ContractError> {
    let record =
        ROUNDS.may_load(storage, round.get())?.ok_or(ContractError::NotFound { what: "such round" })?;
    Ok(RoundResponse {
        round,
        seed: record.seed,
        height: record.height,
        time_ns: record.time_ns,
        epoch: record.epoch,
        beacon: tickets(storage, height, round, record)?,
    })
}

fn tickets(
    storage: &dyn Storage,
    height: u64,
    round: Round,
    record: RoundRecord,
) -> Result<Option<RoundBeacon>, ContractError> {
    if !record.beacon {
        return Ok(None);
    }
    let needed = tickets_needed(storage, &record)?;
    let lowest = ROUND_TICKETS.may_load(storage, round.get())?.map_or(Vec::new(), |tickets| tickets.lowest);
    let lowest: Vec<_> = lowest.into_iter().map(|shown| shown.ticket).collect();
    let fallback = lowest.len() < needed;
    let drawn_from = beacon_draw(storage, round, record, height)?.map(|draw| draw.round.height);
    Ok(Some(RoundBeacon { lowest, needed: needed as u32, drawn_from, fallback }))
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
    let state = ARCHWAY.may_load(storage)?.unwrap_or_default();
    let job = state.sweep_job();
    let Archway { height, stopped, .. } = state;
    Ok(SweepResponse { job, height, stopped })
}
