//! Random sequences of all messages, against a model that knows which nodes are honest: the contract accepts exactly what the
//! model accepts, every coin is where the model has it, and the four invariants that concern the chain hold after each
//! step. `GATEWAY_MODEL_STEPS` makes the run longer, `GATEWAY_MODEL_SEED` another one.

mod acts;
mod reference;
mod schedules;
mod subscriptions;
mod verification;

use std::collections::BTreeMap;

use acts::{Act, Maker};
use cosmwasm_std::Addr;
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reference::{Callback, Fact, Reference};

use crate::rogue::Rogue;
use crate::subject::STEPS;
use crate::world::{rich, World};

fn number(variable: &str, or: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(or)
}

/// The contract and its model, side by side.
struct Pair {
    world: World,
    model: Reference,
    maker: Maker,
    rogue: Rogue,
    /// Seeds that requests have been seen drawn with.
    drawn: BTreeMap<RequestId, Seed>,
    /// How often what was tried went through, and not.
    tried: BTreeMap<String, (u32, u32)>,
}

impl Pair {
    fn new(seed: u64) -> Self {
        let treasury = World::empty().app.api().addr_make("treasury");
        let world = World::empty();
        let gateway = world.gateway.clone();
        let rng = StdRng::seed_from_u64(seed);
        let mut maker = Maker::new(rng, world.chain_id(), gateway, treasury);
        let settings = Settings { denom: crate::world::DENOM.to_owned(), ..maker.settings() };
        let mut world = World::with_settings(settings.clone());
        let rogue = Rogue::new(&mut world);
        maker.operators =
            (0..6).map(|number| world.app.api().addr_make(&format!("operator-{number}"))).collect();
        for operator in &maker.operators {
            rich(&mut world.app, operator);
        }
        let named = [&world.admin, &world.alice, &world.bob, &world.relay, &rogue.address].map(Addr::clone);
        maker.people = named.into_iter().chain(maker.operators.clone()).collect();
        let round: RoundResponse = world.ask(&QueryMsg::Round { round: Round(0) });
        let beacon: BeaconResponse = world.ask(&QueryMsg::Beacon {});
        (maker.seeds, maker.epoch_seed) = (vec![round.seed], beacon.seed);
        let mut purses: BTreeMap<_, _> =
            maker.people.iter().map(|who| (who.clone(), world.balance(who))).collect();
        purses.insert(maker.treasury.clone(), 0);
        let model = Reference {
            height: world.height(),
            purses,
            claimable: BTreeMap::new(),
            pool: 0,
            subscriptions: BTreeMap::new(),
            schedules: BTreeMap::new(),
            last_schedule: 0,
            settings,
            settings_version: 1,
            admin: world.admin.clone(),
            heir: None,
            paused: false,
            guardian: None,
            halted: (0, 0),
            projects: BTreeMap::new(),
            nodes: BTreeMap::new(),
            requests: BTreeMap::new(),
            rounds: vec![(round.height, 0)],
            epochs: vec![(round.height, 0)],
            lowest: None,
            rogue: rogue.address.clone(),
            rogue_fails: false,
            engines: (Vec::new(), None),
        };
        Self { world, model, maker, rogue, drawn: BTreeMap::new(), tried: BTreeMap::new() }
    }

    fn pass(&mut self, blocks: u64) {
        self.world.blocks(blocks);
        self.model.height = self.world.height();
    }

    /// One act on both sides: the same verdict, the same facts.
    fn carry_out(&mut self, act: &Act, from: &Addr, funds: u128) {
        let msg = self.maker.message(&self.model, act, from);
        let sent = self.world.send(from, &msg, funds);
        let expected = self.model.act(act, &msg, from, funds);
        let name = serde_json::to_value(&msg).unwrap().as_object().unwrap().keys().next().unwrap().clone();
        let count = self.tried.entry(name).or_default();
        let (mut expected, response) = match (expected, sent) {
            (Some(expected), Ok(response)) => (expected, response),
            (None, Err(_)) => {
                count.1 += 1;
                return;
            }
            (expected, sent) => panic!("{act:?} by {from}: {sent:?}, expected {expected:?}"),
        };
        count.0 += 1;
        let events = self.world.events(&response);
        let mut facts: Vec<_> = events.iter().filter_map(Fact::of).collect();
        facts.sort();
        expected.sort();
        assert_eq!(facts, expected, "{act:?} by {from}");
        for event in &events {
            match event {
                GatewayEvent::RoundOpened(e) => self.maker.seeds.push(e.seed),
                GatewayEvent::EpochOpened(e) => self.maker.epoch_seed = e.seed,
                _ => {}
            }
        }
    }

    fn step(&mut self) {
        match self.maker.act(&self.model) {
            Some((act, from, funds)) => self.carry_out(&act, &from, funds),
            None => {
                // At times nobody is there for long.
                let long = self.maker.rng.gen_bool(0.05);
                let blocks = if long { 60 } else { self.maker.rng.gen_range(1..4) };
                self.pass(blocks);
                if long {
                    self.withdraw_all();
                }
                if self.maker.rng.gen_bool(0.1) {
                    self.behave(!self.model.rogue_fails);
                }
            }
        }
        self.check();
    }

    /// Everybody who has stake on its way out tries to have it.
    fn withdraw_all(&mut self) {
        let leaving = self.model.nodes.iter().filter(|(_, node)| !node.unbonding.is_empty());
        let leaving: Vec<_> = leaving.map(|(id, node)| (*id, node.operator.clone())).collect();
        for (node, operator) in leaving {
            self.plain(ExecuteMsg::WithdrawStake { node }, &operator);
        }
    }

    fn behave(&mut self, fails: bool) {
        self.rogue.behave(&mut self.world, fails, None);
        self.model.rogue_fails = fails;
    }

    /// The invariants. Conservation of the ledger against the balance is checked by every message.
    fn check(&mut self) {
        let (world, model) = (&self.world, &self.model);
        // 3: coins are where the model has them; what is held is stake, reserves and claims.
        let ledger: LedgerResponse = world.ask(&QueryMsg::Ledger {});
        let reserved: u128 = model.open().map(|(_, request)| request.sent).sum();
        let held = (model.stake(), reserved, model.claimable.values().sum::<u128>());
        assert_eq!((ledger.stake.u128(), ledger.reserved.u128(), ledger.claimable.u128()), held);
        let balances = (ledger.pool.u128(), ledger.subscriptions.u128(), ledger.schedules.u128());
        assert_eq!(balances, (model.pool, model.subscribed(), model.budgets()));
        let at = self.maker.rng.gen_range(0..model.purses.len());
        let (who, purse) = model.purses.iter().nth(at).unwrap();
        assert_eq!(world.balance(who), *purse, "{who}");
        assert_eq!(world.rewards(who), model.claimable.get(who).copied().unwrap_or_default(), "{who}");
        let counter: CounterResponse = world.ask(&QueryMsg::Counter {});
        let (epoch_height, units) = model.epochs[model.epochs.len() - 1];
        assert_eq!(
            (counter.round.get(), counter.epoch.get(), counter.epoch_height, counter.total_units),
            (model.rounds.len() as u64 - 1, model.epoch(), epoch_height, units)
        );
        let engines: EnginesResponse = world.ask(&QueryMsg::Engines {});
        let (current, next) = (model.engines.0.last().copied(), model.engines.1);
        assert_eq!(engines.since_epoch.map(Epoch::get).zip(engines.engine), current);
        assert_eq!(engines.from_epoch.map(Epoch::get), next.map(|(from, ..)| from));
        let ready = |engine: Option<EngineRelease>| engine.map_or(0, |engine| model.ready(engine.jitless));
        let counted = (ready(current.map(|of| of.1)), ready(next.map(|of| of.1)));
        assert_eq!((engines.able_units, engines.ready_units), counted);
        assert_eq!(counter.next_firing, model.schedules.values().map(|schedule| schedule.next).min());
        assert_eq!(counter.next_deadline, model.open().map(|(_, request)| request.deadline).min());
        // 2 and 4: of any request, and of the newest.
        let last = model.requests.len() as u64;
        if last > 0 {
            let any = self.maker.rng.gen_range(1..=last);
            for request in [any, last] {
                self.check_request(RequestId(request));
            }
        }
    }

    /// A request stands where the model has it, whenever one looks; what drew it is what had to, and stays.
    fn check_request(&mut self, id: RequestId) {
        let (world, expected) = (&self.world, &self.model.requests[&id]);
        let found: RequestResponse = world.ask(&QueryMsg::Request { request: id });
        let open = if expected.round.is_some() { RequestStatus::Drawn } else { RequestStatus::Waiting };
        assert_eq!(found.status, expected.status.unwrap_or(open), "request {id}");
        assert_eq!(
            (found.deadline, found.reserved.u128()),
            (expected.deadline, expected.sent),
            "request {id}"
        );
        let draw = found.draw.map(|draw| (draw.round.get(), draw.epoch.get(), draw.total_units, draw.seed));
        let wanted = expected.round.map(|round| {
            let (height, epoch) = self.model.rounds[round as usize];
            assert!(expected.policy.draw == DrawClass::Fast || height > expected.height);
            (round, epoch, self.model.epochs[epoch as usize].1, self.maker.seeds[round as usize])
        });
        assert_eq!(draw, wanted, "request {id}");
        if let Some((.., seed)) = draw {
            assert_eq!(*self.drawn.entry(id).or_insert(seed), seed, "request {id} was drawn twice");
        }
        // 1: a result has the seats that the model counted when it came (its event said so), and no expiry has one.
        if expected.status == Some(RequestStatus::Fulfilled) {
            let result: ResultResponse = world.ask(&QueryMsg::Result { request: id });
            assert!(result.seats >= result.quorum_seats && result.quorum_seats > 0);
            let wanted = match expected.callback {
                Callback::None | Callback::Wanted => CallbackStatus::None {},
                Callback::Due => CallbackStatus::Due {},
                Callback::Delivered => CallbackStatus::Delivered {},
                Callback::Failed(tries, _) => match result.callback.clone() {
                    CallbackStatus::Failed { error, .. } => {
                        CallbackStatus::Failed { tries: u8::try_from(tries).unwrap(), error }
                    }
                    other => other,
                },
            };
            assert_eq!(result.callback, wanted, "request {id}");
            assert!(expected.callback != Callback::Wanted);
        } else {
            world.refused(&QueryMsg::Result { request: id });
        }
    }

    fn plain(&mut self, msg: ExecuteMsg, from: &Addr) {
        self.carry_out(&Act::Plain(msg), from, 0);
    }

    /// In the end, and though it is paused, everything that is open ends and everything that is held leaves.
    fn drain(&mut self) {
        let (admin, bob) = (self.model.admin.clone(), self.world.bob.clone());
        self.plain(ExecuteMsg::SetPaused { paused: true }, &admin);
        self.plain(ExecuteMsg::Resume {}, &admin);
        self.pass(100);
        while self.model.open().next().is_some() {
            self.plain(ExecuteMsg::Expire { limit: Some(100), requests: None }, &bob);
        }
        let nodes: Vec<_> = self.model.nodes.iter().map(|(id, node)| (*id, node.operator.clone())).collect();
        for withdrawing in [true, false, true] {
            for (node, operator) in &nodes {
                if withdrawing {
                    self.plain(ExecuteMsg::WithdrawStake { node: *node }, operator);
                } else {
                    self.plain(ExecuteMsg::Unbond { node: *node, amount: None }, operator);
                }
            }
            self.pass(100);
            self.plain(ExecuteMsg::Tick {}, &bob);
        }
        let subscriptions = self.model.subscriptions.iter().filter(|(_, record)| record.balance > 0);
        let subscriptions: Vec<_> = subscriptions.map(|(id, record)| (*id, record.owner.clone())).collect();
        for (subscription, owner) in subscriptions {
            self.plain(ExecuteMsg::Withdraw { subscription, amount: None }, &owner);
        }
        let schedules: Vec<_> =
            self.model.schedules.iter().map(|(id, record)| (*id, record.owner.clone())).collect();
        for (schedule, owner) in schedules {
            self.plain(ExecuteMsg::CancelSchedule { schedule }, &owner);
        }
        let owed: Vec<_> = self.model.claimable.keys().cloned().collect();
        for who in owed {
            self.plain(ExecuteMsg::Claim { r#for: None }, &who);
        }
        self.check();
        for (who, purse) in &self.model.purses {
            assert_eq!(self.world.balance(who), *purse, "{who}");
        }
        // What is left is the keepers'.
        assert_eq!(self.world.balance(&self.world.gateway), self.model.pool);
    }
}

/// Invariants 1 to 4 after every step.
#[test]
fn random_sequences_keep_every_invariant() {
    let steps = number("GATEWAY_MODEL_STEPS", STEPS);
    let mut pair = Pair::new(number("GATEWAY_MODEL_SEED", 7));
    let bob = pair.world.bob.clone();
    for _ in 0..4 {
        let msg = ExecuteMsg::RegisterProject {
            name: Name::new("project").unwrap(),
            description: Description::new("").unwrap(),
            code: crate::world::code(),
            policy: pair.maker.policy(),
        };
        pair.plain(msg, &bob);
    }
    for _ in 0..steps {
        pair.step();
    }
    pair.drain();
    let ends = |status| pair.model.requests.values().filter(|r| r.status == Some(status)).count() as u64;
    let (fulfilled, expired) = (ends(RequestStatus::Fulfilled), ends(RequestStatus::Expired));
    println!("{fulfilled} fulfilled, {expired} expired; accepted and refused: {:?}", pair.tried);
    assert!(fulfilled > 0 && expired > 0);
    if steps < 10_000 {
        return;
    }
    assert!(fulfilled > steps / 50 && expired > steps / 200);
    // Every message was accepted at times and, where it was sent often, refused at times.
    for (message, (accepted, refused)) in &pair.tried {
        let seldom = accepted + refused < 30;
        // What the model's settings have off: dissent.rs, silence.rs, sweep.rs, rewards.rs and halt.rs have it on.
        let off = [
            "report_dissent",
            "report_silence",
            "start_sweep",
            "set_rewards",
            "withdraw_rewards",
            "recover_coins",
            // No project of the model draws by it: beacon_draws.rs does.
            "submit_round_tickets",
        ];
        let off = off.contains(&message.as_str());
        assert!(
            (*accepted > 0) != off && (seldom || *refused > 0),
            "{message}: {accepted} accepted, {refused} refused"
        );
    }
    let schema = serde_json::to_value(cosmwasm_schema::schema_for!(ExecuteMsg)).unwrap();
    assert_eq!(pair.tried.len(), schema["oneOf"].as_array().unwrap().len(), "some message was never tried");
}
