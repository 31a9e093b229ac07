//! What the contract should do, said simply: plain numbers, whole histories, no indexes, nothing forgotten. It keeps no
//! proofs: who says what with which key is known here, and the contract has to find it out.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Addr;
use gateway_api::events::GatewayEvent;
use gateway_api::*;

use super::acts::{Act, Draft};
use super::schedules::Schedule;
use super::subscriptions::Subscription;
use crate::world::DENOM;

/// What happened that touches money, seats, the counter or an end.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    Opened(RequestId, u128),
    /// Its place in a batch.
    NotOpened(u32),
    Bounty(String, u128),
    Round(u64, u64),
    Epoch(u64, u64),
    Fulfilled {
        request: RequestId,
        attempt: u8,
        seats: u32,
        quorum_seats: u32,
        returned: u128,
    },
    Refused(RequestId),
    Kept {
        request: RequestId,
        nodes: u32,
        seats: u32,
        quorum_seats: u32,
    },
    Expired(RequestId, u128),
    Due(RequestId),
    Delivered(RequestId),
    Failed(RequestId, u32),
    Claimed(String, u128),
    Staked(NodeId, u128, u32),
    Withdrawn(NodeId, u128),
    Slashed(NodeId, RequestId, u128),
    Ticket(u64, NodeId),
    Balance(SubscriptionId, u128),
    Budget(ScheduleId, u128, u64),
    Fired(ScheduleId, u64, RequestId),
    /// The first height, and how many.
    Missed(ScheduleId, u64, u64),
    Ended(ScheduleId, u128),
}

impl Fact {
    /// What an event says.
    pub(crate) fn of(event: &GatewayEvent) -> Option<Self> {
        Some(match event {
            GatewayEvent::RequestOpened(e) => Self::Opened(e.request, e.reserved.u128()),
            GatewayEvent::RequestRefused(e) => Self::NotOpened(e.index),
            GatewayEvent::BountyPaid(e) => Self::Bounty(e.address.clone(), e.amount.u128()),
            GatewayEvent::RoundOpened(e) => Self::Round(e.round.get(), e.epoch.get()),
            GatewayEvent::EpochOpened(e) => Self::Epoch(e.epoch.get(), e.total_units),
            GatewayEvent::RequestFulfilled(e) => Self::Fulfilled {
                request: e.request,
                attempt: e.attempt.get(),
                seats: e.seats,
                quorum_seats: e.quorum_seats,
                returned: e.returned.u128(),
            },
            GatewayEvent::PublicationRefused(e) => Self::Refused(e.request),
            GatewayEvent::AttestationsKept(e) => Self::Kept {
                request: e.request,
                nodes: e.nodes,
                seats: e.seats,
                quorum_seats: e.quorum_seats,
            },
            GatewayEvent::RequestExpired(e) => Self::Expired(e.request, e.returned.u128()),
            GatewayEvent::CallbackDue(e) => Self::Due(e.request),
            GatewayEvent::CallbackDelivered(e) => Self::Delivered(e.request),
            GatewayEvent::CallbackFailed(e) => Self::Failed(e.request, e.tries),
            GatewayEvent::RewardsClaimed(e) => Self::Claimed(e.address.clone(), e.amount.u128()),
            GatewayEvent::StakeChanged(e) => Self::Staked(e.node, e.stake.u128(), e.units),
            GatewayEvent::StakeWithdrawn(e) => Self::Withdrawn(e.node, e.amount.u128()),
            GatewayEvent::NodeSlashed(e) => Self::Slashed(e.node, e.request, e.amount.u128()),
            GatewayEvent::SubscriptionChanged(e) => Self::Balance(e.subscription, e.balance.u128()),
            GatewayEvent::ScheduleChanged(e) => Self::Budget(e.schedule, e.budget.u128(), e.next),
            GatewayEvent::ScheduleFired(e) => Self::Fired(e.schedule, e.due, e.request),
            GatewayEvent::FiringsMissed(e) => Self::Missed(e.schedule, e.due, e.firings),
            GatewayEvent::ScheduleEnded(e) => Self::Ended(e.schedule, e.returned.u128()),
            GatewayEvent::TicketAccepted(e) => Self::Ticket(e.epoch.get(), e.node),
            _ => return None,
        })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) owner: Addr,
    pub(crate) offered: Option<Addr>,
    pub(crate) requesters: Requesters,
    pub(crate) paused: bool,
    pub(crate) versions: Vec<Policy>,
    pub(crate) active: u32,
    pub(crate) scheduled: Option<(u32, u64)>,
    /// Names of its secrets.
    pub(crate) secrets: BTreeSet<String>,
}

impl Project {
    fn active_at(&self, height: u64) -> u32 {
        self.scheduled.filter(|(_, from)| height >= *from).map_or(self.active, |(version, _)| version)
    }

    fn has(&self, version: Version) -> bool {
        (1..=self.versions.len()).contains(&(version.get() as usize))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) operator: Addr,
    pub(crate) payout: Option<Addr>,
    pub(crate) daemon: Option<Addr>,
    pub(crate) offered: Option<Addr>,
    pub(crate) stake: u128,
    /// Amount, height of release and last epoch that it draws in.
    pub(crate) unbonding: Vec<(u128, u64, u64)>,
    /// Units from an epoch on, of all its life.
    pub(crate) schedule: BTreeMap<u64, u32>,
    /// Keys from an epoch on, by number: the last two.
    pub(crate) keys: Vec<(u64, u32)>,
    pub(crate) rotated_at: u64,
    pub(crate) jailed: Option<u64>,
    pub(crate) slashed_for: BTreeSet<RequestId>,
    pub(crate) engines: Vec<EngineId>,
    pub(crate) encryption: Option<EncryptionKey>,
}

impl Node {
    /// Units that it will hold when all has taken effect.
    fn coming(&self) -> u64 {
        self.schedule.values().next_back().copied().unwrap_or_default().into()
    }

    pub(crate) fn scheduled(&self, epoch: u64) -> u32 {
        self.schedule.range(..=epoch).next_back().map_or(0, |(_, units)| *units)
    }

    pub(crate) fn units(&self, epoch: u64) -> u32 {
        if self.jailed.is_some() {
            0
        } else {
            self.scheduled(epoch)
        }
    }

    pub(crate) fn key(&self, epoch: u64) -> u32 {
        self.keys.iter().rev().find(|(from, _)| *from <= epoch).unwrap_or(&self.keys[0]).1
    }

    fn set(&mut self, now: u64, next: u32, after: u32) {
        self.schedule.retain(|epoch, _| *epoch <= now);
        self.schedule.extend([(now + 1, next), (now + 2, after)]);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Callback {
    None,
    Wanted,
    Due,
    Delivered,
    /// So many attempts, and the height of the last.
    Failed(u32, u64),
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) project: ProjectId,
    pub(crate) policy: Policy,
    pub(crate) requester: Addr,
    pub(crate) sent: u128,
    pub(crate) seat_price: u128,
    pub(crate) relay_price: u128,
    pub(crate) treasury_bps: u16,
    /// The settings it was opened under.
    pub(crate) terms: Settings,
    pub(crate) height: u64,
    pub(crate) epoch: u64,
    pub(crate) deadline: u64,
    /// The round that draws it, once there is one.
    pub(crate) round: Option<u64>,
    pub(crate) status: Option<RequestStatus>,
    pub(crate) callback: Callback,
    /// Attestations submitted to the contract directly.
    pub(crate) tallies: BTreeMap<String, Vec<NodeId>>,
    /// Which one paid, and has back what is left.
    pub(crate) subscription: Option<SubscriptionId>,
    /// Which one had it opened, and has back what is left while it lives.
    pub(crate) schedule: Option<ScheduleId>,
}

/// The engines in force by their first epochs, and the one announced with the share that must be ready.
pub(crate) type EnginePlan = (Vec<(u64, EngineRelease)>, Option<(u64, EngineRelease, u16)>);

/// The whole of it.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) height: u64,
    pub(crate) purses: BTreeMap<Addr, u128>,
    pub(crate) claimable: BTreeMap<Addr, u128>,
    pub(crate) pool: u128,
    pub(crate) subscriptions: BTreeMap<SubscriptionId, Subscription>,
    /// Those that have not ended.
    pub(crate) schedules: BTreeMap<ScheduleId, Schedule>,
    pub(crate) last_schedule: u64,
    pub(crate) settings: Settings,
    pub(crate) settings_version: u32,
    pub(crate) admin: Addr,
    pub(crate) heir: Option<Addr>,
    pub(crate) paused: bool,
    pub(crate) guardian: Option<Addr>,
    /// From and until which height results are halted.
    pub(crate) halted: (u64, u64),
    pub(crate) projects: BTreeMap<ProjectId, Project>,
    pub(crate) nodes: BTreeMap<NodeId, Node>,
    pub(crate) requests: BTreeMap<RequestId, Request>,
    /// Height and epoch of every round.
    pub(crate) rounds: Vec<(u64, u64)>,
    /// Height and units of every epoch.
    pub(crate) epochs: Vec<(u64, u64)>,
    pub(crate) lowest: Option<[u8; 32]>,
    /// The contract that asks to be called back, and whether it fails.
    pub(crate) rogue: Addr,
    pub(crate) rogue_fails: bool,
    /// The engines by their first epochs, and the one announced with what has to be ready.
    pub(crate) engines: EnginePlan,
}

pub(crate) fn part(amount: u128, bps: u16) -> u128 {
    amount * u128::from(bps) / 10_000
}

/// A policy with what a request asks for: more than it says, as far as it lets one.
fn beyond(policy: &Policy, overrides: &Overrides) -> Option<Policy> {
    let within = |asked: u32, own: u32, most: u32| (own <= asked && asked <= most.max(own)).then_some(asked);
    let (own, most) = (policy, policy.overrides);
    let committee = overrides
        .committee
        .map_or(Some(own.committee), |asked| within(asked, own.committee, most.max_committee))?;
    let quorum = overrides.quorum_bps.map_or(Some(own.quorum_bps.into()), |asked| {
        within(asked.into(), own.quorum_bps.into(), most.max_quorum_bps.into())
    })?;
    let operators = overrides.min_operators.map_or(Some(own.min_operators.into()), |asked| {
        within(asked.into(), own.min_operators.into(), most.max_min_operators.into())
    })?;
    let (quorum_bps, min_operators) = (u16::try_from(quorum).unwrap(), u16::try_from(operators).unwrap());
    Some(Policy { committee, quorum_bps, min_operators, ..policy.clone() })
}

impl Reference {
    pub(crate) fn epoch(&self) -> u64 {
        self.epochs.len() as u64 - 1
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = (RequestId, &Request)> {
        self.requests
            .iter()
            .filter(|(_, request)| request.status.is_none())
            .map(|(id, request)| (*id, request))
    }

    /// Whether a request has not been drawn: nothing else opens a round but an epoch's end.
    pub(crate) fn waits(&self) -> bool {
        self.requests.values().any(|request| request.round.is_none())
    }

    /// The oldest epoch that an open request was opened in.
    fn oldest(&self) -> u64 {
        self.open().next().map_or(self.epoch(), |(_, request)| request.epoch)
    }

    pub(crate) fn total_units(&self, epoch: u64) -> u64 {
        self.nodes.values().map(|node| u64::from(node.scheduled(epoch))).sum()
    }

    fn operators(&self, epoch: u64) -> usize {
        let active = self.nodes.values().filter(|node| node.scheduled(epoch) > 0);
        active.map(|node| &node.operator).collect::<BTreeSet<_>>().len()
    }

    pub(crate) fn units_of(&self, stake: u128) -> u32 {
        u32::try_from((stake / self.settings.stake_unit.u128()).min(64)).unwrap()
    }

    /// What a request costs but for the keepers' part.
    pub(crate) fn fee(&self, policy: &Policy, callback: bool) -> u128 {
        self.settings.seat_price.u128() * u128::from(policy.committee)
            + self.relay_part(policy, callback)
            + policy.price.u128()
    }

    fn relay_part(&self, policy: &Policy, callback: bool) -> u128 {
        let gas = if callback { u128::from(policy.callback_gas.div_ceil(1000)) } else { 0 };
        self.settings.relay_price.u128() + gas * self.settings.callback_gas_price.unwrap_or_default().u128()
    }

    /// What each request pays into the pool.
    pub(crate) fn keepers(&self) -> u128 {
        self.settings.keepers.map_or(0, |keepers| keepers.price.u128())
    }

    /// A bounty, where the pool holds as much.
    fn bounty(&mut self, to: &Addr, amount: u128) -> Option<Fact> {
        if amount == 0 || self.pool < amount {
            return None;
        }
        self.pool -= amount;
        self.credit(to, amount);
        Some(Fact::Bounty(to.to_string(), amount))
    }

    pub(crate) fn credit(&mut self, who: &Addr, amount: u128) {
        *self.claimable.entry(who.clone()).or_default() += amount;
    }

    pub(crate) fn pay_out(&mut self, who: &Addr, amount: u128) {
        *self.purses.entry(who.clone()).or_default() += amount;
    }

    /// The treasury's, or nobody's any more.
    pub(crate) fn give_treasury(&mut self, amount: u128) {
        if let Some(treasury) = self.settings.treasury.clone() {
            self.credit(&Addr::unchecked(treasury), amount);
        }
    }

    /// The units that follow from a node's stake, from the next epoch on where fewer.
    fn follow(&mut self, id: NodeId) -> Fact {
        let now = self.epoch();
        let node = &self.nodes[&id];
        let units = if node.jailed.is_some() { 0 } else { self.units_of(node.stake) };
        let stake = node.stake;
        let next = node.scheduled(now + 1).min(units);
        self.nodes.get_mut(&id).unwrap().set(now, next, units);
        Fact::Staked(id, stake, units)
    }

    /// Whether the sender may, whether a pause stops it and whether funds are refused.
    fn admits(&self, msg: &ExecuteMsg, from: &Addr, funds: u128) -> bool {
        use ExecuteMsg as Msg;
        let owner = |project: &ProjectId| self.projects.get(project).is_some_and(|p| p.owner == *from);
        let operator = |node: &NodeId| self.nodes.get(node).is_some_and(|n| n.operator == *from);
        let may = match msg {
            Msg::AddVersion { project, .. }
            | Msg::ActivateVersion { project, .. }
            | Msg::ScheduleVersion { project, .. }
            | Msg::SetAccess { project, .. }
            | Msg::SetSecret { project, .. }
            | Msg::RemoveSecret { project, .. }
            | Msg::OfferProject { project, .. } => owner(project),
            Msg::AcceptProject { project } => {
                self.projects.get(project).is_some_and(|p| p.offered.as_ref() == Some(from))
            }
            Msg::IncreaseStake { node }
            | Msg::Unbond { node, .. }
            | Msg::WithdrawStake { node }
            | Msg::RotateKey { node, .. }
            | Msg::SetNodeAccounts { node, .. }
            | Msg::OfferNode { node, .. } => operator(node),
            Msg::UpdateNode { node, .. }
            | Msg::DeclareEngines { node, .. }
            | Msg::SetEncryptionKey { node, .. }
            | Msg::Unjail { node } => {
                operator(node) || self.nodes.get(node).is_some_and(|n| n.daemon.as_ref() == Some(from))
            }
            Msg::AcceptNode { node } => {
                self.nodes.get(node).is_some_and(|n| n.offered.as_ref() == Some(from))
            }
            Msg::UpdateSettings { .. }
            | Msg::OfferAdmin { .. }
            | Msg::SetPaused { .. }
            | Msg::SetGuardian { .. }
            | Msg::AnnounceEngine { .. }
            | Msg::WithdrawEngine {}
            | Msg::RecoverCoins { .. }
            | Msg::Resume {} => *from == self.admin,
            Msg::Halt { .. } => *from == self.admin || self.guardian.as_ref() == Some(from),
            Msg::AcceptAdmin {} => self.heir.as_ref() == Some(from),
            Msg::Withdraw { subscription, .. } | Msg::SetConsumers { subscription, .. } => {
                self.subscriptions.get(subscription).is_some_and(|record| record.owner == *from)
            }
            Msg::CancelSchedule { schedule } => {
                self.schedules.get(schedule).is_some_and(|record| record.owner == *from)
            }
            Msg::Cancel { request } => self.requests.get(request).is_some_and(|r| r.requester == *from),
            _ => true,
        };
        let (new_work, paid) = match msg {
            Msg::RegisterProject { .. } | Msg::AddVersion { .. } => (true, false),
            Msg::RegisterNode(_)
            | Msg::IncreaseStake { .. }
            | Msg::Request(_)
            | Msg::Requests { .. }
            | Msg::Subscribe { .. }
            | Msg::Schedule(_)
            | Msg::FundSchedule { .. }
            | Msg::Deposit { .. } => (true, true),
            Msg::RunSchedules { .. } => (true, false),
            _ => (false, false),
        };
        let results = matches!(msg, Msg::Publish { .. } | Msg::Attest { .. });
        let halted = results && self.height < self.halted.1;
        may && !halted && !(new_work && self.paused) && (paid || funds == 0)
    }

    /// Does what an act should; `None` where it should be refused and nothing change.
    pub(crate) fn act(&mut self, act: &Act, msg: &ExecuteMsg, from: &Addr, funds: u128) -> Option<Vec<Fact>> {
        if !self.admits(msg, from, funds) {
            return None;
        }
        let facts = match act {
            Act::Plain(msg) => self.plain(msg, from, funds)?,
            Act::RegisterNode { key, held } => self.register(*key, *held, from, funds)?,
            Act::RotateKey { node, key, held } => self.rotate(*node, *key, *held)?,
            Act::Ticket { node, key, current, value } => self.ticket(*node, *key, *current, *value)?,
            Act::Evidence { request, node, key, same } => {
                self.evidence(*request, *node, *key, *same, from)?
            }
            Act::Publish(drafts) => {
                let facts = drafts.iter().map(|draft| self.publish(draft, from));
                let mut facts: Vec<_> = facts.collect::<Vec<_>>().into_iter().flatten().collect();
                facts.extend(self.open_due());
                facts
            }
            Act::Attest(draft) => self.attest(draft, from),
        };
        *self.purses.entry(from.clone()).or_default() -= funds;
        Some(facts)
    }

    fn plain(&mut self, msg: &ExecuteMsg, from: &Addr, funds: u128) -> Option<Vec<Fact>> {
        use ExecuteMsg as Msg;
        let height = self.height;
        match msg {
            Msg::RegisterProject { policy, .. } => {
                let id = ProjectId(self.projects.len() as u64 + 1);
                let project = Project {
                    owner: from.clone(),
                    offered: None,
                    requesters: Requesters::Anyone {},
                    paused: false,
                    versions: vec![policy.clone()],
                    active: 1,
                    secrets: BTreeSet::new(),
                    scheduled: None,
                };
                self.projects.insert(id, project);
            }
            Msg::AddVersion { project, policy, .. } => {
                self.projects.get_mut(project)?.versions.push(policy.clone());
            }
            Msg::ActivateVersion { project, version } => {
                let project = self.projects.get_mut(project).filter(|project| project.has(*version))?;
                (project.active, project.scheduled) = (version.get(), None);
            }
            Msg::ScheduleVersion { project, version, after_blocks } => {
                let project = self.projects.get_mut(project).filter(|project| project.has(*version))?;
                project.active = project.active_at(height);
                project.scheduled = Some((version.get(), height + after_blocks));
            }
            Msg::SetAccess { project, requesters, paused } => {
                let project = self.projects.get_mut(project)?;
                (project.requesters, project.paused) = (requesters.clone(), *paused);
            }
            Msg::OfferProject { project, to } => {
                self.projects.get_mut(project)?.offered = to.clone().map(Addr::unchecked);
            }
            Msg::AcceptProject { project } => {
                let project = self.projects.get_mut(project)?;
                (project.owner, project.offered) = (from.clone(), None);
            }
            Msg::IncreaseStake { node: id } => {
                let node = &self.nodes[id];
                if funds == 0 || (node.jailed.is_none() && self.units_of(node.stake + funds) == 0) {
                    return None;
                }
                self.nodes.get_mut(id)?.stake += funds;
                return Some(vec![self.follow(*id)]);
            }
            Msg::Unbond { node: id, amount } => {
                let node = &self.nodes[id];
                let amount = amount.map_or(node.stake, |amount| amount.u128());
                let rest =
                    node.stake.checked_sub(amount).filter(|_| amount > 0 && node.unbonding.len() < 8)?;
                if rest > 0 && self.units_of(rest) == 0 {
                    return None;
                }
                let entry = (amount, height + self.settings.unbonding_blocks, self.epoch());
                let node = self.nodes.get_mut(id)?;
                node.stake = rest;
                node.unbonding.push(entry);
                return Some(vec![self.follow(*id)]);
            }
            Msg::WithdrawStake { node: id } => {
                let (oldest, now) = (self.oldest(), self.epoch());
                // Whether all that may be drawn up to an epoch is past its deadline.
                let deadlines: Vec<_> = self.requests.values().map(|r| (r.epoch, r.deadline)).collect();
                let passed = |last: u64| {
                    let latest =
                        deadlines.iter().filter(|(epoch, _)| *epoch <= last).map(|(_, at)| *at).max();
                    now > last && latest.is_some_and(|latest| height > latest)
                };
                let node = self.nodes.get_mut(id)?;
                let free = |(_, release, last): &(u128, u64, u64)| {
                    height >= *release && (oldest > *last || passed(*last))
                };
                let amount = node.unbonding.iter().filter(|entry| free(entry)).map(|entry| entry.0).sum();
                node.unbonding.retain(|entry| !free(entry));
                if amount == 0 {
                    return None;
                }
                self.pay_out(from, amount);
                return Some(vec![Fact::Withdrawn(*id, amount)]);
            }
            Msg::UpdateNode { .. } => {}
            Msg::DeclareEngines { node, engines } => {
                if engines.len() > 4 || engines.iter().collect::<BTreeSet<_>>().len() < engines.len() {
                    return None;
                }
                self.nodes.get_mut(node)?.engines = engines.clone();
            }
            Msg::AnnounceEngine { engine, from_epoch, min_ready_bps } => {
                let since = self.epoch() + 2..=self.epoch() + 1000;
                let (plan, next) = &mut self.engines;
                if !since.contains(&from_epoch.get())
                    || *min_ready_bps > 10_000
                    || plan.last().is_some_and(|current| current.1 == *engine)
                {
                    return None;
                }
                *next = Some((from_epoch.get(), *engine, *min_ready_bps));
            }
            Msg::WithdrawEngine {} => {
                self.engines.1.take()?;
            }
            Msg::SetEncryptionKey { node, key } => self.nodes.get_mut(node)?.encryption = Some(*key),
            Msg::SetSecret { project, name, sealed, .. } => {
                let published =
                    |value: &SealedValue| self.nodes.get(&value.node).and_then(|node| node.encryption);
                if sealed.iter().any(|value| published(value) != Some(value.key)) {
                    return None;
                }
                self.projects.get_mut(project)?.secrets.insert(name.to_string());
            }
            Msg::RemoveSecret { project, name, .. } => {
                if !self.projects.get_mut(project)?.secrets.remove(name.as_str()) {
                    return None;
                }
            }
            Msg::SetNodeAccounts { node, payout, daemon } => {
                let node = self.nodes.get_mut(node)?;
                node.payout = payout.clone().map(Addr::unchecked);
                node.daemon = daemon.clone().map(Addr::unchecked);
            }
            Msg::OfferNode { node, to } => {
                self.nodes.get_mut(node)?.offered = to.clone().map(Addr::unchecked);
            }
            Msg::AcceptNode { node } => {
                let node = self.nodes.get_mut(node)?;
                (node.operator, node.offered) = (from.clone(), None);
                (node.payout, node.daemon) = (None, None);
            }
            Msg::Unjail { node: id } => {
                let node = &self.nodes[id];
                if node.jailed.is_none_or(|until| height < until) || self.units_of(node.stake) == 0 {
                    return None;
                }
                self.nodes.get_mut(id)?.jailed = None;
                // An event of its own says so.
                self.follow(*id);
            }
            Msg::Request(new) => {
                if !self.would_open(new, from, funds) {
                    return None;
                }
                if new.subscription.is_some() && funds > 0 {
                    return None;
                }
                let mut facts = self.open_due();
                let sent = match new.subscription {
                    Some(_) => self.fee_of(new).unwrap(),
                    None => funds - self.keepers(),
                };
                facts.extend(self.open_request(new, from, sent));
                return Some(facts);
            }
            Msg::Requests { requests } if requests.is_empty() => return None,
            Msg::Requests { requests } => {
                let mut facts = self.open_due();
                let mut left = funds;
                for (index, new) in (0..).zip(requests) {
                    if self.would_open(new, from, left) {
                        let fee = self.fee_of(new).unwrap();
                        if new.subscription.is_none() {
                            left -= fee + self.keepers();
                        }
                        facts.extend(self.open_request(new, from, fee));
                    } else {
                        facts.push(Fact::NotOpened(index));
                    }
                }
                self.pay_out(from, left);
                return Some(facts);
            }
            Msg::Subscribe { .. } | Msg::Deposit { .. } | Msg::Withdraw { .. } | Msg::SetConsumers { .. } => {
                return self.of_subscriptions(msg, from, funds);
            }
            Msg::Schedule(_)
            | Msg::FundSchedule { .. }
            | Msg::CancelSchedule { .. }
            | Msg::RunSchedules { .. } => return self.of_schedules(msg, from, funds),
            Msg::Cancel { request } => return self.cancel(*request),
            // Nothing in the model is drawn by them.
            Msg::SubmitRoundTickets { .. } => return None,
            Msg::SetGuardian { guardian } => self.guardian = guardian.clone().map(Addr::unchecked),
            Msg::Halt { blocks } => {
                let (began, until) = self.halted;
                if *blocks == 0 || height < until + (until - began) {
                    return None;
                }
                self.halted = (height, height + blocks);
            }
            Msg::Resume {} => self.halted.1 = self.halted.1.min(height),
            // There are none.
            Msg::RecoverCoins { .. } => return None,
            // Neither costs anything under the model's settings.
            Msg::ReportDissent { .. } | Msg::ReportSilence { .. } => return None,
            // Nor is it on Archway.
            Msg::StartSweep {} | Msg::SetRewards { .. } | Msg::WithdrawRewards {} => return None,
            Msg::Tick {} => {
                let mut facts = self.open_due();
                if !facts.is_empty() {
                    let bounty = self.settings.keepers.map_or(0, |keepers| keepers.tick.u128());
                    facts.extend(self.bounty(from, bounty));
                }
                return Some(facts);
            }
            Msg::Expire { limit, requests } => {
                let mut facts = self.expire(limit.unwrap_or(30) as usize, requests.as_deref());
                let ended = facts.iter().filter(|fact| matches!(fact, Fact::Expired(..))).count() as u128;
                let bounty = self.settings.keepers.map_or(0, |keepers| keepers.expire.u128());
                facts.extend(self.bounty(from, bounty * ended));
                return Some(facts);
            }
            Msg::DeliverCallback { request, gas_limit } => {
                let asked = self.requests.get(request)?;
                let own = asked.requester == *from;
                let tries = match asked.callback {
                    Callback::Due => 0,
                    Callback::Failed(tries, _) if own => tries,
                    Callback::Failed(tries @ 1..=3, at) if height >= at + 10 => tries,
                    _ => return None,
                };
                if gas_limit.is_some_and(|gas| !own || gas == 0 || gas > 1_500_000) {
                    return None;
                }
                let due = asked.callback == Callback::Due;
                let mut facts: Vec<_> = self.call(*request, tries).into_iter().collect();
                if due {
                    let bounty = self.settings.keepers.map_or(0, |keepers| keepers.callback.u128());
                    facts.extend(self.bounty(from, bounty));
                }
                return Some(facts);
            }
            Msg::Claim { r#for } => {
                let who = r#for.clone().map_or(from.clone(), Addr::unchecked);
                let amount = self.claimable.remove(&who).filter(|amount| *amount > 0)?;
                self.pay_out(&who, amount);
                return Some(vec![Fact::Claimed(who.to_string(), amount)]);
            }
            Msg::UpdateSettings { settings } => {
                if settings.denom != DENOM {
                    return None;
                }
                self.settings = settings.clone();
                self.settings_version += 1;
            }
            Msg::OfferAdmin { to } => self.heir = to.clone().map(Addr::unchecked),
            Msg::AcceptAdmin {} => (self.admin, self.heir) = (from.clone(), None),
            Msg::SetPaused { paused } => self.paused = *paused,
            other => panic!("{other:?} is not plain"),
        }
        Some(Vec::new())
    }

    /// The effective policy of a request.
    fn policy_of(&self, new: &NewRequest) -> Option<Policy> {
        let project = self.projects.get(&new.project)?;
        let active = &project.versions[project.active_at(self.height) as usize - 1];
        beyond(active, &new.overrides.unwrap_or_default())
    }

    pub(crate) fn fee_of(&self, new: &NewRequest) -> Option<u128> {
        Some(self.fee(&self.policy_of(new)?, new.callback.is_some()))
    }

    /// Whether nothing but money, quotas and time stands against a request.
    pub(crate) fn admits_request(&self, new: &NewRequest, from: &Addr) -> bool {
        let (Some(project), Some(fee)) = (self.projects.get(&new.project), self.fee_of(new)) else {
            return false;
        };
        let may = match &project.requesters {
            Requesters::Anyone {} => true,
            Requesters::Owner {} => project.owner == *from,
            Requesters::List { addresses } => addresses.contains(&from.to_string()),
        };
        let overrides = new.overrides.unwrap_or_default();
        may && !project.paused
            && new.version.is_none_or(|version| version.get() == project.active_at(self.height))
            && self.within_terms(&overrides, fee + self.keepers())
    }

    /// Whether what a request asks for is within the settings, for this fee.
    pub(crate) fn within_terms(&self, overrides: &Overrides, fee: u128) -> bool {
        overrides.max_fee.is_none_or(|most| fee <= most.u128())
            && overrides.ttl_blocks.is_none_or(|ttl| ttl <= self.settings.ttl_blocks)
    }

    /// Whether a request would be opened for these funds, where a round that is due has been opened or will be.
    pub(crate) fn would_open(&self, new: &NewRequest, from: &Addr, funds: u128) -> bool {
        let Some(policy) = self.policy_of(new).filter(|_| self.admits_request(new, from)) else {
            return false;
        };
        let ttl = new.overrides.unwrap_or_default().ttl_blocks.unwrap_or(self.settings.ttl_blocks);
        let fee = self.fee(&policy, new.callback.is_some()) + self.keepers();
        let of_payer = self.open().filter(|(_, request)| request.requester == *from).count();
        let of_project = self.open().filter(|(_, request)| request.project == new.project).count();
        let epoch = self.epoch() + u64::from(self.due().is_some_and(|ends| ends));
        let operators = self.operators(epoch).max(self.operators(epoch + 1));
        !(match new.subscription {
            Some(id) => !self.would_charge(id, from, new.project, fee),
            None => funds < fee,
        } || ttl <= policy.attempt_blocks(1000)
            || of_payer >= self.settings.max_open_per_payer as usize
            || of_project >= self.settings.max_open_per_project as usize
            || operators < usize::from(policy.min_operators)
            || (new.callback.is_some() && *from != self.rogue))
    }

    /// Opens a request that may be opened, and reserves `sent` for it.
    pub(crate) fn open_request(&mut self, new: &NewRequest, from: &Addr, sent: u128) -> Option<Fact> {
        let (policy, callback) = (self.policy_of(new)?, new.callback.is_some());
        let ttl = new.overrides.unwrap_or_default().ttl_blocks.unwrap_or(self.settings.ttl_blocks);
        self.pool += self.keepers();
        if let Some(id) = new.subscription {
            self.charge(id, from, sent + self.keepers());
        }
        let request = Request {
            project: new.project,
            requester: from.clone(),
            sent,
            seat_price: self.settings.seat_price.u128(),
            relay_price: self.relay_part(&policy, callback),
            treasury_bps: self.settings.treasury_bps,
            terms: self.settings.clone(),
            height: self.height,
            epoch: self.epoch(),
            deadline: self.height + ttl,
            round: (policy.draw == DrawClass::Fast).then_some(self.rounds.len() as u64 - 1),
            status: None,
            callback: if callback { Callback::Wanted } else { Callback::None },
            tallies: BTreeMap::new(),
            subscription: new.subscription,
            schedule: None,
            policy,
        };
        let request_id = RequestId(self.requests.len() as u64 + 1);
        self.requests.insert(request_id, request);
        Some(Fact::Opened(request_id, sent))
    }

    /// Whether a round is due, and whether the epoch ends with it.
    fn due(&self) -> Option<bool> {
        let (last, _) = self.rounds[self.rounds.len() - 1];
        let (began, _) = self.epochs[self.epochs.len() - 1];
        let ends = self.height >= began + self.settings.epoch_blocks;
        (self.height > last && (ends || self.waits())).then_some(ends)
    }

    /// Units of nodes that declare an engine, counted one by one.
    pub(crate) fn ready(&self, engine: EngineId) -> u64 {
        self.nodes.values().filter(|node| node.engines.contains(&engine)).map(Node::coming).sum()
    }

    fn change_engine(&mut self, epoch: u64, units: u64) {
        let Some((from, engine, least)) = self.engines.1.filter(|(from, ..)| *from <= epoch) else { return };
        if self.ready(engine.jitless) * 10_000 >= units * u64::from(least) {
            self.engines.0.push((epoch, engine));
            self.engines.1 = None;
        } else {
            self.engines.1 = Some((from.max(epoch) + 1, engine, least));
        }
    }

    pub(crate) fn open_due(&mut self) -> Vec<Fact> {
        let Some(ends) = self.due() else { return Vec::new() };
        let mut facts = Vec::new();
        if ends {
            let next = self.epoch() + 1;
            let units = self.total_units(next);
            self.epochs.push((self.height, units));
            self.lowest = None;
            self.change_engine(next, units);
            facts.push(Fact::Epoch(next, units));
        }
        let round = self.rounds.len() as u64;
        self.rounds.push((self.height, self.epoch()));
        let height = self.height;
        for request in self.requests.values_mut() {
            if request.round.is_none() && request.height < height {
                request.round = Some(round);
            }
        }
        facts.push(Fact::Round(round, self.epoch()));
        facts
    }

    fn expire(&mut self, limit: usize, named: Option<&[RequestId]>) -> Vec<Fact> {
        let mut overdue: Vec<_> =
            self.open().filter(|(_, r)| self.height > r.deadline).map(|(id, r)| (r.deadline, id)).collect();
        overdue.sort_unstable();
        let limit = match named {
            Some(named) => {
                overdue.retain(|(_, id)| named.contains(id));
                overdue.len()
            }
            None => limit,
        };
        let mut facts = Vec::new();
        for (_, id) in overdue.into_iter().take(limit) {
            let request = self.requests.get_mut(&id).unwrap();
            request.status = Some(RequestStatus::Expired);
            let request = request.clone();
            self.give_back(&request, request.sent);
            facts.push(Fact::Expired(id, request.sent));
            let request = self.requests.get_mut(&id).unwrap();
            if request.callback == Callback::Wanted {
                request.callback = Callback::Due;
                facts.push(Fact::Due(id));
            }
        }
        facts
    }

    /// Calls the requester of a request that has ended, after so many failures.
    pub(crate) fn call(&mut self, id: RequestId, failed: u32) -> Option<Fact> {
        let fails = self.rogue_fails;
        let request = self.requests.get_mut(&id).filter(|request| request.callback != Callback::None)?;
        let (callback, fact) = if fails {
            (Callback::Failed(failed + 1, self.height), Fact::Failed(id, failed + 1))
        } else {
            (Callback::Delivered, Fact::Delivered(id))
        };
        request.callback = callback;
        Some(fact)
    }

    fn register(&mut self, key: u32, held: bool, from: &Addr, funds: u128) -> Option<Vec<Fact>> {
        let units = self.units_of(funds);
        if units == 0 || !held {
            return None;
        }
        let now = self.epoch();
        let mut node = Node {
            operator: from.clone(),
            payout: None,
            daemon: None,
            offered: None,
            stake: funds,
            unbonding: Vec::new(),
            schedule: BTreeMap::new(),
            keys: vec![(now, key)],
            rotated_at: self.height,
            jailed: None,
            slashed_for: BTreeSet::new(),
            engines: Vec::new(),
            encryption: None,
        };
        node.set(now, 0, units);
        self.nodes.insert(NodeId(u32::try_from(self.nodes.len()).unwrap() + 1), node);
        Some(Vec::new())
    }

    fn rotate(&mut self, id: NodeId, key: u32, held: bool) -> Option<Vec<Fact>> {
        let (now, oldest, height) = (self.epoch(), self.oldest(), self.height);
        let begins = self.nodes.get(&id)?.keys.last().unwrap().0;
        let latest = self.requests.values().filter(|r| r.epoch < begins).map(|r| r.deadline).max();
        let over = now >= begins && (oldest >= begins || latest.is_some_and(|latest| height > latest));
        let waits = self.settings.unbonding_blocks;
        let node = self.nodes.get_mut(&id)?;
        let newest = *node.keys.last().unwrap();
        if !held || (node.keys.len() == 2 && (height < node.rotated_at + waits || !over)) {
            return None;
        }
        node.keys = vec![newest, (now + 2, key)];
        node.rotated_at = height;
        Some(Vec::new())
    }

    /// A ticket that is not lower than the lowest is not looked at.
    fn ticket(&mut self, id: NodeId, key: u32, current: bool, value: Option<[u8; 32]>) -> Option<Vec<Fact>> {
        let epoch = self.epoch();
        let node = self.nodes.get(&id)?;
        let value = value.filter(|_| node.units(epoch) > 0)?;
        if self.lowest.is_some_and(|lowest| lowest <= value) {
            return Some(Vec::new());
        }
        if key != node.key(epoch) || !current {
            return None;
        }
        self.lowest = Some(value);
        Some(vec![Fact::Ticket(epoch, id)])
    }

    fn evidence(
        &mut self,
        request: RequestId,
        id: NodeId,
        key: u32,
        same: bool,
        from: &Addr,
    ) -> Option<Vec<Fact>> {
        let asked = self.requests.get(&request)?;
        let (_, epoch) = self.rounds[asked.round? as usize];
        let (height, Settings { slash_bps, reporter_bps, jail_blocks, .. }) =
            (self.height, asked.terms.clone());
        let node = self.nodes.get_mut(&id)?;
        if same || node.key(epoch) != key || !node.slashed_for.insert(request) {
            return None;
        }
        let own = [Some(&node.operator), node.payout.as_ref(), node.daemon.as_ref()].contains(&Some(from));
        let mut lost = part(node.stake, slash_bps);
        node.stake -= lost;
        for entry in &mut node.unbonding {
            let cut = part(entry.0, slash_bps);
            entry.0 -= cut;
            lost += cut;
        }
        node.unbonding.retain(|entry| entry.0 > 0);
        node.jailed = node.jailed.max(Some(height + jail_blocks));
        self.follow(id);
        let reward = part(lost, if own { 0 } else { reporter_bps });
        self.credit(from, reward);
        self.give_treasury(lost - reward);
        Some(vec![Fact::Slashed(id, request, lost)])
    }

    /// What everybody's stake comes to.
    pub(crate) fn stake(&self) -> u128 {
        let unbonding = |node: &Node| node.unbonding.iter().map(|entry| entry.0).sum::<u128>();
        self.nodes.values().map(|node| node.stake + unbonding(node)).sum()
    }

    pub(crate) fn publish(&mut self, draft: &Draft, from: &Addr) -> Vec<Fact> {
        match self.evaluate(draft).filter(super::verification::Evaluated::is_quorum) {
            Some(evaluated) => self.settle(draft, evaluated, from),
            None => vec![Fact::Refused(draft.request)],
        }
    }
}
