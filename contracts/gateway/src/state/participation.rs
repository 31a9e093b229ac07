//! Records participation: where nodes dissented, and how many of their seats were seen.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Storage;
use gateway_api::{Epoch, NodeId, PresenceResponse, UnitsFrom};

use crate::error::ContractError;
use crate::state::codec::{Map, Record};
use crate::state::counter::{COUNTER, EPOCHS};
use crate::state::nodes::Node;

/// Epochs whose seats are kept: the newest that a node was seen in and the one before.
const KEPT: usize = 2;
/// What a seat to be expected of one unit counts: shares of seats are summed up.
pub(crate) const ONE_SEAT: u64 = 1_000_000;

/// Seats of a node in the results of requests drawn in an epoch.
#[cw_serde]
pub(crate) struct SeenIn {
    epoch: Epoch,
    seats: u64,
}

/// How often a node was seen.
#[cw_serde]
#[derive(Default)]
pub(crate) struct Seen {
    /// By epoch, the newest last.
    counts: Vec<SeenIn>,
    /// The newest epoch that its silence was shown for.
    silenced: Option<Epoch>,
}

impl Record for Seen {}

/// Dissents shown, by node and request.
pub(crate) const DISSENTED: Map<(u32, u64), ()> = Map::new("dissented");
/// Dissents by node and epoch of the draw.
const DISSENTS_IN: Map<(u32, u64), u32> = Map::new("dissents_in");
const SEEN: Map<u32, Seen> = Map::new("seen");

/// Counts one more dissent of a node from a request drawn in an epoch, and returns how many it has had in that epoch.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn dissents(storage: &mut dyn Storage, node: NodeId, epoch: Epoch) -> Result<u32, ContractError> {
    let key = (node.get(), epoch.get());
    let count = DISSENTS_IN.may_load(storage, key)?.unwrap_or_default().saturating_add(1);
    DISSENTS_IN.save(storage, key, &count)?;
    Ok(count)
}

/// Counts the seats of a result of a request drawn in an epoch: those that were seen, and those to be expected of one
/// unit, in millionths.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn record(
    storage: &mut dyn Storage,
    epoch: Epoch,
    expected_of_unit: u64,
    seats: impl Iterator<Item = (NodeId, u32)>,
) -> Result<(), ContractError> {
    let mut record = EPOCHS.load(storage, epoch.get())?;
    record.expected_of_unit = record.expected_of_unit.saturating_add(expected_of_unit);
    EPOCHS.save(storage, epoch.get(), &record)?;
    for (node, seats) in seats {
        let mut seen = SEEN.may_load(storage, node.get())?.unwrap_or_default();
        let seats = u64::from(seats);
        match seen.counts.iter_mut().find(|count| count.epoch == epoch) {
            Some(count) => count.seats = count.seats.saturating_add(seats),
            None => seen.counts.push(SeenIn { epoch, seats }),
        }
        seen.counts.sort_unstable_by_key(|count| count.epoch);
        let old = seen.counts.len().saturating_sub(KEPT);
        seen.counts.drain(..old);
        SEEN.save(storage, node.get(), &seen)?;
    }
    Ok(())
}

/// A node's seats seen and to be expected in an epoch: nothing is expected in epochs whose seats may have been forgotten.
///
/// # Errors
/// [`ContractError::Std`] where a record cannot be read. An epoch that has not begun expects nothing.
pub(crate) fn presence(
    storage: &dyn Storage,
    id: NodeId,
    node: &Node,
    epoch: Epoch,
) -> Result<PresenceResponse, ContractError> {
    let seen = SEEN.may_load(storage, id.get())?.unwrap_or_default();
    let count = seen.counts.iter().find(|count| count.epoch == epoch);
    let recent = epoch.next() >= COUNTER.load(storage)?.epoch;
    let reported = seen.silenced.is_some_and(|silenced| silenced >= epoch);
    let record = EPOCHS.may_load(storage, epoch.get())?.filter(|_| recent && !reported);
    let units = u64::from(UnitsFrom::at(&node.schedule, epoch));
    let expected = record.map_or(0, |record| record.expected_of_unit).saturating_mul(units);
    Ok(PresenceResponse { seen: count.map_or(0, |count| count.seats), expected: expected / ONE_SEAT })
}

/// Notes that a node's silence was shown: no epoch up to this one is held against it again.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn silenced(storage: &mut dyn Storage, node: NodeId, epoch: Epoch) -> Result<(), ContractError> {
    let mut seen = SEEN.may_load(storage, node.get())?.unwrap_or_default();
    seen.silenced = Some(epoch);
    SEEN.save(storage, node.get(), &seen)
}
