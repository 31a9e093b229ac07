//! Nodes, their stake and the units it gives them epoch by epoch. Totals per epoch are kept by differences, so that
//! no operation ever walks over the nodes.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage, Uint128};
use gateway_api::{
    limits, Endpoint, EngineId, Epoch, KeyFrom, Moniker, NodeId, NodeKey, Refusal, Unbonding, UnitsFrom,
};
use gateway_protocol::Member;

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};
use crate::state::counter::add_delta;
use crate::state::engines::move_units;

/// A node.
#[cw_serde]
pub(crate) struct Node {
    /// Who holds its stake.
    pub(crate) operator: Addr,
    /// Its VRF keys, the newest last: one, or two after a rotation.
    pub(crate) keys: Vec<KeyFrom>,
    /// The engine it declares to run.
    pub(crate) engine: EngineId,
    /// Its name.
    pub(crate) moniker: Moniker,
    /// Where it can be reached.
    pub(crate) endpoint: Endpoint,
    /// Coins at stake.
    pub(crate) stake: Uint128,
    /// Its units, the newest entry last.
    pub(crate) schedule: Vec<UnitsFrom>,
    /// Stake on its way out, the oldest first. It can still be slashed.
    pub(crate) unbonding: Vec<Unbonding>,
    /// While it is set the node has no seats; the height from which it may be unjailed.
    pub(crate) jailed_until: Option<u64>,
    /// The height of the last rotation.
    pub(crate) rotated_at: u64,
    /// Who earns for it, where it is not the operator.
    pub(crate) payout: Option<Addr>,
    /// Who sends for its daemon beside the operator.
    pub(crate) daemon: Option<Addr>,
    /// To whom it has been offered.
    pub(crate) offered_to: Option<Addr>,
    /// The engines it declares to be able to run.
    pub(crate) engines: Vec<EngineId>,
}

impl Node {
    /// Returns the member that it is in an epoch.
    ///
    /// # Errors
    /// [`Refusal::InactiveNode`]; see [`Member::at`].
    pub(crate) fn member_at(&self, id: NodeId, epoch: Epoch) -> Result<Member, Refusal> {
        Member::at(id, &self.keys, &self.schedule, self.jailed_until.is_some(), epoch)
    }

    /// Returns the key in force in an epoch, whether or not the node has units in it.
    pub(crate) fn key_at(&self, epoch: Epoch) -> Option<NodeKey> {
        KeyFrom::at(&self.keys, epoch)
    }

    /// The units that it will hold when all that is under way has taken effect.
    pub(crate) fn coming_units(&self) -> u32 {
        self.schedule.last().map_or(0, |from| from.units)
    }

    /// Who earns for its seats.
    pub(crate) fn earner(&self) -> &Addr {
        self.payout.as_ref().unwrap_or(&self.operator)
    }

    /// Whether an address is one of its own.
    pub(crate) fn is_own(&self, address: &Addr) -> bool {
        [Some(&self.operator), self.payout.as_ref(), self.daemon.as_ref()].contains(&Some(address))
    }

    /// Jails it, for no shorter than it is already.
    pub(crate) fn jail(&mut self, until: u64) {
        self.jailed_until = self.jailed_until.max(Some(until));
    }

    /// Everything that can be slashed.
    ///
    /// # Errors
    /// [`ContractError::Overflow`].
    pub(crate) fn bonded(&self) -> Result<Uint128, ContractError> {
        self.unbonding.iter().try_fold(self.stake, |sum, entry| Ok(sum.checked_add(entry.amount)?))
    }
}

impl Record for Node {}
impl Record for Vec<UnitsFrom> {}

const LAST_NODE: Item<u32> = Item::new("last_node");
/// Nodes by id.
pub(crate) const NODES: Map<u32, Node> = Map::new("nodes");
/// Nodes by every key they ever had: a key is never used twice.
pub(crate) const NODE_BY_KEY: Map<&[u8], u32> = Map::new("node_by_key");
/// The units of all of an operator's nodes together, epoch by epoch.
const OPERATORS: Map<&Addr, Vec<UnitsFrom>> = Map::new("operators");

/// The next node's id.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn next_id(storage: &mut dyn Storage) -> Result<NodeId, ContractError> {
    let id = LAST_NODE.may_load(storage)?.unwrap_or_default().saturating_add(1);
    LAST_NODE.save(storage, &id)?;
    Ok(NodeId(id))
}

/// A node.
///
/// # Errors
/// [`ContractError::UnknownNode`].
pub(crate) fn node(storage: &dyn Storage, id: NodeId) -> Result<Node, ContractError> {
    NODES.may_load(storage, id.get())?.ok_or(ContractError::UnknownNode { node: id })
}

/// Units that a stake gives: whole ones, at most 64.
pub(crate) fn units_of(stake: Uint128, unit: Uint128) -> u32 {
    let units = stake.checked_div(unit).unwrap_or_default().u128();
    u32::try_from(units.min(u128::from(limits::MAX_UNITS))).unwrap_or(limits::MAX_UNITS)
}

/// Sets a node's units for the two coming epochs (the second and all after it), and the totals with them.
/// `oldest` is the oldest epoch that an open request may still be drawn in; what came before is forgotten.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails, [`ContractError::Overflow`].
pub(crate) fn reschedule(
    storage: &mut dyn Storage,
    node: &mut Node,
    now: Epoch,
    oldest: Epoch,
    next: u32,
    after: u32,
) -> Result<(), ContractError> {
    let (first, second) = (now.next(), now.next().next());
    let old = (UnitsFrom::at(&node.schedule, first), UnitsFrom::at(&node.schedule, second));
    let held = node.coming_units();
    set_from(&mut node.schedule, first, second, next, after);
    forget(&mut node.schedule, oldest);
    move_units(storage, &node.engines, held, node.coming_units())?;

    let change = (signed(next) - signed(old.0), signed(after) - signed(old.1));
    let mut sum = OPERATORS.may_load(storage, &node.operator)?.unwrap_or_default();
    let before = (UnitsFrom::at(&sum, first), UnitsFrom::at(&sum, second));
    let now_sum = (shifted(before.0, change.0)?, shifted(before.1, change.1)?);
    set_from(&mut sum, first, second, now_sum.0, now_sum.1);
    forget(&mut sum, oldest);
    OPERATORS.save(storage, &node.operator, &sum)?;

    let active = |units: u32| i32::from(units > 0);
    let operators = (active(now_sum.0) - active(before.0), active(now_sum.1) - active(before.1));
    add_delta(storage, first, change.0, operators.0)?;
    add_delta(storage, second, change.1 - change.0, operators.1 - operators.0)
}

/// Gives a node to another operator: its units count for that one from the next epoch on.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails, [`ContractError::Overflow`].
pub(crate) fn hand_over(
    storage: &mut dyn Storage,
    node: &mut Node,
    now: Epoch,
    oldest: Epoch,
    operator: Addr,
) -> Result<(), ContractError> {
    let (next, after) =
        (UnitsFrom::at(&node.schedule, now.next()), UnitsFrom::at(&node.schedule, now.next().next()));
    reschedule(storage, node, now, oldest, 0, 0)?;
    node.operator = operator;
    reschedule(storage, node, now, oldest, next, after)
}

fn signed(units: u32) -> i64 {
    i64::from(units)
}

fn shifted(units: u32, by: i64) -> Result<u32, ContractError> {
    u32::try_from(signed(units) + by).map_err(|_| ContractError::Overflow {})
}

fn set_from(schedule: &mut Vec<UnitsFrom>, first: Epoch, second: Epoch, next: u32, after: u32) {
    schedule.retain(|from| from.epoch < first);
    for (epoch, units) in [(first, next), (second, after)] {
        if schedule.last().map_or(0, |last| last.units) != units {
            schedule.push(UnitsFrom { epoch, units });
        }
    }
}

/// Keeps the newest entry that still holds at `oldest`, and all after it.
fn forget(schedule: &mut Vec<UnitsFrom>, oldest: Epoch) {
    let holds = schedule.iter().rposition(|from| from.epoch <= oldest).unwrap_or(0);
    schedule.drain(..holds);
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::testing::MockStorage;
    use gateway_api::{EngineId, NodeKey};

    use super::*;
    use crate::state::counter::delta;

    fn fresh(operator: &str) -> Node {
        Node {
            operator: Addr::unchecked(operator),
            keys: vec![KeyFrom { epoch: Epoch(0), key: NodeKey([1; 32]) }],
            engine: EngineId([2; 32]),
            moniker: Moniker::new("m").unwrap(),
            endpoint: Endpoint::new("").unwrap(),
            stake: Uint128::zero(),
            schedule: Vec::new(),
            unbonding: Vec::new(),
            jailed_until: None,
            rotated_at: 0,
            payout: None,
            daemon: None,
            offered_to: None,
            engines: Vec::new(),
        }
    }

    #[test]
    fn units_are_whole_and_at_most_64() {
        let unit = Uint128::new(10);
        assert_eq!(units_of(Uint128::new(9), unit), 0);
        assert_eq!(units_of(Uint128::new(19), unit), 1);
        assert_eq!(units_of(Uint128::new(640), unit), 64);
        assert_eq!(units_of(Uint128::MAX, unit), 64);
    }

    #[test]
    fn a_schedule_and_the_totals_move_together() {
        let mut storage = MockStorage::new();
        let mut a = fresh("op");
        reschedule(&mut storage, &mut a, Epoch(5), Epoch(5), 0, 3).unwrap();
        assert_eq!(a.schedule, vec![UnitsFrom { epoch: Epoch(7), units: 3 }]);
        assert_eq!(delta(&storage, Epoch(6)).unwrap(), Delta0(0, 0).into());
        assert_eq!(delta(&storage, Epoch(7)).unwrap(), Delta0(3, 1).into());

        // A second node of the same operator is no second operator.
        let mut b = fresh("op");
        reschedule(&mut storage, &mut b, Epoch(5), Epoch(5), 0, 2).unwrap();
        assert_eq!(delta(&storage, Epoch(7)).unwrap(), Delta0(5, 1).into());

        // Leaving at once takes both back before they ever drew.
        reschedule(&mut storage, &mut a, Epoch(5), Epoch(5), 0, 0).unwrap();
        reschedule(&mut storage, &mut b, Epoch(5), Epoch(5), 0, 0).unwrap();
        assert_eq!(delta(&storage, Epoch(7)).unwrap(), Delta0(0, 0).into());
        assert!(a.schedule.is_empty());
    }

    #[test]
    fn a_node_that_is_handed_over_counts_for_its_new_operator() {
        let mut storage = MockStorage::new();
        let (mut a, mut b) = (fresh("op"), fresh("op"));
        reschedule(&mut storage, &mut a, Epoch(5), Epoch(5), 0, 3).unwrap();
        reschedule(&mut storage, &mut b, Epoch(5), Epoch(5), 0, 2).unwrap();
        hand_over(&mut storage, &mut a, Epoch(5), Epoch(5), Addr::unchecked("other")).unwrap();
        assert_eq!(a.schedule, vec![UnitsFrom { epoch: Epoch(7), units: 3 }]);
        assert_eq!(delta(&storage, Epoch(7)).unwrap(), Delta0(5, 2).into());
        // Back again, an epoch later: as it was.
        hand_over(&mut storage, &mut a, Epoch(7), Epoch(7), Addr::unchecked("op")).unwrap();
        assert_eq!(delta(&storage, Epoch(8)).unwrap(), Delta0(0, -1).into());
        assert_eq!(UnitsFrom::at(&a.schedule, Epoch(7)), 3);
    }

    #[test]
    fn what_no_open_request_can_need_is_forgotten() {
        let mut storage = MockStorage::new();
        let mut node = fresh("op");
        for epoch in 0..50 {
            let units = 1 + u32::try_from(epoch % 2).unwrap();
            reschedule(&mut storage, &mut node, Epoch(epoch), Epoch(epoch), units, units).unwrap();
            assert!(node.schedule.len() <= 3, "{:?}", node.schedule);
        }
    }

    struct Delta0(i64, i32);
    impl From<Delta0> for crate::state::counter::Delta {
        fn from(d: Delta0) -> Self {
            Self { units: d.0, operators: d.1 }
        }
    }
}
