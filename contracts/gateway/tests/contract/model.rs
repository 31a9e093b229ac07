//! Random sequences of messages against a simple model: coins are conserved, a request ends exactly once, nothing that
//! has ended changes, and what is earned is what the model says. `MODEL_STEPS` makes the run longer.

use crate::world::{policy, World, TTL};
use cosmwasm_std::Uint128;
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeMap;

const STEPS: u32 = 10_000;

/// What the model knows.
#[derive(Default)]
struct Model {
    open: BTreeMap<RequestId, u128>,
    ended: BTreeMap<RequestId, RequestStatus>,
    /// What every address may claim, in sum.
    claimable: u128,
    stake: u128,
    claimed: u128,
    returned: u128,
    paid_in: u128,
}

impl Model {
    fn end(&mut self, request: RequestId, status: RequestStatus, returned: Uint128) {
        let reserved = self.open.remove(&request).expect("a request ends that is open, and once");
        assert_eq!(self.ended.insert(request, status), None);
        let returned = returned.u128();
        assert!(returned <= reserved);
        if status == RequestStatus::Expired {
            assert_eq!(returned, reserved);
        }
        self.claimable += reserved - returned;
        self.returned += returned;
    }

    fn take(&mut self, events: &[GatewayEvent]) {
        for event in events {
            match event {
                GatewayEvent::RequestOpened(e) => {
                    assert!(self.open.insert(e.request, e.reserved.u128()).is_none());
                    self.paid_in += e.reserved.u128();
                }
                GatewayEvent::RequestFulfilled(e) => {
                    assert!(e.seats >= e.bar && e.bar > 0);
                    self.end(e.request, RequestStatus::Fulfilled, e.returned);
                }
                GatewayEvent::RequestExpired(e) => self.end(e.request, RequestStatus::Expired, e.returned),
                GatewayEvent::RewardsClaimed(e) => {
                    self.claimable -= e.amount.u128();
                    self.claimed += e.amount.u128();
                }
                GatewayEvent::StakeWithdrawn(e) => self.stake -= e.amount.u128(),
                _ => {}
            }
        }
    }

    fn check(&self, world: &World, rng: &mut StdRng) {
        let ledger: LedgerResponse = world.ask(&QueryMsg::Ledger {});
        assert_eq!(ledger.reserved.u128(), self.open.values().sum::<u128>());
        assert_eq!(ledger.claimable.u128(), self.claimable);
        assert_eq!(ledger.stake.u128(), self.stake);
        assert_eq!(self.paid_in, self.claimed + self.returned + self.claimable + ledger.reserved.u128());
        if !self.ended.is_empty() {
            let at = rng.gen_range(0..self.ended.len());
            let (request, status) = self.ended.iter().nth(at).expect("at is below the length");
            assert_eq!(world.status(*request), *status);
        }
    }
}

fn step(world: &mut World, model: &mut Model, rng: &mut StdRng, projects: &[ProjectId]) {
    let people = [world.alice.clone(), world.bob.clone(), world.relay.clone()];
    let who = people[rng.gen_range(0..people.len())].clone();
    let node = world.nodes[rng.gen_range(0..world.nodes.len())].clone();
    let project = projects[rng.gen_range(0..projects.len())];
    let open: Vec<_> = model.open.keys().copied().collect();
    let (from, msg, funds) = match rng.gen_range(0..100) {
        0..=19 => {
            let fee = world.fee(project) + rng.gen_range(0..3) * 50;
            (
                who,
                ExecuteMsg::Request { project, input: "1".to_owned(), callback: None, overrides: None },
                fee,
            )
        }
        20..=39 => (who, ExecuteMsg::Tick {}, 0),
        40..=64 if !open.is_empty() => {
            let count = rng.gen_range(1..4);
            let publications = (0..count)
                .filter_map(|_| {
                    let request = open[rng.gen_range(0..open.len())];
                    world.ask::<RequestResponse>(&QueryMsg::Request { request }).draw?;
                    let mut publication = world.publication(request, "7");
                    match rng.gen_range(0..6) {
                        0 => publication.attestations.truncate(2),
                        1 => publication.body = Body::Inline { text: "8".to_owned() },
                        2 => publication.attempt = Attempt(rng.gen_range(0..4)),
                        _ => {}
                    }
                    Some(publication)
                })
                .collect();
            (who, ExecuteMsg::Publish { publications }, 0)
        }
        65..=69 if !open.is_empty() => {
            let request = open[rng.gen_range(0..open.len())];
            if world.status(request) != RequestStatus::Drawn {
                return;
            }
            let mut publication = world.publication(request, "7");
            publication.attestations.truncate(1);
            (node.operator, ExecuteMsg::Attest { publication }, 0)
        }
        70..=76 => (who, ExecuteMsg::Expire { limit: Some(rng.gen_range(1..5)) }, 0),
        77..=80 => (node.operator, ExecuteMsg::Claim {}, 0),
        81..=83 => (who, ExecuteMsg::Claim {}, 0),
        84..=85 => (node.operator, ExecuteMsg::IncreaseStake { node: node.id }, 150),
        86..=87 => {
            let amount = Some(Uint128::new(rng.gen_range(1..400)));
            (node.operator, ExecuteMsg::Unbond { node: node.id, amount }, 0)
        }
        88..=89 => (node.operator, ExecuteMsg::WithdrawStake { node: node.id }, 0),
        _ => {
            world.blocks(rng.gen_range(1..4));
            return;
        }
    };
    let staked = matches!(msg, ExecuteMsg::IncreaseStake { .. });
    if let Ok(response) = world.send(&from, &msg, funds) {
        let events = world.events(&response);
        model.take(&events);
        if staked {
            model.stake += funds;
        }
    }
    model.check(world, rng);
}

/// Invariants 1 to 4 after every step.
#[test]
fn random_sequences_keep_every_invariant() {
    let steps = std::env::var("MODEL_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(STEPS);
    let mut world = World::new();
    let mut model = Model { stake: world.nodes.len() as u128 * crate::world::UNIT, ..Model::default() };
    let projects = [
        world.project(policy()),
        world.project(Policy { price: Uint128::new(3), ..policy() }),
        world.project(Policy { draw: DrawClass::Fast, committee: 3, ..policy() }),
    ];
    let mut rng = StdRng::seed_from_u64(7);
    for _ in 0..steps {
        step(&mut world, &mut model, &mut rng, &projects);
    }
    // In the end everything that is open can be ended, and everything that is owed claimed.
    world.blocks(TTL + 1);
    while !model.open.is_empty() {
        let bob = world.bob.clone();
        let response = world.send(&bob, &ExecuteMsg::Expire { limit: Some(100) }, 0).unwrap();
        let events = world.events(&response);
        model.take(&events);
    }
    model.check(&world, &mut rng);
    let ends = |status| model.ended.values().filter(|found| **found == status).count();
    assert!(ends(RequestStatus::Fulfilled) > 0 && ends(RequestStatus::Expired) > 0);
}
