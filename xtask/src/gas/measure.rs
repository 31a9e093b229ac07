//! Measures every operation, publications of many sizes, and the same operations after short and long histories.

use super::chain::{Chain, Cost, DENOM};
use crate::error::XtaskError;
use cosmwasm_std::{Addr, Uint128, from_json};
use gateway_api::{
    Attempt, Attestation, Body, CodeHash, CodeRef, CodeSource, CounterResponse, Description, Endpoint,
    EngineId, ExecuteMsg, FeeResponse, InstantiateMsg, Moniker, Name, NodeId, OutcomeClass, Policy,
    ProjectId, Publication, QueryMsg, RegisterNode, RequestId, RequestResponse, Settings,
};
use gateway_proof::{Domain, DrawContext, OutcomePreimage, SecretKey};

/// Sizes of committees that are measured.
const COMMITTEES: [u32; 6] = [1, 3, 5, 7, 11, 21];
/// The batch of the speed goal: results and proofs of each.
const BATCH: (u32, u32) = (150, 7);
/// Requests before the second look at the same operations.
const LONG_HISTORY: u64 = 100_000;
const SHORT_HISTORY: u64 = 10;
const UNIT: u128 = 1_000_000;
const ENGINE: EngineId = EngineId([9; 32]);

/// Everything measured.
pub(super) struct Figures {
    pub(super) wasm_bytes: usize,
    pub(super) operations: Vec<(&'static str, Cost)>,
    pub(super) publications: Vec<(u32, Cost)>,
    pub(super) batch: (u32, u32, Cost),
    /// Name, after the short and after the long history.
    pub(super) histories: Vec<(&'static str, Cost, Cost)>,
    pub(super) history_lengths: (u64, u64),
}

struct Bench {
    chain: Chain,
    user: Addr,
    relay: Addr,
    nodes: Vec<(NodeId, SecretKey)>,
    fee: u128,
}

fn fault(what: impl std::fmt::Display) -> XtaskError {
    XtaskError::Artifact { artifact: "gateway.wasm".to_owned(), fault: what.to_string() }
}

/// Measures everything.
pub(super) fn measure(wasm: &[u8]) -> Result<Figures, XtaskError> {
    let mut operations = Vec::new();
    let mut bench = Bench::new(wasm, 21, &mut operations)?;
    let project = bench.project(21, &mut operations)?;
    bench.chain.block();
    let (request, opened) = bench.request(project)?;
    operations.push(("request, 256 bytes of input", opened));
    bench.chain.block();
    operations.push(("tick that opens a round", bench.tick()?));
    operations.push(("tick with nothing to do", bench.tick()?));
    let publication = bench.publication(request, 21)?;
    let again = publication.clone();
    bench.publish(vec![publication])?;
    operations.push(("publish for a request that has ended", bench.publish(vec![again])?));
    let (relay, claim) = (bench.relay.clone(), ExecuteMsg::Claim {});
    operations.push(("claim", bench.chain.execute(&relay, &claim, 0)?.0));
    bench.request(project)?;
    for _ in 0..200 {
        bench.chain.block();
    }
    operations.push(("expire one request", bench.expire()?));

    let mut publications = Vec::new();
    for committee in COMMITTEES {
        let mut bench = Bench::new(wasm, committee, &mut Vec::new())?;
        let project = bench.project(committee, &mut Vec::new())?;
        // Once unmeasured: what a first result creates, later ones only change.
        for measured in [false, true] {
            let request = bench.drawn(project, 1)?.remove(0);
            let publication = bench.publication(request, committee)?;
            let cost = bench.publish(vec![publication])?;
            if measured {
                publications.push((committee, cost));
            }
        }
    }

    let (results, proofs) = BATCH;
    let mut bench = Bench::new(wasm, proofs, &mut Vec::new())?;
    let project = bench.project(proofs, &mut Vec::new())?;
    let requests = bench.drawn(project, results)?;
    let batch = requests
        .into_iter()
        .map(|request| bench.publication(request, proofs))
        .collect::<Result<Vec<_>, _>>()?;
    let batch = (results, proofs, bench.publish(batch)?);

    Ok(Figures {
        wasm_bytes: wasm.len(),
        operations,
        publications,
        batch,
        histories: histories(wasm)?,
        history_lengths: (SHORT_HISTORY, LONG_HISTORY),
    })
}

/// The same operations after a short and after a long history of requests, half of them ended.
fn histories(wasm: &[u8]) -> Result<Vec<(&'static str, Cost, Cost)>, XtaskError> {
    let mut bench = Bench::new(wasm, 7, &mut Vec::new())?;
    let project = bench.project(7, &mut Vec::new())?;
    let mut opened = 0;
    let mut looks = Vec::new();
    for length in [SHORT_HISTORY, LONG_HISTORY] {
        while opened < length {
            bench.request_natively(project)?;
            opened += 1;
            if opened % 100 == 0 {
                bench.chain.block();
                let relay = bench.relay.clone();
                bench.chain.execute_natively(&relay, ExecuteMsg::Tick {}, 0)?;
                bench.chain.execute_natively(&relay, ExecuteMsg::Expire { limit: Some(100) }, 0)?;
            }
        }
        bench.chain.block();
        bench.tick()?;
        let (request, asked) = bench.request(project)?;
        bench.chain.block();
        let ticked = bench.tick()?;
        let publication = bench.publication(request, 7)?;
        let published = bench.publish(vec![publication])?;
        for _ in 0..200 {
            bench.chain.block();
        }
        let expired = bench.expire()?;
        looks.push([asked, ticked, published, expired]);
        // The sweep empties what is left, so that both looks see a request that expires.
        let relay = bench.relay.clone();
        bench.chain.execute_natively(&relay, ExecuteMsg::Expire { limit: Some(100) }, 0)?;
    }
    let names = ["request", "tick that opens a round", "publish, 7 proofs", "expire one request"];
    let [short, long] = looks[..] else { return Err(fault("two looks were taken")) };
    Ok(names.into_iter().zip(short).zip(long).map(|((name, short), long)| (name, short, long)).collect())
}

impl Bench {
    /// A contract with so many nodes of one unit each, all active.
    fn new(wasm: &[u8], nodes: u32, costs: &mut Vec<(&'static str, Cost)>) -> Result<Self, XtaskError> {
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

    fn project(
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
        let fee: FeeResponse = self.chain.query(&QueryMsg::EstimateFee { project, overrides: None })?;
        self.fee = fee.total.u128();
        Ok(project)
    }

    fn message(project: ProjectId) -> ExecuteMsg {
        ExecuteMsg::Request {
            project,
            input: format!("\"{}\"", "x".repeat(254)),
            callback: None,
            overrides: None,
        }
    }

    fn request(&mut self, project: ProjectId) -> Result<(RequestId, Cost), XtaskError> {
        let (user, fee) = (self.user.clone(), self.fee);
        let (cost, response) = self.chain.execute(&user, &Self::message(project), fee)?;
        Ok((from_json(response.data.unwrap_or_default()).map_err(fault)?, cost))
    }

    fn request_natively(&mut self, project: ProjectId) -> Result<RequestId, XtaskError> {
        let (user, fee) = (self.user.clone(), self.fee);
        let response = self.chain.execute_natively(&user, Self::message(project), fee)?;
        from_json(response.data.unwrap_or_default()).map_err(fault)
    }

    fn drawn(&mut self, project: ProjectId, count: u32) -> Result<Vec<RequestId>, XtaskError> {
        self.chain.block();
        let requests = (0..count).map(|_| self.request_natively(project)).collect::<Result<_, _>>()?;
        self.chain.block();
        self.tick()?;
        Ok(requests)
    }

    fn tick(&mut self) -> Result<Cost, XtaskError> {
        let relay = self.relay.clone();
        Ok(self.chain.execute(&relay, &ExecuteMsg::Tick {}, 0)?.0)
    }

    fn expire(&mut self) -> Result<Cost, XtaskError> {
        let relay = self.relay.clone();
        let (cost, response) = self.chain.execute(&relay, &ExecuteMsg::Expire { limit: Some(1) }, 0)?;
        let ended = response.events.iter().any(|event| event.ty == "gateway-request-expired");
        if ended { Ok(cost) } else { Err(fault("no request was there to expire")) }
    }

    fn publish(&mut self, publications: Vec<Publication>) -> Result<Cost, XtaskError> {
        let relay = self.relay.clone();
        let (cost, response) = self.chain.execute(&relay, &ExecuteMsg::Publish { publications }, 0)?;
        match response.events.iter().find(|event| event.ty == "gateway-publication-refused") {
            Some(event) if !event.attributes.iter().any(|a| a.value == "closed") => {
                Err(fault(format!("refused: {event:?}")))
            }
            _ => Ok(cost),
        }
    }

    fn publication(&mut self, request: RequestId, proofs: u32) -> Result<Publication, XtaskError> {
        let asked: RequestResponse = self.chain.query(&QueryMsg::Request { request })?;
        let _: CounterResponse = self.chain.query(&QueryMsg::Counter {})?;
        let draw = asked.draw.ok_or_else(|| fault("the request is not drawn"))?;
        let body = "{\"sum\":3}";
        let domain = domain(&self.chain);
        let context = DrawContext::new(&domain, &draw.seed, request);
        let outcome = domain.outcome(&OutcomePreimage {
            request,
            code: asked.code.sha256,
            input: asked.input_hash,
            engine: ENGINE,
            class: OutcomeClass::Ok,
            body: gateway_proof::body_digest(body),
        });
        let attestations = self.nodes.iter().take(proofs as usize).map(|(node, secret)| {
            let salt = secret.salt(&domain, request);
            let commit = domain.commit(request, &secret.public(), &outcome, &salt);
            let proof = secret.attest(&context, &commit, salt).to_binary();
            Attestation { node: *node, proof, value: None }
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
