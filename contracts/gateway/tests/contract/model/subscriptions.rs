//! Subscriptions as they should work: plain balances, consumers and what is left of their allowances.

use cosmwasm_std::{Addr, Uint128};
use gateway_api::*;
use rand::Rng;

use super::acts::{Act, Maker};
use super::reference::{Fact, Reference, Request};

/// A consumer within its limits.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    address: Addr,
    projects: Vec<ProjectId>,
    max_fee: Option<u128>,
    allowance: Option<u128>,
}

#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) owner: Addr,
    pub(crate) balance: u128,
    consumers: Vec<Consumer>,
}

/// Reads consumers; an address stands once.
fn read(named: &[SubscriptionConsumer]) -> Option<Vec<Consumer>> {
    let mut consumers: Vec<Consumer> = Vec::new();
    for SubscriptionConsumer { address, projects, max_fee, allowance } in named {
        let address = Addr::unchecked(address);
        if consumers.iter().any(|known| known.address == address) {
            return None;
        }
        let (max_fee, allowance) = (max_fee.map(|fee| fee.u128()), allowance.map(|left| left.u128()));
        consumers.push(Consumer { address, projects: projects.clone(), max_fee, allowance });
    }
    Some(consumers)
}

impl Reference {
    pub(crate) fn subscribed(&self) -> u128 {
        self.subscriptions.values().map(|subscription| subscription.balance).sum()
    }

    /// Whether a requester may have a fee paid out of a subscription.
    pub(crate) fn would_charge(
        &self,
        id: SubscriptionId,
        from: &Addr,
        project: ProjectId,
        fee: u128,
    ) -> bool {
        let Some(subscription) = self.subscriptions.get(&id) else { return false };
        let consumer = subscription.consumers.iter().find(|consumer| consumer.address == *from);
        consumer.is_some_and(|consumer| {
            (consumer.projects.is_empty() || consumer.projects.contains(&project))
                && consumer.max_fee.is_none_or(|max| fee <= max)
                && consumer.allowance.is_none_or(|left| fee <= left)
                && fee <= subscription.balance
        })
    }

    /// Takes a fee that [`Self::would_charge`] allows.
    pub(crate) fn charge(&mut self, id: SubscriptionId, from: &Addr, fee: u128) {
        let subscription = self.subscriptions.get_mut(&id).unwrap();
        subscription.balance -= fee;
        let consumer = subscription.consumers.iter_mut().find(|consumer| consumer.address == *from).unwrap();
        consumer.allowance = consumer.allowance.map(|left| left - fee);
    }

    /// Returns what a request did not use to whoever paid it.
    pub(crate) fn give_back(&mut self, request: &Request, amount: u128) {
        let Some(id) = request.subscription else {
            return match request.schedule.and_then(|id| self.schedules.get_mut(&id)) {
                Some(schedule) => schedule.budget += amount,
                None => self.pay_out(&request.requester, amount),
            };
        };
        let subscription = self.subscriptions.get_mut(&id).unwrap();
        subscription.balance += amount;
        let own = |consumer: &&mut Consumer| consumer.address == request.requester;
        if let Some(consumer) = subscription.consumers.iter_mut().find(own) {
            consumer.allowance = consumer.allowance.map(|left| left + amount);
        }
    }

    pub(crate) fn of_subscriptions(
        &mut self,
        msg: &ExecuteMsg,
        from: &Addr,
        funds: u128,
    ) -> Option<Vec<Fact>> {
        use ExecuteMsg as Msg;
        let id = match msg {
            Msg::Subscribe { consumers } => {
                let id = SubscriptionId(self.subscriptions.len() as u64 + 1);
                let subscription =
                    Subscription { owner: from.clone(), balance: funds, consumers: read(consumers)? };
                self.subscriptions.insert(id, subscription);
                id
            }
            Msg::Deposit { subscription } => {
                self.subscriptions.get_mut(subscription)?.balance += funds;
                *subscription
            }
            Msg::Withdraw { subscription, amount } => {
                let record = self.subscriptions.get_mut(subscription)?;
                let amount = amount.map_or(record.balance, |amount| amount.u128());
                record.balance = record.balance.checked_sub(amount).filter(|_| amount > 0)?;
                self.pay_out(from, amount);
                *subscription
            }
            Msg::SetConsumers { subscription, consumers } => {
                self.subscriptions.get_mut(subscription)?.consumers = read(consumers)?;
                *subscription
            }
            other => panic!("{other:?} is of no subscription"),
        };
        Some(vec![Fact::Balance(id, self.subscriptions[&id].balance)])
    }

    /// Ends a request that no round has drawn.
    pub(crate) fn cancel(&mut self, id: RequestId) -> Option<Vec<Fact>> {
        let request = self.requests.get_mut(&id).filter(|r| r.status.is_none() && r.round.is_none())?;
        request.status = Some(RequestStatus::Expired);
        let request = request.clone();
        self.give_back(&request, request.sent);
        Some(vec![Fact::Expired(id, request.sent)])
    }
}

impl Maker {
    pub(crate) fn of_a_subscription(&mut self, model: &Reference, person: Addr) -> (Act, Addr, u128) {
        let count = model.subscriptions.len() as u64;
        let subscription = SubscriptionId(self.rng.gen_range(1..=count + 1));
        let owner = model.subscriptions.get(&subscription).map(|record| record.owner.clone());
        let owner = owner.filter(|_| self.chance(90)).unwrap_or_else(|| person.clone());
        let (msg, from, funds) = match self.rng.gen_range(0..8) {
            0 if count < 6 => {
                let funds = self.one_of(&[0, 500, 5000]);
                (ExecuteMsg::Subscribe { consumers: self.consumers() }, person, funds)
            }
            0..=2 => (ExecuteMsg::Deposit { subscription }, person, self.one_of(&[0, 100, 3000])),
            3 => {
                let amount = self.one_of(&[None, Some(100), Some(0), Some(1_000_000)]).map(Uint128::new);
                (ExecuteMsg::Withdraw { subscription, amount }, owner, 0)
            }
            4 => (ExecuteMsg::SetConsumers { subscription, consumers: self.consumers() }, owner, 0),
            _ => {
                let newest = model.requests.len() as u64;
                let request = RequestId(self.rng.gen_range(newest.saturating_sub(3)..=newest + 1));
                let requester = model.requests.get(&request).map(|request| request.requester.clone());
                let from = requester.filter(|_| self.chance(90)).unwrap_or(person);
                (ExecuteMsg::Cancel { request }, from, 0)
            }
        };
        (Act::Plain(msg), from, funds)
    }

    fn consumers(&mut self) -> Vec<SubscriptionConsumer> {
        (0..self.rng.gen_range(0..=4))
            .map(|_| SubscriptionConsumer {
                address: self.one_of(&self.people.clone()).to_string(),
                projects: self.one_of(&[Vec::new(), Vec::new(), vec![ProjectId(1), ProjectId(2)]]),
                max_fee: self.one_of(&[None, None, Some(60), Some(500)]).map(Uint128::new),
                allowance: self.one_of(&[None, None, Some(300), Some(2000)]).map(Uint128::new),
            })
            .collect()
    }
}
