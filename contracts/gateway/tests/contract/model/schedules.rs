//! Schedules as they should work: plain budgets, and the height of the next firing.

use cosmwasm_std::Addr;
use gateway_api::*;
use rand::Rng;

use super::acts::{Act, Maker};
use super::reference::{Fact, Reference};

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) owner: Addr,
    pub(crate) budget: u128,
    pub(crate) next: u64,
    request: NewRequest,
    every: Option<u64>,
    until: u64,
}

impl Reference {
    pub(crate) fn budgets(&self) -> u128 {
        self.schedules.values().map(|schedule| schedule.budget).sum()
    }

    fn schedule_bounty(&self) -> u128 {
        self.settings.schedule_bounty.map_or(0, |bounty| bounty.u128())
    }

    pub(crate) fn of_schedules(&mut self, msg: &ExecuteMsg, from: &Addr, funds: u128) -> Option<Vec<Fact>> {
        use ExecuteMsg as Msg;
        match msg {
            Msg::Schedule(new) => {
                let NewSchedule { request, at, every_blocks, until } = new.clone();
                let next = at.unwrap_or(self.height + 1);
                let until = until.unwrap_or(u64::MAX);
                let needed = self.fee_of(&request)? + self.keepers() + self.schedule_bounty();
                let within = self
                    .within_terms(&request.overrides.unwrap_or_default(), needed - self.schedule_bounty());
                let pays = match request.subscription {
                    Some(id) => funds == 0 && self.would_charge(id, from, request.project, needed),
                    None => funds >= needed,
                };
                if next <= self.height || every_blocks == Some(0) || until < next || !pays || !within {
                    return None;
                }
                self.last_schedule += 1;
                let id = ScheduleId(self.last_schedule);
                let owner = from.clone();
                let record = Schedule { owner, budget: funds, next, request, every: every_blocks, until };
                self.schedules.insert(id, record);
                Some(vec![Fact::Budget(id, funds, next)])
            }
            Msg::FundSchedule { schedule } => {
                let record = self.schedules.get_mut(schedule)?;
                if record.request.subscription.is_some() {
                    return None;
                }
                record.budget += funds;
                Some(vec![Fact::Budget(*schedule, record.budget, record.next)])
            }
            Msg::CancelSchedule { schedule } => {
                let record = self.schedules.remove(schedule)?;
                self.pay_out(&record.owner, record.budget);
                Some(vec![Fact::Ended(*schedule, record.budget)])
            }
            Msg::RunSchedules { limit, schedules } => {
                let mut due: Vec<_> = self
                    .schedules
                    .iter()
                    .filter(|(_, record)| record.next <= self.height)
                    .map(|(id, record)| (record.next, *id))
                    .collect();
                due.sort_unstable();
                due.truncate(limit.unwrap_or(30) as usize);
                let due = schedules.clone().unwrap_or_else(|| due.into_iter().map(|(_, id)| id).collect());
                let mut facts = self.open_due();
                for id in due {
                    facts.extend(self.run(id, from));
                }
                Some(facts)
            }
            other => panic!("{other:?} is of no schedule"),
        }
    }

    fn finish(&mut self, id: ScheduleId) -> Fact {
        let Schedule { owner, budget, .. } = self.schedules.remove(&id).unwrap();
        if budget > 0 {
            self.credit(&owner, budget);
        }
        Fact::Ended(id, budget)
    }

    fn run(&mut self, id: ScheduleId, keeper: &Addr) -> Vec<Fact> {
        let height = self.height;
        let Some(record) = self.schedules.get(&id).filter(|record| record.next <= height).cloned() else {
            return Vec::new();
        };
        let mut facts = Vec::new();
        let (bounty, project) = (self.schedule_bounty(), record.request.project);
        if bounty > 0 {
            match record.request.subscription {
                Some(paid) if self.would_charge(paid, &record.owner, project, bounty) => {
                    self.charge(paid, &record.owner, bounty);
                }
                None if record.budget >= bounty => self.schedules.get_mut(&id).unwrap().budget -= bounty,
                _ => return vec![self.finish(id)],
            }
            self.credit(keeper, bounty);
            facts.push(Fact::Bounty(keeper.to_string(), bounty));
        }
        // Every firing there is, one by one; the last that is due is the one to make.
        let step = record.every.unwrap_or(u64::MAX);
        let all = std::iter::successors(Some(record.next), |at| at.checked_add(step));
        let due: Vec<_> = all.take_while(|at| *at <= height && *at <= record.until).collect();
        let made = if height > record.until { None } else { due.last().copied() };
        let missed = due.len() as u64 - u64::from(made.is_some());
        if missed > 0 {
            facts.push(Fact::Missed(id, record.next, missed));
        }
        let Some(latest) = made else {
            facts.push(self.finish(id));
            return facts;
        };
        let budget = self.schedules[&id].budget;
        let mut goes_on = true;
        if self.would_open(&record.request, &record.owner, budget) {
            let fee = self.fee_of(&record.request).unwrap();
            let opened = self.open_request(&record.request, &record.owner, fee).unwrap();
            let Fact::Opened(request, _) = opened else { panic!("{opened:?}") };
            if record.request.subscription.is_none() {
                self.schedules.get_mut(&id).unwrap().budget -= fee + self.keepers();
            }
            self.requests.get_mut(&request).unwrap().schedule = Some(id);
            facts.extend([opened, Fact::Fired(id, latest, request)]);
        } else {
            facts.push(Fact::Missed(id, latest, 1));
            goes_on = !self.cannot_pay(&record, budget);
        }
        match latest.checked_add(step).filter(|next| goes_on && *next <= record.until) {
            Some(next) => self.schedules.get_mut(&id).unwrap().next = next,
            None => facts.push(self.finish(id)),
        }
        facts
    }

    /// Whether a firing that is refused is refused because it cannot be paid, of all that may be wrong with it the first.
    fn cannot_pay(&self, record: &Schedule, budget: u128) -> bool {
        let fee = self.fee_of(&record.request).map(|fee| fee + self.keepers());
        let pays = match (record.request.subscription, fee) {
            (Some(paid), Some(fee)) => self.would_charge(paid, &record.owner, record.request.project, fee),
            (None, Some(fee)) => budget >= fee,
            (_, None) => true,
        };
        // Quotas and time are looked at after the money, everything else before it.
        !pays && self.admits_request(&record.request, &record.owner)
    }
}

impl Maker {
    pub(crate) fn of_a_schedule(&mut self, model: &Reference, person: Addr) -> (Act, Addr, u128) {
        let known: Vec<_> = model.schedules.keys().copied().collect();
        let schedule = if known.is_empty() { ScheduleId(1) } else { self.one_of(&known) };
        let owner = model.schedules.get(&schedule).map(|record| record.owner.clone());
        let owner = owner.filter(|_| self.chance(90)).unwrap_or_else(|| person.clone());
        let (msg, from, funds) = match self.rng.gen_range(0..10) {
            0..=2 if known.len() < 6 => {
                let (act, from, cost) = self.request(model, person);
                let Act::Plain(ExecuteMsg::Request(request)) = act else { panic!("{act:?}") };
                let funds = if request.subscription.is_some() { 0 } else { cost * self.one_of(&[1, 2, 4]) };
                let new = NewSchedule {
                    request,
                    at: self.one_of(&[None, None, Some(model.height + 3), Some(model.height)]),
                    every_blocks: self.one_of(&[None, Some(1), Some(2), Some(5), Some(5), Some(0)]),
                    until: self.one_of(&[None, None, None, Some(model.height + 8), Some(model.height)]),
                };
                (ExecuteMsg::Schedule(new), from, funds)
            }
            3 => (ExecuteMsg::FundSchedule { schedule }, person, self.one_of(&[0, 60, 500])),
            4 if self.chance(30) => (ExecuteMsg::CancelSchedule { schedule }, owner, 0),
            _ => {
                let named =
                    (self.chance(30)).then(|| vec![schedule, ScheduleId(model.last_schedule + 1), schedule]);
                let limit = self.one_of(&[None, Some(1), Some(2)]);
                (ExecuteMsg::RunSchedules { limit, schedules: named }, person, 0)
            }
        };
        (Act::Plain(msg), from, funds)
    }
}
