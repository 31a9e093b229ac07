//! The counter: epochs fix who draws, rounds give the seeds. Every epoch opens with a round, so a round's epoch is
//! always the one that was current when it opened.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage};
use gateway_api::{limits, Epoch, Round, Seed, SettingsVersion, Ticket};

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};

/// Where the counter stands.
#[cw_serde]
pub(crate) struct Counter {
    /// The newest round.
    pub(crate) round: Round,
    /// Its seed.
    pub(crate) round_seed: Seed,
    /// Its height.
    pub(crate) round_height: u64,
    /// The current epoch.
    pub(crate) epoch: Epoch,
    /// Its seed.
    pub(crate) epoch_seed: Seed,
    /// The height at which it began.
    pub(crate) epoch_height: u64,
    /// Units that draw in it.
    pub(crate) units: u64,
    /// Operators that hold them.
    pub(crate) operators: u32,
    /// Height of the newest request that waits for a round or has waited for one.
    pub(crate) last_request_height: Option<u64>,
    /// The latest deadline of all requests so far.
    pub(crate) last_deadline: u64,
    /// As `last_request_height`, of requests of the class `beacon`.
    pub(crate) last_beacon_height: Option<u64>,
}

impl Counter {
    /// Whether a request waits for the next round.
    pub(crate) fn request_waits(&self) -> bool {
        self.last_request_height.is_some_and(|height| height >= self.round_height)
    }

    /// Whether one of those that wait is of the class `beacon`.
    pub(crate) fn beacon_waits(&self) -> bool {
        self.last_beacon_height.is_some_and(|height| height >= self.round_height)
    }

    /// Whether the epoch may end at a height.
    pub(crate) fn epoch_due(&self, height: u64, epoch_blocks: u64) -> bool {
        height >= self.epoch_height.saturating_add(epoch_blocks)
    }
}

/// A round that has opened.
#[cw_serde]
pub(crate) struct RoundRecord {
    /// Its seed.
    pub(crate) seed: Seed,
    /// The height at which it opened.
    pub(crate) height: u64,
    /// The block time, nanoseconds since 1970.
    pub(crate) time_ns: u64,
    /// Its epoch.
    pub(crate) epoch: Epoch,
    /// Whether it draws requests of the class `beacon`.
    pub(crate) beacon: bool,
}

/// An epoch that has begun.
#[cw_serde]
pub(crate) struct EpochRecord {
    /// Its seed.
    pub(crate) seed: Seed,
    /// The height at which it began.
    pub(crate) height: u64,
    /// Units that draw in it.
    pub(crate) units: u64,
    /// Operators that hold them.
    pub(crate) operators: u32,
    /// Whether the seed came from a ticket.
    pub(crate) beacon: bool,
    /// Seats to be expected of one unit in the results of requests drawn in it, in millionths, where they are counted.
    pub(crate) expected_of_unit: u64,
    /// The latest deadline of all requests opened before it began; 0 where there was none, and in records of older releases.
    pub(crate) last_deadline: u64,
    /// The settings that applied when it began; none in records of older releases.
    pub(crate) settings_version: Option<SettingsVersion>,
}

/// What changes when an epoch begins.
#[cw_serde]
#[derive(Default)]
pub(crate) struct Delta {
    /// Units that come or go.
    pub(crate) units: i64,
    /// Operators that come or go.
    pub(crate) operators: i32,
}

impl Record for Counter {}
impl Record for RoundRecord {}
impl Record for EpochRecord {}
impl Record for Delta {}
impl Record for Ticket {}

/// The lowest ticket of the current epoch.
pub(crate) const LOWEST: Item<Ticket> = Item::new("lowest");
/// A ticket that is among the lowest of its round.
#[cw_serde]
pub(crate) struct RoundTicket {
    /// The ticket.
    pub(crate) ticket: Ticket,
    /// The node's operator.
    pub(crate) operator: Addr,
}

/// The tickets of a round.
#[cw_serde]
pub(crate) struct RoundTickets {
    /// The lowest, one of each operator, in ascending order of their values.
    pub(crate) lowest: Vec<RoundTicket>,
    /// The seed that they make with the round's.
    pub(crate) seed: Seed,
    /// The height of the newest ticket that was taken.
    pub(crate) height: u64,
}

impl RoundTickets {
    /// The height from which the draw stands: the end of the usual blocks, or that of the ticket that came later and made
    /// them enough.
    fn closed_at(&self, record: &RoundRecord) -> u64 {
        self.height.max(record.height.saturating_add(limits::BEACON_BLOCKS))
    }
}

impl Record for RoundTickets {}

/// Tickets by round; only rounds that draw requests of the class `beacon` have any.
pub(crate) const ROUND_TICKETS: Map<u64, RoundTickets> = Map::new("round_tickets");

/// How a round draws requests of the class `beacon`.
pub(crate) struct BeaconDraw {
    /// The seed, and the height from which attempts count.
    pub(crate) round: RoundRecord,
    /// Whether too few tickets came.
    pub(crate) fallback: bool,
}

/// Tickets that a round needs: of [`limits::BEACON_TICKETS`] operators, or of all where fewer are active.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn tickets_needed(storage: &dyn Storage, record: &RoundRecord) -> Result<usize, ContractError> {
    let operators = EPOCHS.load(storage, record.epoch.get())?.operators as usize;
    Ok(operators.min(limits::BEACON_TICKETS))
}

/// Whether tickets for a round are still taken at a height: for so many blocks after it, and for longer while there are too
/// few.
pub(crate) fn takes_tickets(record: &RoundRecord, height: u64, enough: bool) -> bool {
    let blocks = if enough { limits::BEACON_BLOCKS } else { limits::BEACON_FALLBACK_BLOCKS };
    record.beacon && height > record.height && height <= record.height.saturating_add(blocks)
}

/// How a round draws requests of the class `beacon`, seen from a height; none while its tickets may still change.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn beacon_draw(
    storage: &dyn Storage,
    round: Round,
    record: RoundRecord,
    height: u64,
) -> Result<Option<BeaconDraw>, ContractError> {
    let tickets = ROUND_TICKETS.may_load(storage, round.get())?;
    let shown = tickets.as_ref().map_or(0, |tickets| tickets.lowest.len());
    let fallback = shown < tickets_needed(storage, &record)?;
    if height <= record.height || takes_tickets(&record, height, !fallback) {
        return Ok(None);
    }
    let closed_at = match &tickets {
        // Late tickets filled the list: attempts count from when they did.
        Some(tickets) if !fallback => tickets.closed_at(&record),
        _ => record.height.saturating_add(limits::BEACON_FALLBACK_BLOCKS),
    };
    let seed = tickets.map_or(record.seed, |tickets| tickets.seed);
    Ok(Some(BeaconDraw { round: RoundRecord { seed, height: closed_at, ..record }, fallback }))
}

/// Where the counter stands.
pub(crate) const COUNTER: Item<Counter> = Item::new("counter");
/// Rounds by number.
pub(crate) const ROUNDS: Map<u64, RoundRecord> = Map::new("rounds");
/// Epochs by number.
pub(crate) const EPOCHS: Map<u64, EpochRecord> = Map::new("epochs");
/// Changes that the coming epochs bring, by epoch.
const DELTAS: Map<u64, Delta> = Map::new("deltas");

/// Adds to what an epoch brings.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails, [`ContractError::Overflow`].
pub(crate) fn add_delta(
    storage: &mut dyn Storage,
    epoch: Epoch,
    units: i64,
    operators: i32,
) -> Result<(), ContractError> {
    if units == 0 && operators == 0 {
        return Ok(());
    }
    let mut delta = DELTAS.may_load(storage, epoch.get())?.unwrap_or_default();
    delta.units = delta.units.checked_add(units).ok_or(ContractError::Overflow {})?;
    delta.operators = delta.operators.checked_add(operators).ok_or(ContractError::Overflow {})?;
    DELTAS.save(storage, epoch.get(), &delta)
}

/// What an epoch brings.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn delta(storage: &dyn Storage, epoch: Epoch) -> Result<Delta, ContractError> {
    Ok(DELTAS.may_load(storage, epoch.get())?.unwrap_or_default())
}

/// Takes out what an epoch brings: it is applied once.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn take_delta(storage: &mut dyn Storage, epoch: Epoch) -> Result<Delta, ContractError> {
    let taken = delta(storage, epoch)?;
    DELTAS.remove(storage, epoch.get());
    Ok(taken)
}

/// The round that draws a request opened at `height` whose next round was `hint`: at most one round opens in a block,
/// so it is `hint`, or the one after where `hint` opened in the request's own block. `None` while it has not opened.
///
/// # Errors
/// What `read` fails with: [`ContractError::Std`] for the storage's records.
pub(crate) fn drawing_round(
    read: &mut dyn FnMut(Round) -> Result<Option<RoundRecord>, ContractError>,
    hint: Round,
    height: u64,
) -> Result<Option<(Round, RoundRecord)>, ContractError> {
    let Some(record) = read(hint)? else { return Ok(None) };
    if record.height > height {
        return Ok(Some((hint, record)));
    }
    let next = hint.next();
    Ok(read(next)?.map(|record| (next, record)))
}
