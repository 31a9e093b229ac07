//! Random acts: mostly sensible, sometimes not, by whom it should be or by somebody else. An act describes without proofs what
//! the message made of it hides in proofs.

use std::collections::BTreeMap;

use cosmwasm_std::{Addr, Binary, Uint128};
use gateway_api::*;
use gateway_protocol::{hash, make_ticket, Domain, DrawContext, DrawnRequest, Outcome, SecretKey};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::Rng;

use super::reference::{Callback, Reference};
use super::verification::{aggregated, value};
use crate::world::{code, engine, policy, settings, SecretKeyBytes, DENOM, RELAY, SEAT, UNIT};

const INPUT: &str = "[1]";
/// The number of a key that no node has.
const STRANGE: u32 = 1_000_000;

/// An attestation in a publication: what its proof commits to, and whether its own key signed it.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    pub(crate) node: NodeId,
    pub(crate) says: String,
    pub(crate) own_key: bool,
}

/// A publication without proofs.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) request: RequestId,
    pub(crate) attempt: u8,
    pub(crate) body: String,
    pub(crate) signers: Vec<Signer>,
    /// Whether the rule compares values.
    pub(crate) compared: bool,
    /// What every node's own key draws.
    pub(crate) outputs: BTreeMap<NodeId, VrfOutput>,
}

/// A message without proofs.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a few values at a time, in a test")]
pub(crate) enum Act {
    Plain(ExecuteMsg),
    RegisterNode { key: u32, held: bool },
    RotateKey { node: NodeId, key: u32, held: bool },
    Ticket { node: NodeId, key: u32, current: bool, value: Option<[u8; 32]> },
    Evidence { request: RequestId, node: NodeId, key: u32, same: bool },
    Publish(Vec<Draft>),
    Attest(Draft),
}

/// Makes acts and their messages; holds every key there is.
pub(crate) struct Maker {
    pub(crate) rng: StdRng,
    pub(crate) chain_id: String,
    pub(crate) gateway: Addr,
    pub(crate) people: Vec<Addr>,
    pub(crate) operators: Vec<Addr>,
    pub(crate) treasury: Addr,
    pub(crate) next_key: u32,
    /// Seeds of all rounds, and the epoch's.
    pub(crate) seeds: Vec<Seed>,
    pub(crate) epoch_seed: Seed,
    keys: BTreeMap<u32, SecretKey>,
    outputs: BTreeMap<(RequestId, u32), VrfOutput>,
}

impl Maker {
    pub(crate) fn new(rng: StdRng, chain_id: String, gateway: Addr, treasury: Addr) -> Self {
        let (seeds, people, operators) = (Vec::new(), Vec::new(), Vec::new());
        let (keys, outputs, epoch_seed) = (BTreeMap::new(), BTreeMap::new(), Seed([0; 32]));
        Self {
            rng,
            chain_id,
            gateway,
            people,
            operators,
            treasury,
            next_key: 1,
            seeds,
            epoch_seed,
            keys,
            outputs,
        }
    }

    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.rng.gen_range(0..100) < percent
    }

    pub(crate) fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of.choose(&mut self.rng).unwrap().clone()
    }

    fn key(&mut self, number: u32) -> &SecretKey {
        self.keys.entry(number).or_insert_with(|| {
            let mut secret = [0x5a; 32];
            secret[..4].copy_from_slice(&number.to_le_bytes());
            SecretKeyBytes(secret).key()
        })
    }

    fn new_key(&mut self) -> u32 {
        self.next_key += 1;
        self.next_key
    }

    /// The next act with its sender and funds; `None` lets time pass. At times a coin goes along that should not.
    pub(crate) fn act(&mut self, model: &Reference) -> Option<(Act, Addr, u128)> {
        let (act, from, funds) = self.sensible(model)?;
        let funds = if funds == 0 && self.chance(2) { 1 } else { funds };
        Some((act, from, funds))
    }

    fn sensible(&mut self, model: &Reference) -> Option<(Act, Addr, u128)> {
        let plain = |msg, from, funds| Some((Act::Plain(msg), from, funds));
        let person = self.one_of(&self.people.clone());
        let able = model.nodes.values().filter(|node| node.jailed.is_none() && node.stake >= UNIT).count();
        if able < 6 && self.chance(20) {
            return Some(self.registration());
        }
        if model.paused && self.chance(20) {
            return plain(ExecuteMsg::SetPaused { paused: false }, model.admin.clone(), 0);
        }
        match self.rng.gen_range(0..100) {
            0..=13 => Some(self.request(model, person)),
            14..=17 => Some(self.of_a_schedule(model, person)),
            18 | 19 => {
                let (mut requests, mut funds) = (Vec::new(), 0);
                for _ in 0..self.rng.gen_range(0..=4) {
                    if let (Act::Plain(ExecuteMsg::Request(new)), _, cost) =
                        self.request(model, person.clone())
                    {
                        requests.push(new);
                        funds += cost;
                    }
                }
                plain(ExecuteMsg::Requests { requests }, person, funds)
            }
            20..=35 => plain(ExecuteMsg::Tick {}, person, 0),
            36..=54 => {
                let count = self.rng.gen_range(1..=3);
                let drafts = (0..count).filter_map(|_| self.draft(model)).collect::<Vec<_>>();
                (!drafts.is_empty()).then_some((Act::Publish(drafts), person, 0))
            }
            55..=61 => {
                let mut draft = self.draft(model)?;
                draft.signers.truncate(self.rng.gen_range(1..=2));
                Some((Act::Attest(draft), person, 0))
            }
            62..=66 => {
                let all: Vec<_> = model.requests.keys().rev().take(12).copied().collect();
                let named = all.into_iter().filter(|_| self.chance(50)).collect::<Vec<_>>();
                let requests = (!named.is_empty() && self.chance(40)).then_some(named);
                plain(ExecuteMsg::Expire { limit: Some(self.rng.gen_range(1..=3)), requests }, person, 0)
            }
            67..=69 => {
                let failed = |c: &Callback| matches!(c, Callback::Failed(..) | Callback::Due);
                let all = model.requests.iter().filter(|(_, r)| failed(&r.callback));
                let all: Vec<_> = all.map(|(id, _)| *id).collect();
                let request = all.choose(&mut self.rng).copied().unwrap_or(RequestId(1));
                let from = if self.chance(30) { model.rogue.clone() } else { person };
                let gas_limit = self.one_of(&[None, None, Some(400_000), Some(0)]);
                plain(ExecuteMsg::DeliverCallback { request, gas_limit }, from, 0)
            }
            70..=73 => {
                let owed: Vec<_> = model.claimable.keys().cloned().collect();
                let from = if owed.is_empty() || self.chance(10) { person } else { self.one_of(&owed) };
                let r#for = self.chance(30).then(|| from.to_string());
                let sender = if r#for.is_some() { self.one_of(&self.people.clone()) } else { from };
                plain(ExecuteMsg::Claim { r#for }, sender, 0)
            }
            74..=86 => self.of_a_node(model, person),
            87..=89 => self.of_a_project(model, person),
            90 => self.of_the_admin(model, person),
            91..=94 => Some(self.of_a_subscription(model, person)),
            _ => None,
        }
    }

    fn registration(&mut self) -> (Act, Addr, u128) {
        let key = self.new_key();
        let held = self.chance(90);
        let operator = self.one_of(&self.operators.clone());
        let stake = self.one_of(&[UNIT - 1, UNIT, UNIT, 2 * UNIT + 50, 4 * UNIT]);
        (Act::RegisterNode { key, held }, operator, stake)
    }

    pub(crate) fn request(&mut self, model: &Reference, person: Addr) -> (Act, Addr, u128) {
        let all: Vec<_> = model.projects.keys().copied().collect();
        let project = self.one_of(&all);
        let from = if self.chance(25) { model.rogue.clone() } else { person };
        let callback = (from == model.rogue || self.chance(2)).then_some(CallbackRequest { gas_limit: None });
        let record = &model.projects[&project];
        let fee = record.versions.iter().map(|policy| model.fee(policy, callback.is_some())).max().unwrap();
        let fee = fee + model.keepers();
        let funds = fee + self.one_of(&[0, 0, 50]) - self.one_of(&[0, 0, 0, 1]).min(fee);
        let overrides = self.chance(30).then(|| self.overrides());
        let funds = if overrides.is_some() { funds + 60 * SEAT } else { funds };
        let subscription = (!model.subscriptions.is_empty() && self.chance(20))
            .then(|| SubscriptionId(self.rng.gen_range(1..=model.subscriptions.len() as u64 + 1)));
        let funds = if subscription.is_some() { self.one_of(&[0, 0, 0, 10]) } else { funds };
        let version = self.chance(20).then(|| Version(self.rng.gen_range(1..=2)));
        let msg = ExecuteMsg::Request(NewRequest {
            callback,
            overrides,
            version,
            subscription,
            ..NewRequest::new(project, INPUT)
        });
        (Act::Plain(msg), from, funds)
    }

    fn overrides(&mut self) -> Overrides {
        Overrides {
            committee: self.one_of(&[None, None, Some(5), Some(8), Some(61)]),
            quorum_bps: self.one_of(&[None, None, Some(6000), Some(8000)]),
            min_operators: self.one_of(&[None, None, Some(2), Some(3)]),
            ttl_blocks: self.one_of(&[None, None, None, Some(2), Some(5), Some(21)]),
            max_fee: self.one_of(&[None, None, Some(60), Some(1000)]).map(Uint128::new),
        }
    }

    /// Attestations of a request that is mostly open, mostly drawn, by nodes that mostly have seats and are honest.
    fn draft(&mut self, model: &Reference) -> Option<Draft> {
        let mut all: Vec<_> = model.open().map(|(id, _)| id).collect();
        if all.is_empty() || self.chance(5) {
            all = model.requests.keys().copied().collect();
        }
        let id = *all.choose(&mut self.rng)?;
        let request = &model.requests[&id];
        let rule = request.policy.rule.clone();
        let compared = rule != AgreementRule::Exact {};
        let drawn = model.drawn(request);
        let begun = drawn.map_or(0, |(_, height, _)| model.height.saturating_sub(height) / 2).min(2);
        let attempt = self.rng.gen_range(0..=u8::try_from(begun).unwrap());
        let attempt = if self.chance(3) { attempt + self.rng.gen_range(1..=2) } else { attempt };
        let mut outputs = BTreeMap::new();
        if let Some((epoch, ..)) = drawn {
            for (node, record) in &model.nodes {
                outputs.insert(*node, self.output(model, id, record.key(epoch)));
            }
        }
        let body = if self.chance(85) { "700" } else { "800" }.to_owned();
        let mut draft = Draft { request: id, attempt, body, signers: Vec::new(), compared, outputs };
        let (clean, jailed_speak) = (self.chance(65), self.chance(10));
        for node in model.nodes.keys() {
            let seated = model.seats(&draft, *node, attempt.min(2)) > 0
                || jailed_speak && model.nodes[node].jailed.is_some();
            if seated && (clean || self.chance(90)) || !clean && self.chance(4) {
                let spread = if matches!(rule, AgreementRule::Mode { .. }) { 2 } else { 5 };
                let says = match (compared, self.rng.gen_range(0..100)) {
                    (true, 0..=9) => value(&rule, 9000),
                    (true, _) => value(&rule, 1000 + self.rng.gen_range(0..spread)),
                    (false, 0..=3) if !clean => "666".to_owned(),
                    (false, _) => draft.body.clone(),
                };
                draft.signers.push(Signer { node: *node, says, own_key: clean || self.chance(96) });
            }
        }
        match self.rng.gen_range(0..100) {
            _ if clean => {}
            0..=9 => draft.signers.extend(draft.signers.first().cloned()),
            10..=29 => draft.signers.truncate(2),
            30..=31 => {
                draft.signers.push(Signer { node: NodeId(9999), says: draft.body.clone(), own_key: true })
            }
            _ => {}
        }
        draft.signers.shuffle(&mut self.rng);
        if compared {
            let seats = |signer: &Signer| {
                let known = model.nodes.contains_key(&signer.node);
                if known {
                    model.seats(&draft, signer.node, attempt.min(2))
                } else {
                    0
                }
            };
            let votes: Vec<_> =
                draft.signers.iter().map(|signer| (signer.says.clone(), seats(signer))).collect();
            let wrong = value(&rule, 1);
            draft.body = aggregated(&rule, &votes).filter(|_| self.chance(95)).unwrap_or(wrong);
        }
        Some(draft)
    }

    fn of_a_node(&mut self, model: &Reference, person: Addr) -> Option<(Act, Addr, u128)> {
        let all: Vec<_> = model.nodes.keys().copied().collect();
        let id = *all.choose(&mut self.rng)?;
        let node = &model.nodes[&id];
        let from = if self.chance(93) { node.operator.clone() } else { person.clone() };
        let plain = |msg, funds| Some((Act::Plain(msg), from.clone(), funds));
        match self.rng.gen_range(0..17) {
            16 => {
                let key = EncryptionKey([self.one_of(&[1, 2]); 32]);
                plain(ExecuteMsg::SetEncryptionKey { node: id, key }, 0)
            }
            15 => {
                let engines = self.one_of(&[
                    vec![],
                    vec![engine()],
                    vec![EngineId([1; 32]), engine()],
                    vec![engine(); 2],
                ]);
                plain(ExecuteMsg::DeclareEngines { node: id, engines }, 0)
            }
            14 => {
                let [payout, daemon, to] = [0; 3].map(|_| {
                    let named = self.one_of(&self.people.clone()).to_string();
                    self.chance(50).then_some(named)
                });
                let accept = node.offered.clone().filter(|_| self.chance(60));
                match (accept, self.chance(50)) {
                    (Some(next), _) => Some((Act::Plain(ExecuteMsg::AcceptNode { node: id }), next, 0)),
                    (None, true) => plain(ExecuteMsg::OfferNode { node: id, to }, 0),
                    (None, false) => plain(ExecuteMsg::SetNodeAccounts { node: id, payout, daemon }, 0),
                }
            }
            13 if self.chance(20) => {
                let round = Round(model.rounds.len() as u64 - 1);
                let tickets = vec![NodeTicket { node: id, proof: vec![0; 160].into() }];
                Some((Act::Plain(ExecuteMsg::SubmitRoundTickets { round, tickets }), person, 0))
            }
            13 if self.chance(50) => {
                let epoch = Epoch(model.epoch());
                Some((Act::Plain(ExecuteMsg::ReportSilence { node: id, epoch }), person, 0))
            }
            13 => {
                let request = RequestId(self.rng.gen_range(1..=model.requests.len() as u64 + 1));
                let (engine, class, body) = (engine(), OutcomeClass::Ok, "666".to_owned());
                let attestation = Attestation { node: id, proof: vec![0; 160].into(), value: None };
                let signed_outcome = SignedOutcome { request, engine, class, body, attestation };
                Some((Act::Plain(ExecuteMsg::ReportDissent { signed_outcome }), person, 0))
            }
            0 => plain(ExecuteMsg::IncreaseStake { node: id }, self.one_of(&[0, 50, UNIT, 3 * UNIT])),
            1 | 2 => {
                let amount = self.one_of(&[Some(UNIT), Some(UNIT + 30), Some(node.stake + 1), None, Some(0)]);
                plain(ExecuteMsg::Unbond { node: id, amount: amount.map(Uint128::new) }, 0)
            }
            3 | 4 => plain(ExecuteMsg::WithdrawStake { node: id }, 0),
            5 => {
                let (key, held) = (self.new_key(), self.chance(90));
                Some((Act::RotateKey { node: id, key, held }, from, 0))
            }
            6 => {
                let update = ExecuteMsg::UpdateNode {
                    node: id,
                    engine: engine(),
                    moniker: Moniker::new("again").unwrap(),
                    endpoint: Endpoint::new("").unwrap(),
                };
                plain(update, 0)
            }
            7 | 8 => plain(ExecuteMsg::Unjail { node: id }, 0),
            9 | 10 => {
                let epoch = model.epoch();
                let key = if self.chance(90) { node.key(epoch) } else { STRANGE };
                let current = self.chance(90);
                let units = node.units(epoch);
                let output = AttestationBytes::from_slice(&self.ticket(key, current)).unwrap().output;
                let tickets =
                    (0..units).map(|unit| hash("gateway/ticket", &[&output.0, &unit.to_be_bytes()]));
                let value = tickets.min();
                Some((Act::Ticket { node: id, key, current, value }, person, 0))
            }
            _ if self.chance(35) => {
                let request = RequestId(self.rng.gen_range(1..=model.requests.len() as u64 + 1));
                let epoch = model.requests.get(&request).and_then(|request| model.drawn(request));
                let own = node.key(epoch.map_or(0, |(epoch, ..)| epoch));
                let key = if self.chance(85) { own } else { STRANGE };
                Some((Act::Evidence { request, node: id, key, same: self.chance(10) }, person, 0))
            }
            _ => Some(self.registration()),
        }
    }

    fn secret(&mut self) -> (SecretName, SecretHost) {
        (SecretName::new(self.one_of(&["A", "B"])).unwrap(), SecretHost::new("h").unwrap())
    }

    fn of_a_project(&mut self, model: &Reference, person: Addr) -> Option<(Act, Addr, u128)> {
        let all: Vec<_> = model.projects.keys().copied().collect();
        let project = self.one_of(&all);
        let record = &model.projects[&project];
        let version = Version(self.rng.gen_range(0..=u32::try_from(record.versions.len()).unwrap() + 1));
        let offered = record.offered.clone().filter(|_| self.chance(50));
        let from = match &offered {
            Some(to) => to.clone(),
            None if self.chance(90) => record.owner.clone(),
            None => person.clone(),
        };
        let policy = self.policy();
        let msg = match (offered, self.rng.gen_range(0..16)) {
            (Some(_), _) => ExecuteMsg::AcceptProject { project },
            (_, 0) if all.len() < 8 => ExecuteMsg::RegisterProject {
                name: Name::new("another").unwrap(),
                description: Description::new("").unwrap(),
                code: code(),
                policy,
            },
            (None, 8) => ExecuteMsg::AcceptProject { project },
            (_, 0..=2) => ExecuteMsg::AddVersion { project, code: code(), policy },
            (_, 3 | 4) => ExecuteMsg::ActivateVersion { project, version },
            (_, 13 | 14) => {
                let named = model.nodes.iter().filter_map(|(id, node)| Some((*id, node.encryption?)));
                let named: Vec<_> = named.collect();
                let (node, published) = named.choose(&mut self.rng).copied()?;
                let key = if self.chance(80) { published } else { EncryptionKey([3; 32]) };
                let ciphertext = vec![1; 112].into();
                let (name, host) = self.secret();
                ExecuteMsg::SetSecret {
                    project,
                    name,
                    host,
                    sealed: vec![SealedValue { node, key, ciphertext }],
                }
            }
            (_, 15) => {
                let (name, host) = self.secret();
                ExecuteMsg::RemoveSecret { project, name, host }
            }
            (_, 5) => {
                let after_blocks = self.rng.gen_range(1..20);
                ExecuteMsg::ScheduleVersion { project, version, after_blocks }
            }
            (_, 6 | 7) => {
                let addresses = vec![person.to_string(), model.rogue.to_string()];
                let requesters = self.one_of(&[
                    Requesters::Anyone {},
                    Requesters::Anyone {},
                    Requesters::Owner {},
                    Requesters::List { addresses },
                ]);
                ExecuteMsg::SetAccess { project, requesters, paused: self.chance(10) }
            }
            _ => {
                let to = self.one_of(&[Some(person.to_string()), Some(person.to_string()), None]);
                ExecuteMsg::OfferProject { project, to }
            }
        };
        Some((Act::Plain(msg), from, 0))
    }

    fn of_the_admin(&mut self, model: &Reference, person: Addr) -> Option<(Act, Addr, u128)> {
        let heir = model.heir.clone().filter(|_| self.chance(50));
        let from = match &heir {
            Some(heir) => heir.clone(),
            None if self.chance(90) => model.admin.clone(),
            None => person.clone(),
        };
        let halting = model.guardian.clone().filter(|_| self.chance(60)).unwrap_or_else(|| from.clone());
        let msg = match (heir, self.rng.gen_range(0..20)) {
            (Some(_), _) => ExecuteMsg::AcceptAdmin {},
            // The model's nodes have one engine, so nothing that is published is of another.
            (_, 16 | 18) => ExecuteMsg::AnnounceEngine {
                engine: EngineRelease { jitless: engine(), jit: EngineId([self.one_of(&[10, 11, 12]); 32]) },
                from_epoch: Epoch(model.epoch() + self.rng.gen_range(1..=9)),
                min_ready_bps: self.one_of(&[0, 3000, 10_000, 10_001]),
            },
            (_, 17 | 19) => ExecuteMsg::WithdrawEngine {},
            (None, 7) => ExecuteMsg::AcceptAdmin {},
            (_, 9) => ExecuteMsg::StartSweep {},
            (_, 10) => {
                let owner_address = person.to_string();
                ExecuteMsg::SetRewards { rewards_address: owner_address.clone(), owner_address }
            }
            (_, 11) => ExecuteMsg::WithdrawRewards {},
            (_, 12) => {
                let guardian = self.one_of(&[Some(person.to_string()), None]);
                ExecuteMsg::SetGuardian { guardian }
            }
            (_, 13) => {
                let blocks = self.rng.gen_range(0..=4);
                return Some((Act::Plain(ExecuteMsg::Halt { blocks }), halting, 0));
            }
            (_, 14) => ExecuteMsg::Resume {},
            (_, 15) => ExecuteMsg::RecoverCoins { denom: "other".to_owned(), to: person.to_string() },
            (_, 0) => ExecuteMsg::SetPaused { paused: self.chance(60) },
            (_, 1 | 2) => {
                let to = self.one_of(&[Some(person.to_string()), None]);
                ExecuteMsg::OfferAdmin { to }
            }
            _ => ExecuteMsg::UpdateSettings { settings: self.settings() },
        };
        Some((Act::Plain(msg), from, 0))
    }

    pub(crate) fn policy(&mut self) -> Policy {
        let median = AgreementRule::Median { tolerance_bps: 100 };
        let field = MedianField { path: "/p".to_owned(), tolerance_bps: 100 };
        let fields = AgreementRule::MedianFields { fields: vec![field] };
        let mode = AgreementRule::Mode { min_bps: 4000 };
        Policy {
            committee: self.one_of(&[3, 5, 5, 60]),
            min_operators: self.one_of(&[1, 2, 3]),
            quorum_bps: self.one_of(&[5001, 6000, 6000, 10_000]),
            price: Uint128::new(self.one_of(&[0, 3])),
            rule: self.one_of(&[AgreementRule::Exact {}, AgreementRule::Exact {}, median, fields, mode]),
            max_result_bytes: limits::MAX_COMPARED_BYTES,
            overrides: self.one_of(&[
                OverrideBounds::default(),
                OverrideBounds { max_committee: 60, max_quorum_bps: 9000, max_min_operators: 3 },
            ]),
            draw: self.one_of(&[DrawClass::Normal, DrawClass::Normal, DrawClass::Fast]),
            ..policy()
        }
    }

    pub(crate) fn settings(&mut self) -> Settings {
        let treasury = Some(self.treasury.to_string());
        let [price, tick, expire, callback] = [10, 4, 3, 2].map(Uint128::new);
        let keepers = KeeperSettings { price, tick, expire, callback, rewards_bps: 0 };
        let (epoch_blocks, ttl_blocks) = (self.rng.gen_range(6..=10), self.rng.gen_range(12..=20));
        Settings {
            denom: self.one_of(&[DENOM, DENOM, DENOM, DENOM, "other"]).to_owned(),
            epoch_blocks,
            ttl_blocks,
            seat_price: Uint128::new(self.one_of(&[0, SEAT, SEAT, 3])),
            relay_price: Uint128::new(self.one_of(&[0, RELAY])),
            unbonding_blocks: 2 * epoch_blocks + ttl_blocks + self.rng.gen_range(0..20),
            jail_blocks: self.rng.gen_range(0..=20),
            slash_bps: self.one_of(&[10_000, 2500, 3333]),
            reporter_bps: self.one_of(&[0, 5000, 1000]),
            treasury_bps: self.one_of(&[0, 0, 1000]),
            treasury: self.one_of(&[None, treasury]),
            keepers: self.one_of(&[None, Some(keepers), Some(keepers)]),
            schedule_bounty: self.one_of(&[None, Some(Uint128::new(5))]),
            callback_gas_price: self.one_of(&[None, Some(Uint128::one())]),
            max_open_per_payer: 8,
            max_open_per_project: 20,
            ..settings()
        }
    }

    fn domain(&self) -> Domain<'_> {
        Domain { chain_id: &self.chain_id, contract: self.gateway.as_str() }
    }

    fn seed(&self, model: &Reference, request: RequestId) -> Option<Seed> {
        let round = model.requests.get(&request)?.round?;
        Some(self.seeds[round as usize])
    }

    fn output(&mut self, model: &Reference, request: RequestId, key: u32) -> VrfOutput {
        if let Some(output) = self.outputs.get(&(request, key)) {
            return *output;
        }
        let context = DrawContext::new(&self.domain(), &self.seed(model, request).unwrap(), request);
        let output = self.key(key).draw(&context);
        self.outputs.insert((request, key), output);
        output
    }

    /// What a key signs for a body, with the commitment.
    fn signed(&mut self, model: &Reference, request: RequestId, key: u32, body: &str) -> (Commit, Binary) {
        let Some(seed) = self.seed(model, request) else {
            return (Commit([0; 32]), Binary::from(vec![0; 160]));
        };
        let (chain_id, gateway) = (self.chain_id.clone(), self.gateway.clone());
        let domain = Domain { chain_id: &chain_id, contract: gateway.as_str() };
        let (code, input) = (code().sha256, gateway_protocol::input_hash(INPUT));
        let drawn = DrawnRequest { domain, request, code, input, seed };
        let (engine, class) = (engine(), OutcomeClass::Ok);
        let outcome = Outcome { engine, class, body: body.to_owned(), value: None };
        let (commit, signed) = drawn.sign(self.key(key), NodeId(0), outcome);
        (commit, signed.attestation.proof)
    }

    fn ticket(&mut self, key: u32, current: bool) -> Binary {
        let seed = if current { self.epoch_seed } else { Seed([1; 32]) };
        let (chain_id, gateway) = (self.chain_id.clone(), self.gateway.clone());
        let domain = Domain { chain_id: &chain_id, contract: gateway.as_str() };
        make_ticket(&domain, &seed, self.key(key)).to_binary()
    }

    fn publication(&mut self, model: &Reference, draft: &Draft) -> Publication {
        let mut attestations = Vec::new();
        for Signer { node, says, own_key } in &draft.signers {
            let epoch = model.requests.get(&draft.request).and_then(|request| model.drawn(request));
            let own = model.nodes.get(node).map(|record| record.key(epoch.map_or(0, |(epoch, ..)| epoch)));
            let key = own.filter(|_| *own_key).unwrap_or(STRANGE);
            let (_, proof) = self.signed(model, draft.request, key, says);
            attestations.push(Attestation {
                node: *node,
                proof,
                value: draft.compared.then(|| says.clone()),
            });
        }
        Publication {
            request: draft.request,
            attempt: Attempt(draft.attempt),
            engine: engine(),
            class: OutcomeClass::Ok,
            body: Body::Inline { text: draft.body.clone() },
            attestations,
        }
    }

    /// The possession of a key by an operator, or something else.
    fn possession(&mut self, key: u32, held: bool, operator: &Addr) -> (NodeKey, Binary) {
        let (chain_id, gateway) = (self.chain_id.clone(), self.gateway.clone());
        let domain = Domain { chain_id: &chain_id, contract: gateway.as_str() };
        let secret = self.key(key);
        let who = if held { operator.as_str() } else { "somebody" };
        (secret.public(), secret.prove_possession(&domain, who).to_vec().into())
    }

    /// The message of an act.
    pub(crate) fn message(&mut self, model: &Reference, act: &Act, from: &Addr) -> ExecuteMsg {
        match act {
            Act::Plain(msg) => msg.clone(),
            Act::RegisterNode { key, held } => {
                let (key, possession) = self.possession(*key, *held, from);
                ExecuteMsg::RegisterNode(RegisterNode {
                    key,
                    possession,
                    engine: engine(),
                    moniker: Moniker::new("node").unwrap(),
                    endpoint: Endpoint::new("").unwrap(),
                })
            }
            Act::RotateKey { node, key, held } => {
                let (key, possession) = self.possession(*key, *held, &model.nodes[node].operator);
                ExecuteMsg::RotateKey { node: *node, key, possession }
            }
            Act::Ticket { node, key, current, .. } => {
                ExecuteMsg::SubmitTicket { node: *node, proof: self.ticket(*key, *current) }
            }
            Act::Evidence { request, node, key, same } => {
                let (commit, proof) = self.signed(model, *request, *key, "1");
                let first = SignedCommit { commit, proof };
                let (commit, proof) = self.signed(model, *request, *key, if *same { "1" } else { "2" });
                let second = SignedCommit { commit, proof };
                ExecuteMsg::SubmitEvidence(Equivocation { request: *request, node: *node, first, second })
            }
            Act::Publish(drafts) => {
                let publications = drafts.iter().map(|draft| self.publication(model, draft)).collect();
                ExecuteMsg::Publish { publications }
            }
            Act::Attest(draft) => ExecuteMsg::Attest { publication: self.publication(model, draft) },
        }
    }
}
