//! The real contract with three nodes of three operators, driven as a network would.

use cosmwasm_std::{Addr, Uint128, from_json};
use cw_multi_test::{App, AppResponse, ContractWrapper, Executor};
use gateway_api::*;
use gateway_contract::contract;
use gateway_protocol::{Domain, DrawContext, OutcomePreimage, SecretKey, body_digest};
use gateway_testing::MockGateway;

use crate::{Gateway, rich};

const UNIT: u128 = 100;
const EPOCH_BLOCKS: u64 = 10;
const TTL: u64 = 20;

pub(crate) struct RealGateway {
    address: Addr,
    project: ProjectId,
    relay: Addr,
    nodes: Vec<(NodeId, SecretKey)>,
}

fn engine() -> EngineId {
    EngineId([9; 32])
}

fn blocks(app: &mut App, count: u64) {
    app.update_block(|block| {
        block.height += count;
        block.time = block.time.plus_seconds(count);
    });
}

impl RealGateway {
    pub(crate) fn deploy(app: &mut App) -> Self {
        let code = app.store_code(Box::new(
            ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
                .with_reply(contract::reply),
        ));
        let relay = app.api().addr_make("relay");
        let settings = Settings {
            denom: "aarch".to_owned(),
            epoch_blocks: EPOCH_BLOCKS,
            block_time_ms: 1000,
            stake_unit: Uint128::new(UNIT),
            seat_price: Uint128::new(10),
            relay_price: Uint128::new(7),
            ttl_blocks: TTL,
            ..Settings::default()
        };
        let init = InstantiateMsg { admin: None, settings };
        let address = app.instantiate_contract(code, relay.clone(), &init, &[], "gateway", None).unwrap();
        let mut gateway = Self { address, project: ProjectId(0), relay, nodes: Vec::new() };
        for n in 1..=3u8 {
            gateway.register_node(app, n);
        }
        for _ in 0..2 {
            blocks(app, EPOCH_BLOCKS);
            gateway.tick(app);
        }
        let policy = Policy { committee: 3, min_operators: 2, wall_ms: 1000, ..Policy::default() };
        let register = ExecuteMsg::RegisterProject {
            name: Name::new("project").unwrap(),
            description: Description::new("").unwrap(),
            code: CodeRef { sha256: MockGateway::code(), size: 10, sources: vec![CodeSource::Store {}] },
            policy,
        };
        let relay = gateway.relay.clone();
        let answer = gateway.send(app, &relay, &register, 0);
        gateway.project = from_json(answer.data.unwrap()).unwrap();
        gateway
    }

    fn send(&self, app: &mut App, from: &Addr, message: &ExecuteMsg, funds: u128) -> AppResponse {
        let funds = if funds == 0 { Vec::new() } else { cosmwasm_std::coins(funds, "aarch") };
        app.execute_contract(from.clone(), self.address.clone(), message, &funds).unwrap()
    }

    fn tick(&self, app: &mut App) {
        self.send(app, &self.relay, &ExecuteMsg::Tick {}, 0);
    }

    fn register_node(&mut self, app: &mut App, n: u8) {
        let operator = app.api().addr_make(&format!("operator-{n}"));
        rich(app, &operator);
        let secret = SecretKey::from_bytes(&[n; 32]).unwrap();
        let chain_id = app.block_info().chain_id;
        let domain = Domain { chain_id: &chain_id, contract: self.address.as_str() };
        let node = RegisterNode {
            key: secret.public(),
            possession: secret.prove_possession(&domain, operator.as_str()).to_vec().into(),
            engine: engine(),
            moniker: Moniker::new("node").unwrap(),
            endpoint: Endpoint::new("").unwrap(),
        };
        let answer = self.send(app, &operator, &ExecuteMsg::RegisterNode(node), UNIT);
        self.nodes.push((from_json(answer.data.unwrap()).unwrap(), secret));
    }

    fn request(&self, app: &App, request: RequestId) -> RequestResponse {
        app.wrap().query_wasm_smart(&self.address, &QueryMsg::Request { request }).unwrap()
    }

    fn attest(&self, app: &App, request: RequestId, class: OutcomeClass, body: &str) -> Vec<Attestation> {
        let asked = self.request(app, request);
        let chain_id = app.block_info().chain_id;
        let domain = Domain { chain_id: &chain_id, contract: self.address.as_str() };
        let draw = asked.draw.unwrap();
        let outcome = domain.outcome(&OutcomePreimage {
            request,
            code: asked.code.sha256,
            input: asked.input_hash,
            engine: engine(),
            class,
            body: body_digest(body),
        });
        self.nodes
            .iter()
            .map(|(node, secret)| {
                let salt = secret.salt(&domain, request);
                let commit = domain.commit(request, &secret.public(), &outcome, &salt);
                let context = DrawContext::new(&domain, &draw.seed, request);
                let proof = secret.attest(&context, &commit, salt).to_binary();
                Attestation { node: *node, proof, value: None }
            })
            .collect()
    }
}

impl Gateway for RealGateway {
    fn address(&self) -> Addr {
        self.address.clone()
    }

    fn project(&self) -> ProjectId {
        self.project
    }

    /// Draws the request where that is still to be done, and publishes what all nodes attest.
    fn answer(&mut self, app: &mut App, request: RequestId, class: OutcomeClass, text: &str) {
        if self.request(app, request).draw.is_none() {
            blocks(app, 1);
            self.tick(app);
        }
        let publication = Publication {
            request,
            attempt: Attempt(0),
            engine: engine(),
            class,
            body: Body::Inline { text: text.to_owned() },
            attestations: self.attest(app, request, class, text),
        };
        self.send(app, &self.relay, &ExecuteMsg::Publish { publications: vec![publication] }, 0);
        assert_eq!(self.request(app, request).status, RequestStatus::Fulfilled);
    }

    fn expire(&mut self, app: &mut App, request: RequestId) {
        blocks(app, TTL + 1);
        self.send(app, &self.relay, &ExecuteMsg::Expire { limit: None, requests: None }, 0);
        assert_eq!(self.request(app, request).status, RequestStatus::Expired);
        let deliver = ExecuteMsg::DeliverCallback { request, gas_limit: None };
        self.send(app, &self.relay, &deliver, 0);
    }

    fn callback(&self, app: &App, request: RequestId) -> CallbackStatus {
        let result: ResultResponse =
            app.wrap().query_wasm_smart(&self.address, &QueryMsg::Result { request }).unwrap();
        result.callback
    }
}
