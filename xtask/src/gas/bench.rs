//! A contract in use: active nodes, a project, requests and the publications that answer them. Each step returns its cost; none
//! decides what is measured.

use cosmwasm_std::{Addr, Uint128, from_json};
use gateway_api::{
    Attempt, Body, CodeHash, CodeRef, CodeSource, Description, Endpoint, EngineId, ExecuteMsg, FeeResponse,
    InstantiateMsg, Moniker, Name, NewRequest, NodeId, OutcomeClass, Policy, ProjectId, Publication,
    PublicationVerdict, QueryMsg, RegisterNode, RequestId, RequestResponse, Settings,
};
use gateway_protocol::{Domain, DrawnRequest, Outcome, SecretKey};

use super::chain::{Chain, Cost, DENOM};
use crate::error::XtaskError;

const UNIT: u128 = 1_000_000;
const ENGINE: EngineId = EngineId([9; 32]);

/// The contract and all its users.
pub(super) struct Bench {
    pub(super) chain: Chain,
    user: Addr,
    pub(super) relay: Addr,
    nodes: Vec<(NodeId, SecretKey)>,
    fee: u128,
}

pub(super) fn fault(what: impl std::fmt::Display) -> XtaskError {
    XtaskError::Artifact { artifact: "gateway.wasm".to_owned(), fault: what.to_string() }
}

impl Bench {
    /// Creates a contract with so many nodes of one unit each, all active.
    pub(super) fn new(
        wasm: &[u8],
        nodes: u32,
        costs: &mut Vec<(&'static str, Cost)>,
    ) -> Result<Self, XtaskError> {
        let mut chain = Chain::new(wasm)?;
        let settings = Settings {
            denom: DENOM.to_owned(),
            epoch_blocks: 100_000,
            stake_unit: Uint128::new(UNIT),
            unbonding_blocks: 1_000_000,
            max_open_per_payer: u32::MAX,
            max_open_per_project: u32::MAX,
            ..Settings::default()
        };
        costs.push(("instantiate", chain.instantiate(&InstantiateMsg { admin: None, settings })?));
        let (user, relay) = (chain.address("user"), chain.address("relay"));
        let mut bench = Self { chain, user, relay, nodes: Vec::new(), fee: 0 };
        for index in 0..nodes {
            let cost = bench.register_node(index)?;
            if index == 1 {
                costs.push(("register a node", cost));
            }
        }
        for epoch in 0..2 {
            bench.chain.env.block.height += 100_000;
            let cost = bench.tick()?;
            if epoch == 1 {
                costs.push(("tick that begins an epoch", cost));
            }
        }
        Ok(bench)
    }

    fn register_node(&mut self, index: u32) -> Result<Cost, XtaskError> {
        let operator = self.chain.address(&format!("operator{index}"));
        let mut secret = [1; 32];
        secret[..4].copy_from_slice(&index.to_be_bytes());
        let secret = SecretKey::from_bytes(&secret).map_err(fault)?;
        let possession = secret.prove_possession(&domain(&self.chain), operator.as_str()).to_vec().into();
        let msg = ExecuteMsg::RegisterNode(RegisterNode {
            key: secret.public(),
            possession,
            engine: ENGINE,
            moniker: Moniker::new("node").map_err(fault)?,
            endpoint: Endpoint::new("https://node.example").map_err(fault)?,
        });
        let (cost, response) = self.chain.execute(&operator, &msg, UNIT)?;
        let id: NodeId = from_json(response.data.unwrap_or_default()).map_err(fault)?;
        self.nodes.push((id, secret));
        Ok(cost)
    }

    pub(super) fn project(
        &mut self,
        committee: u32,
        costs: &mut Vec<(&'static str, Cost)>,
    ) -> Result<ProjectId, XtaskError> {
        let msg = ExecuteMsg::RegisterProject {
            name: Name::new("sum").map_err(fault)?,
            description: Description::new("adds two numbers").map_err(fault)?,
            code: CodeRef { sha256: CodeHash([7; 32]), size: 100, sources: vec![CodeSource::Store {}] },
            policy: Policy { committee, quorum_bps: 10_000, min_operators: 1, ..Policy::default() },
        };
        let user = self.user.clone();
        let (cost, response) = self.chain.execute(&user, &msg, 0)?;
        costs.push(("register a project", cost));
        let project = from_json(response.data.unwrap_or_default()).map_err(fault)?;
        let fee: FeeResponse =
            self.chain.query(&QueryMsg::EstimateFee { project, overrides: None, callback: None })?;
        self.fee = fee.total.u128();
        Ok(project)
    }

    fn message(project: ProjectId) -> ExecuteMsg {
        ExecuteMsg::Request(NewRequest::new(project, format!("\"{}\"", "x".repeat(254))))
    }

    pub(super) fn request(&mut self, project: ProjectId) -> Result<(RequestId, Cost), XtaskError> {
        let (user, fee) = (self.user.clone(), self.fee);
        let (cost, response) = self.chain.execute(&user, &Self::message(project), fee)?;
        Ok((from_json(response.data.unwrap_or_default()).map_err(fault)?, cost))
    }

    pub(super) fn request_natively(&mut self, project: ProjectId) -> Result<RequestId, XtaskError> {
        let (user, fee) = (self.user.clone(), self.fee);
        let response = self.chain.execute_natively(&user, Self::message(project), fee)?;
        from_json(response.data.unwrap_or_default()).map_err(fault)
    }

    pub(super) fn drawn(&mut self, project: ProjectId, count: u32) -> Result<Vec<RequestId>, XtaskError> {
        self.chain.block();
        let requests = (0..count).map(|_| self.request_natively(project)).collect::<Result<_, _>>()?;
        self.chain.block();
        self.tick()?;
        Ok(requests)
    }

    pub(super) fn tick(&mut self) -> Result<Cost, XtaskError> {
        let relay = self.relay.clone();
        Ok(self.chain.execute(&relay, &ExecuteMsg::Tick {}, 0)?.0)
    }

    pub(super) fn expire(&mut self) -> Result<Cost, XtaskError> {
        let relay = self.relay.clone();
        let (cost, response) =
            self.chain.execute(&relay, &ExecuteMsg::Expire { limit: Some(1), requests: None }, 0)?;
        let ended = response.events.iter().any(|event| event.ty == "gateway-request-expired");
        if ended { Ok(cost) } else { Err(fault("no request was there to expire")) }
    }

    pub(super) fn publish(&mut self, publications: Vec<Publication>) -> Result<Cost, XtaskError> {
        let relay = self.relay.clone();
        let (cost, response) = self.chain.execute(&relay, &ExecuteMsg::Publish { publications }, 0)?;
        match response.events.iter().find(|event| event.ty == "gateway-publication-refused") {
            Some(event) if !event.attributes.iter().any(|a| a.value == "closed") => {
                Err(fault(format!("refused: {event:?}")))
            }
            _ => Ok(cost),
        }
    }

    /// Returns the contract's answer to a publication: its proofs are verified, and nothing is written.
    pub(super) fn check(&mut self, publication: Publication) -> Result<Cost, XtaskError> {
        let (cost, verdict) = self.chain.ask(&QueryMsg::CheckPublication { publication })?;
        match verdict {
            PublicationVerdict::Accepted { .. } => Ok(cost),
            PublicationVerdict::Refused { reason } => Err(fault(format!("refused: {reason}"))),
        }
    }

    /// Creates one contract with a committee of so many nodes, so many drawn requests, and the publication for each.
    pub(super) fn ready(
        wasm: &[u8],
        nodes: u32,
        requests: u32,
    ) -> Result<(Self, Vec<Publication>), XtaskError> {
        let mut bench = Self::new(wasm, nodes, &mut Vec::new())?;
        let project = bench.project(nodes, &mut Vec::new())?;
        let drawn = bench.drawn(project, requests)?;
        let publications = drawn.into_iter().map(|request| bench.publication(request, nodes));
        let publications = publications.collect::<Result<_, _>>()?;
        Ok((bench, publications))
    }

    pub(super) fn publication(&mut self, request: RequestId, proofs: u32) -> Result<Publication, XtaskError> {
        let asked: RequestResponse = self.chain.query(&QueryMsg::Request { request })?;
        let draw = asked.draw.clone().ok_or_else(|| fault("the request is not drawn"))?;
        let body = "{\"sum\":3}";
        let domain = domain(&self.chain);
        let drawn = DrawnRequest::of(domain, &asked, &draw);
        let attestations = self.nodes.iter().take(proofs as usize).map(|(node, secret)| {
            let class = OutcomeClass::Ok;
            let outcome = Outcome { engine: ENGINE, class, body: body.to_owned(), value: None };
            drawn.sign(secret, *node, outcome).1.attestation
        });
        Ok(Publication {
            request,
            attempt: Attempt(0),
            engine: ENGINE,
            class: OutcomeClass::Ok,
            body: Body::Inline { text: body.to_owned() },
            attestations: attestations.collect(),
        })
    }
}

fn domain(chain: &Chain) -> Domain<'_> {
    Domain { chain_id: &chain.env.block.chain_id, contract: chain.env.contract.address.as_str() }
}
