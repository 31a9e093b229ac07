//! A world to test in: a chain, the contract, people with names and nodes with keys. Its verbs are the protocol's.

use cosmwasm_std::{coins, Addr, Event, Uint128};
use cw_multi_test::{no_init, AppBuilder, AppResponse, Executor};
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;
use gateway_protocol::{Domain, DrawnRequest, Member, Outcome, SecretKey, Threshold};
use serde::de::DeserializeOwned;

use crate::archway::{Archway, Chain};

pub(crate) const DENOM: &str = "aarch";
pub(crate) const UNIT: u128 = 100;
pub(crate) const SEAT: u128 = 10;
pub(crate) const RELAY: u128 = 7;
pub(crate) const EPOCH_BLOCKS: u64 = 10;
pub(crate) const TTL: u64 = 20;

/// A node with its secret.
#[derive(Clone)]
pub(crate) struct TestNode {
    pub(crate) id: NodeId,
    pub(crate) operator: Addr,
    pub(crate) secret: SecretKeyBytes,
    pub(crate) engine: EngineId,
}

/// A secret that can be cloned: 32 bytes.
#[derive(Clone, Copy)]
pub(crate) struct SecretKeyBytes(pub(crate) [u8; 32]);

impl SecretKeyBytes {
    pub(crate) fn key(&self) -> SecretKey {
        SecretKey::from_bytes(&self.0).unwrap()
    }
}

pub(crate) struct World {
    pub(crate) app: Chain,
    /// The chain's own modules.
    pub(crate) archway: Archway,
    /// Whether the contract may hold more than it owes.
    pub(crate) gifts: bool,
    pub(crate) gateway: Addr,
    pub(crate) admin: Addr,
    pub(crate) alice: Addr,
    pub(crate) bob: Addr,
    pub(crate) relay: Addr,
    pub(crate) nodes: Vec<TestNode>,
    next_secret: u8,
}

/// Cheap, small and fast settings.
pub(crate) fn settings() -> Settings {
    Settings {
        denom: DENOM.to_owned(),
        epoch_blocks: EPOCH_BLOCKS,
        block_time_ms: 1000,
        stake_unit: Uint128::new(UNIT),
        seat_price: Uint128::new(SEAT),
        relay_price: Uint128::new(RELAY),
        ttl_blocks: TTL,
        max_open_per_payer: 50,
        max_open_per_project: 100,
        ..Settings::default()
    }
}

/// A policy whose attempts last two blocks.
pub(crate) fn policy() -> Policy {
    Policy { committee: 5, min_operators: 2, wall_ms: 1000, ..Policy::default() }
}

pub(crate) fn code() -> CodeRef {
    CodeRef { sha256: CodeHash([7; 32]), size: 10, sources: vec![CodeSource::Store {}] }
}

pub(crate) fn engine() -> EngineId {
    EngineId([9; 32])
}

impl World {
    /// A chain with the contract and no nodes.
    pub(crate) fn empty() -> Self {
        Self::with_settings(settings())
    }

    pub(crate) fn with_settings(settings: Settings) -> Self {
        let archway = Archway::default();
        let mut app = AppBuilder::new().with_stargate(archway.clone()).build(no_init);
        let person = |app: &Chain, name: &str| app.api().addr_make(name);
        let [admin, alice, bob, relay] = ["admin", "alice", "bob", "relay"].map(|name| person(&app, name));
        for who in [&admin, &alice, &bob, &relay] {
            rich(&mut app, who);
        }
        let code = app.store_code(crate::subject::gateway());
        let msg = InstantiateMsg { admin: None, settings };
        let gateway = app
            .instantiate_contract(code, admin.clone(), &msg, &[], "gateway", Some(admin.to_string()))
            .unwrap();
        Self {
            app,
            archway,
            gifts: false,
            gateway,
            admin,
            alice,
            bob,
            relay,
            nodes: Vec::new(),
            next_secret: 1,
        }
    }

    /// A chain with five active nodes of five operators, of one unit each: everybody is seated.
    pub(crate) fn new() -> Self {
        let mut world = Self::empty();
        for _ in 0..5 {
            world.register_node(1);
        }
        world.activate_nodes();
        world
    }

    /// Two epochs on: what was registered draws.
    pub(crate) fn activate_nodes(&mut self) {
        for _ in 0..2 {
            self.next_epoch();
        }
    }

    pub(crate) fn next_epoch(&mut self) {
        self.blocks(EPOCH_BLOCKS);
        self.tick();
    }

    pub(crate) fn block(&mut self) {
        self.app.update_block(|block| {
            block.height += 1;
            block.time = block.time.plus_seconds(1);
        });
    }

    pub(crate) fn blocks(&mut self, count: u64) {
        for _ in 0..count {
            self.block();
        }
    }

    pub(crate) fn height(&self) -> u64 {
        self.app.block_info().height
    }

    pub(crate) fn chain_id(&self) -> String {
        self.app.block_info().chain_id
    }

    /// Sends a message; a refusal comes back as the contract's own error.
    pub(crate) fn send(
        &mut self,
        from: &Addr,
        msg: &ExecuteMsg,
        funds: u128,
    ) -> Result<AppResponse, ContractError> {
        let funds = if funds == 0 { Vec::new() } else { coins(funds, DENOM) };
        self.send_coins(from, msg, &funds)
    }

    pub(crate) fn send_coins(
        &mut self,
        from: &Addr,
        msg: &ExecuteMsg,
        funds: &[cosmwasm_std::Coin],
    ) -> Result<AppResponse, ContractError> {
        let result = self.app.execute_contract(from.clone(), self.gateway.clone(), msg, funds);
        self.check_conservation();
        result.map_err(|error| match error.downcast::<ContractError>() {
            Ok(error) => error,
            Err(other) => panic!("not the contract's own error: {other:?}"),
        })
    }

    pub(crate) fn ask<T: DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.app.wrap().query_wasm_smart(&self.gateway, msg).unwrap()
    }

    /// The words with which a query is refused.
    pub(crate) fn refused(&self, msg: &QueryMsg) -> String {
        self.app.wrap().query_wasm_smart::<cosmwasm_std::Empty>(&self.gateway, msg).unwrap_err().to_string()
    }

    /// Coins in = coins out + held: checked after every message of every test.
    #[track_caller]
    pub(crate) fn check_conservation(&self) {
        let ledger: LedgerResponse = self.ask(&QueryMsg::Ledger {});
        let held = self.balance(&self.gateway);
        let owed = ledger.owed();
        assert!(owed == held || (self.gifts && owed < held), "{held} held, {ledger:?}");
    }

    pub(crate) fn balance(&self, who: &Addr) -> u128 {
        self.app.wrap().query_balance(who, DENOM).unwrap().amount.u128()
    }

    pub(crate) fn tick(&mut self) -> Vec<GatewayEvent> {
        let relay = self.relay.clone();
        let response = self.send(&relay, &ExecuteMsg::Tick {}, 0).unwrap();
        self.events(&response)
    }

    /// Registers a node of a fresh operator.
    pub(crate) fn register_node(&mut self, units: u32) -> NodeId {
        let operator = self.app.api().addr_make(&format!("operator-{}", self.next_secret));
        rich(&mut self.app, &operator);
        self.register_node_of(&operator, u128::from(units) * UNIT).unwrap()
    }

    pub(crate) fn register_node_of(&mut self, operator: &Addr, stake: u128) -> Result<NodeId, ContractError> {
        let secret = SecretKeyBytes([self.next_secret; 32]);
        self.next_secret += 1;
        let msg = ExecuteMsg::RegisterNode(self.registration(operator, secret));
        let response = self.send(operator, &msg, stake)?;
        let id: NodeId = cosmwasm_std::from_json(response.data.unwrap()).unwrap();
        self.nodes.push(TestNode { id, operator: operator.clone(), secret, engine: engine() });
        Ok(id)
    }

    /// A well-made registration.
    pub(crate) fn registration(&self, operator: &Addr, secret: SecretKeyBytes) -> RegisterNode {
        let chain_id = self.chain_id();
        let domain = Domain { chain_id: &chain_id, contract: self.gateway.as_str() };
        RegisterNode {
            key: secret.key().public(),
            possession: secret.key().prove_possession(&domain, operator.as_str()).to_vec().into(),
            engine: engine(),
            moniker: Moniker::new("node").unwrap(),
            endpoint: Endpoint::new("").unwrap(),
        }
    }

    pub(crate) fn project(&mut self, policy: Policy) -> ProjectId {
        let owner = self.bob.clone();
        let response = self.send(&owner, &register_project(policy), 0).unwrap();
        cosmwasm_std::from_json(response.data.unwrap()).unwrap()
    }

    pub(crate) fn fee(&self, project: ProjectId) -> u128 {
        let fee: FeeResponse = self.ask(&QueryMsg::EstimateFee { project, overrides: None, callback: None });
        fee.total.u128()
    }

    /// Alice asks, for the estimated fee.
    pub(crate) fn request(&mut self, project: ProjectId) -> RequestId {
        let alice = self.alice.clone();
        self.request_as(&alice, project, self.fee(project)).unwrap()
    }

    pub(crate) fn request_as(
        &mut self,
        who: &Addr,
        project: ProjectId,
        funds: u128,
    ) -> Result<RequestId, ContractError> {
        let msg = ExecuteMsg::Request(NewRequest::new(project, "[1,2]"));
        let response = self.send(who, &msg, funds)?;
        Ok(cosmwasm_std::from_json(response.data.unwrap()).unwrap())
    }

    /// A schedule of every third block from the next one on.
    pub(crate) fn schedule(&mut self, owner: &Addr, project: ProjectId, budget: u128) -> ScheduleId {
        let request = NewRequest::new(project, "[1,2]");
        let new = NewSchedule { request, at: None, every_blocks: Some(3), until: None };
        let response = self.send(owner, &ExecuteMsg::Schedule(new), budget).unwrap();
        cosmwasm_std::from_json(response.data.unwrap()).unwrap()
    }

    /// A request whose round has opened.
    pub(crate) fn drawn_request(&mut self, project: ProjectId) -> RequestId {
        let request = self.request(project);
        self.block();
        self.tick();
        request
    }

    pub(crate) fn draw(&self, request: RequestId) -> DrawInfo {
        let response: RequestResponse = self.ask(&QueryMsg::Request { request });
        response.draw.unwrap()
    }

    /// A node's attestation of an outcome; whether it is seated is another question.
    pub(crate) fn attest(
        &self,
        node: &TestNode,
        request: RequestId,
        class: OutcomeClass,
        body: &str,
    ) -> Attestation {
        let asked: RequestResponse = self.ask(&QueryMsg::Request { request });
        let chain_id = self.chain_id();
        let domain = Domain { chain_id: &chain_id, contract: self.gateway.as_str() };
        let drawn = DrawnRequest::of(domain, &asked, asked.draw.as_ref().unwrap());
        let outcome = Outcome { engine: node.engine, class, body: body.to_owned(), value: None };
        drawn.sign(&node.secret.key(), node.id, outcome).1.attestation
    }

    /// The seats a node has in an attempt.
    pub(crate) fn seats(&self, node: &TestNode, request: RequestId, attempt: Attempt) -> u32 {
        let asked: RequestResponse = self.ask(&QueryMsg::Request { request });
        let draw = asked.draw.as_ref().unwrap();
        let chain_id = self.chain_id();
        let domain = Domain { chain_id: &chain_id, contract: self.gateway.as_str() };
        let output = node.secret.key().draw(&DrawnRequest::of(domain, &asked, draw).context());
        // Whether it is jailed does not matter here: what a jailed node signs is to be refused by the contract.
        let NodeResponse { keys, schedule, .. } = self.ask(&QueryMsg::Node { node: node.id });
        let member = Member::at(node.id, &keys, &schedule, false, draw.epoch);
        let units = member.map_or(0, |member| member.units);
        Threshold::new(asked.policy.committee, attempt, draw.total_units).seats(&output, units)
    }

    /// Every seated node's attestation of one value, in attempt 0.
    pub(crate) fn publication(&self, request: RequestId, body: &str) -> Publication {
        self.publication_of(request, OutcomeClass::Ok, body, Attempt(0))
    }

    pub(crate) fn publication_of(
        &self,
        request: RequestId,
        class: OutcomeClass,
        body: &str,
        attempt: Attempt,
    ) -> Publication {
        let seated = self.nodes.iter().filter(|node| self.seats(node, request, attempt) > 0);
        Publication {
            request,
            attempt,
            engine: engine(),
            class,
            body: Body::Inline { text: body.to_owned() },
            attestations: seated.map(|node| self.attest(node, request, class, body)).collect(),
        }
    }

    pub(crate) fn publish(&mut self, publications: Vec<Publication>) -> Vec<GatewayEvent> {
        let relay = self.relay.clone();
        let response = self.send(&relay, &ExecuteMsg::Publish { publications }, 0).unwrap();
        self.events(&response)
    }

    /// Publishes one and says why it was refused, if it was. `CheckPublication` must say the same beforehand.
    #[track_caller]
    pub(crate) fn verdict(&mut self, publication: Publication) -> Option<Refusal> {
        let request = publication.request;
        let said: PublicationVerdict =
            self.ask(&QueryMsg::CheckPublication { publication: publication.clone() });
        let events = self.publish(vec![publication]);
        match said {
            PublicationVerdict::Accepted { .. } => {
                assert!(
                    events.iter().any(
                        |event| matches!(event, GatewayEvent::RequestFulfilled(e) if e.request == request)
                    ),
                    "{events:?}"
                );
                None
            }
            PublicationVerdict::Refused { reason } => {
                let refused = events.iter().any(|event| {
                    matches!(event, GatewayEvent::PublicationRefused(e) if e.request == request && e.reason == reason.code())
                });
                assert!(refused, "{events:?} against {reason:?}");
                Some(reason)
            }
        }
    }

    pub(crate) fn status(&self, request: RequestId) -> RequestStatus {
        self.ask::<RequestResponse>(&QueryMsg::Request { request }).status
    }

    pub(crate) fn rewards(&self, who: &Addr) -> u128 {
        self.ask::<RewardsResponse>(&QueryMsg::Rewards { address: who.to_string() }).amount.u128()
    }

    /// The contract's own events, decoded as a worker would.
    pub(crate) fn events(&self, response: &AppResponse) -> Vec<GatewayEvent> {
        decode(&self.gateway, &response.events)
    }
}

pub(crate) fn decode(gateway: &Addr, events: &[Event]) -> Vec<GatewayEvent> {
    events
        .iter()
        .filter_map(|event| {
            let attributes: Vec<_> =
                event.attributes.iter().map(|a| (a.key.as_str(), a.value.as_str())).collect();
            GatewayEvent::decode(gateway.as_str(), &event.ty, &attributes).unwrap()
        })
        .collect()
}

pub(crate) fn register_project(policy: Policy) -> ExecuteMsg {
    ExecuteMsg::RegisterProject {
        name: Name::new("project").unwrap(),
        description: Description::new("does things").unwrap(),
        code: code(),
        policy,
    }
}

pub(crate) fn rich(app: &mut Chain, who: &Addr) {
    let to_address = who.to_string();
    app.sudo(cw_multi_test::SudoMsg::Bank(cw_multi_test::BankSudo::Mint {
        to_address,
        amount: coins(1_000_000_000, DENOM),
    }))
    .unwrap();
}
