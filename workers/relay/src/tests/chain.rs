//! A chain in memory with a contract that opens, draws and fulfils requests by the rules' outline: whom it believes is not
//! tested here, what the relay sends it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use gateway_api::events::{PublicationRefused, RequestExpired, RequestFulfilled, RequestOpened, RoundOpened};
use gateway_api::{
    AgreedNode, Attempt, BeaconResponse, Body, CallbackStatus, CodeHash, CodeRef, CodeSource, DrawInfo,
    Endpoint, EngineId, Epoch, ExecuteMsg, FeeResponse, InputHash, KeyFrom, Moniker, NewRequest, NodeId,
    NodeResponse, NodesResponse, OpenRequest, OpenRequestsResponse, Overrides, Policy, ProjectId,
    ProjectsResponse, Publication, PublicationVerdict, QueryMsg, RequestId, RequestResponse, RequestStatus,
    RequestsResponse, ResultResponse, Round, RoundBeacon, RoundResponse, Seed, SeedQuality, SettingsVersion,
    Ticket, UnitsFrom, Version, VrfOutput, limits,
};
use gateway_chain::testing::FakeChain;
use gateway_chain::{
    Account, Answer, BlockEvents, BroadcastResult, Broadcaster, ChainError, ChainReader, MinimumPrice,
    RawEvent, Result, Status, TxFound,
};
use tokio::sync::watch;

pub(super) const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

/// The seed of the epoch, which is the second.
pub(super) const EPOCH_SEED: Seed = Seed([4; 32]);

/// A round that draws by tickets, its seed, and one that does not.
pub(super) const BEACON_ROUND: Round = Round(70);
pub(super) const ROUND_SEED: Seed = Seed([7; 32]);
pub(super) const PLAIN_ROUND: Round = Round(71);

/// The chain; blocks are made by [`TestChain::block_now`].
pub(super) struct TestChain {
    pub(super) inner: FakeChain,
    own: String,
    contract: Mutex<Contract>,
    /// The highest block that was read.
    read: watch::Sender<u64>,
}

#[derive(Default)]
struct Contract {
    blocks: BTreeMap<u64, BlockEvents>,
    requests: BTreeMap<u64, RequestResponse>,
    results: BTreeMap<u64, ResultResponse>,
    round: u64,
    /// Publications to refuse before one is accepted.
    refusals: u32,
    publications: Vec<Publication>,
    inputs: Vec<String>,
    overrides: Vec<Option<Overrides>>,
    /// Messages that the contract has no part for here.
    others: Vec<ExecuteMsg>,
    lowest: Option<Ticket>,
    away: bool,
    /// Blocks below are pruned.
    earliest: u64,
    /// Blocks below are not answered for now.
    held_below: u64,
    /// Heights of blocks that were read, in their order.
    reads: Vec<u64>,
}

fn raw(event: impl Into<cosmwasm_std::Event>) -> RawEvent {
    let event = event.into();
    let mut attributes = vec![("_contract_address".to_owned(), CONTRACT.to_owned())];
    attributes.extend(event.attributes.into_iter().map(|a| (a.key, a.value)));
    RawEvent { ty: format!("wasm-{}", event.ty), attributes }
}

impl Contract {
    fn open(&mut self, requester: &str, height: u64) -> RawEvent {
        let id = self.requests.len() as u64 + 1;
        let request = RequestResponse {
            request: RequestId(id),
            project: ProjectId(1),
            version: Version(1),
            code: CodeRef { sha256: CodeHash([1; 32]), size: 3, sources: vec![CodeSource::Store {}] },
            policy: Policy { max_result_bytes: limits::MAX_RESULT_BYTES, ..Policy::default() },
            requester: requester.to_owned(),
            input: Some("[1,2]".into()),
            input_hash: InputHash([2; 32]),
            callback_gas: None,
            height,
            deadline: height + 10_000,
            reserved: 5u128.into(),
            settings_version: SettingsVersion(1),
            max_inline_bytes: 4096,
            status: RequestStatus::Waiting,
            draw: None,
        };
        self.requests.insert(id, request.clone());
        raw(RequestOpened {
            request: request.request,
            project: request.project,
            version: request.version,
            requester: request.requester,
            input_hash: request.input_hash,
            deadline: request.deadline,
            reserved: request.reserved,
        })
    }

    /// Draws what waits, as a tick of somebody else would.
    fn tick(&mut self, height: u64) -> Option<RawEvent> {
        let waiting: Vec<u64> = self
            .requests
            .values()
            .filter(|r| r.status == RequestStatus::Waiting && r.height < height)
            .map(|r| r.request.0)
            .collect();
        if waiting.is_empty() {
            return None;
        }
        self.round += 1;
        let (round, seed) = (Round(self.round), Seed([self.round as u8; 32]));
        for request in self.requests.values_mut().filter(|r| waiting.contains(&r.request.0)) {
            request.status = RequestStatus::Drawn;
            request.draw = Some(DrawInfo {
                round,
                seed,
                height,
                time_ns: height,
                epoch: Epoch(2),
                total_units: 5,
                attempt: Attempt(0),
                attempt_blocks: 1000,
                engine: None,
            });
        }
        Some(raw(RoundOpened { round, seed, epoch: Epoch(2), height, beacon: false }))
    }

    fn publish(&mut self, publication: Publication, height: u64) -> Option<RawEvent> {
        let id = publication.request;
        self.publications.push(publication.clone());
        let request = self.requests.get_mut(&id.0)?;
        if request.status != RequestStatus::Drawn {
            return Some(raw(PublicationRefused { request: id, reason: "closed".into() }));
        }
        if self.refusals > 0 {
            self.refusals -= 1;
            return Some(raw(PublicationRefused { request: id, reason: "inactive_node".into() }));
        }
        request.status = RequestStatus::Fulfilled;
        let seats = publication.attestations.len() as u32;
        let result = ResultResponse {
            request: id,
            project: request.project,
            version: request.version,
            draw: request.policy.draw,
            fallback: false,
            class: publication.class,
            body: publication.body,
            engine: publication.engine,
            round: Round(self.round),
            attempt: publication.attempt.0,
            agreed: publication
                .attestations
                .iter()
                .map(|attestation| AgreedNode { node: attestation.node, seats: 1 })
                .collect(),
            seats,
            quorum_seats: 3,
            publisher: "archway1relay".into(),
            height,
            callback: CallbackStatus::None {},
        };
        let digest = match &result.body {
            Body::Inline { text } => gateway_protocol::body_digest(text).sha256,
            Body::Hashed { sha256, .. } => *sha256,
        };
        let event = RequestFulfilled {
            request: id,
            project: result.project,
            version: result.version,
            draw: result.draw,
            class: result.class,
            body: digest,
            engine: result.engine,
            publisher: result.publisher.clone(),
            round: result.round,
            attempt: publication.attempt,
            seats,
            quorum_seats: 3,
            returned: 0u128.into(),
        };
        self.results.insert(id.0, result);
        Some(raw(event))
    }

    fn execute(&mut self, sender: &str, msg: ExecuteMsg, height: u64) -> Vec<RawEvent> {
        match msg {
            ExecuteMsg::Request(NewRequest { input, overrides, .. }) => {
                self.inputs.push(input);
                self.overrides.push(overrides);
                vec![self.open(sender, height)]
            }
            ExecuteMsg::Publish { publications } => {
                publications.into_iter().filter_map(|p| self.publish(p, height)).collect()
            }
            other => {
                self.others.push(other);
                Vec::new()
            }
        }
    }
}

pub(super) fn node(n: u8) -> NodeResponse {
    NodeResponse {
        node: NodeId(n.into()),
        operator: format!("archway1op{n}"),
        keys: vec![KeyFrom { epoch: Epoch(0), key: super::secret(n).public() }],
        engine: EngineId([3; 32]),
        moniker: Moniker::new("n").expect("moniker"),
        endpoint: Endpoint::new("").expect("endpoint"),
        stake: 1u128.into(),
        schedule: vec![UnitsFrom { epoch: Epoch(2), units: 1 }],
        jailed_until: None,
        unbonding: Vec::new(),
        engines: Vec::new(),
    }
}

impl TestChain {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: FakeChain::new(),
            own: super::account(),
            contract: Mutex::default(),
            read: watch::Sender::default(),
        })
    }

    fn contract(&self) -> MutexGuard<'_, Contract> {
        self.contract.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A user opens a request in a block of its own.
    pub(super) async fn user_request(&self) -> RequestId {
        let event = {
            let mut contract = self.contract();
            let height = contract.blocks.last_key_value().map_or(1, |(height, _)| *height) + 1;
            contract.open("archway1user", height)
        };
        let id = event.attribute("request").and_then(|id| id.parse().ok()).map(RequestId).expect("id");
        self.block_with(vec![event]).await;
        id
    }

    /// Somebody ends a request without a result, in a block of its own.
    pub(super) async fn expire(&self, request: RequestId) {
        if let Some(seen) = self.contract().requests.get_mut(&request.0) {
            seen.status = RequestStatus::Expired;
        }
        let event = RequestExpired { request, project: ProjectId(1), returned: 5u128.into() };
        self.block_with(vec![raw(event)]).await;
    }

    /// Forgets the blocks below `height`.
    pub(super) fn prune_below(&self, height: u64) {
        self.contract().earliest = height;
    }

    /// Leaves questions for blocks below `height` unanswered; 0 answers them again.
    pub(super) fn hold_below(&self, height: u64) {
        self.contract().held_below = height;
    }

    /// Heights of blocks that were read since this was last asked.
    pub(super) fn reads(&self) -> Vec<u64> {
        std::mem::take(&mut self.contract().reads)
    }

    /// The highest block that was read.
    pub(super) fn newest_read(&self) -> watch::Receiver<u64> {
        self.read.subscribe()
    }

    pub(super) fn refuse(&self, refusals: u32) {
        self.contract().refusals = refusals;
    }

    pub(super) fn request(&self, id: RequestId) -> RequestResponse {
        self.contract().requests[&id.0].clone()
    }

    /// Whether questions to the contract go unanswered.
    pub(super) fn set_away(&self, away: bool) {
        self.contract().away = away;
    }

    /// The inputs of the relay's own requests.
    pub(super) fn inputs(&self) -> Vec<String> {
        self.contract().inputs.clone()
    }

    /// What the relay's own requests asked for beyond their projects' policies.
    pub(super) fn overrides(&self) -> Vec<Option<Overrides>> {
        self.contract().overrides.clone()
    }

    pub(super) fn publications(&self) -> Vec<Publication> {
        self.contract().publications.clone()
    }

    /// Messages other than requests and publications.
    pub(super) fn others(&self) -> Vec<ExecuteMsg> {
        self.contract().others.clone()
    }

    /// Somebody shows a ticket that nobody undercuts.
    pub(super) fn show_lowest_ticket(&self) {
        let (output, value) = (VrfOutput([1; 32]), Seed([0; 32]));
        self.contract().lowest = Some(Ticket { node: NodeId(9), output, value });
    }

    /// Makes a block of what is in the pool.
    pub(super) async fn block_now(&self) -> u64 {
        self.block_with(Vec::new()).await
    }

    async fn block_with(&self, block_events: Vec<RawEvent>) -> u64 {
        let height = self.inner.commit();
        let mut block = loop {
            if let Ok(block) = self.inner.block(height).await {
                break block;
            }
        };
        let mut contract = self.contract();
        block.block_events = block_events;
        block.block_events.extend(contract.tick(height));
        for tx in &mut block.txs {
            let msgs: Vec<ExecuteMsg> = tx
                .events
                .iter()
                .filter_map(|event| event.attribute("msg"))
                .filter_map(|msg| serde_json::from_str(msg).ok())
                .collect();
            tx.events = msgs.into_iter().flat_map(|msg| contract.execute(&self.own, msg, height)).collect();
        }
        contract.blocks.insert(height, block);
        height
    }

    fn answer(&self, query: QueryMsg) -> Option<Vec<u8>> {
        let contract = self.contract();
        let json = |value: serde_json::Result<Vec<u8>>| value.ok();
        match query {
            QueryMsg::Request { request } => json(serde_json::to_vec(contract.requests.get(&request.0)?)),
            QueryMsg::Result { request } => json(serde_json::to_vec(contract.results.get(&request.0)?)),
            QueryMsg::OpenRequests { start_after, limit } => {
                let after = start_after.map_or(0, |id| id.0);
                let open = |r: &&RequestResponse| {
                    matches!(r.status, RequestStatus::Waiting | RequestStatus::Drawn) && r.request.0 > after
                };
                let requests = contract.requests.values().filter(open).take(limit.unwrap_or(30) as usize);
                let open = requests.map(|r| OpenRequest {
                    request: r.request,
                    project: r.project,
                    deadline: r.deadline,
                    draw: r.draw.clone(),
                });
                json(serde_json::to_vec(&OpenRequestsResponse { requests: open.collect() }))
            }
            QueryMsg::Requests { requests } => {
                let known = requests.iter().filter_map(|id| contract.requests.get(&id.0)).cloned();
                json(serde_json::to_vec(&RequestsResponse { requests: known.collect() }))
            }
            QueryMsg::Round { round: round @ (BEACON_ROUND | PLAIN_ROUND) } => {
                let beacon = RoundBeacon { lowest: Vec::new(), needed: 5, drawn_from: None, fallback: true };
                json(serde_json::to_vec(&RoundResponse {
                    round,
                    seed: ROUND_SEED,
                    height: 1,
                    time_ns: 1,
                    epoch: Epoch(2),
                    beacon: (round == BEACON_ROUND).then_some(beacon),
                }))
            }
            QueryMsg::Nodes { start_after, .. } => {
                let after = start_after.map_or(0, |id| id.0);
                let nodes = (1..=5u8).map(node).filter(|node| node.node.0 > after).collect();
                json(serde_json::to_vec(&NodesResponse { nodes }))
            }
            QueryMsg::Node { node: id } if (1..=5).contains(&id.0) => {
                json(serde_json::to_vec(&node(id.0 as u8)))
            }
            QueryMsg::Projects { .. } => json(serde_json::to_vec(&ProjectsResponse { projects: Vec::new() })),
            QueryMsg::EstimateFee { project: ProjectId(1), .. } => json(serde_json::to_vec(&FeeResponse {
                denom: "aarch".into(),
                total: 100u128.into(),
                committee: 80u128.into(),
                relay: 20u128.into(),
                project: 0u128.into(),
                keepers: 0u128.into(),
            })),
            QueryMsg::Beacon {} => json(serde_json::to_vec(&BeaconResponse {
                epoch: Epoch(2),
                seed: EPOCH_SEED,
                lowest: contract.lowest.clone(),
                quality: SeedQuality::Low,
            })),
            QueryMsg::CheckPublication { .. } => {
                json(serde_json::to_vec(&PublicationVerdict::Accepted { seats: 3, operators: 3 }))
            }
            _ => None,
        }
    }
}

#[async_trait]
impl ChainReader for TestChain {
    async fn status(&self) -> Result<Status> {
        self.inner.status().await
    }

    async fn block(&self, height: u64) -> Result<BlockEvents> {
        let known = {
            let mut contract = self.contract();
            contract.reads.push(height);
            if height < contract.earliest {
                return Err(ChainError::Pruned { height, earliest: contract.earliest });
            }
            if height < contract.held_below {
                return Err(ChainError::Transport { what: "block".into(), reason: "held".into() });
            }
            contract.blocks.get(&height).cloned()
        };
        if known.is_some() {
            self.read.send_if_modified(|read| height > std::mem::replace(read, height.max(*read)));
        }
        match known {
            Some(block) => Ok(block),
            // Height 1 is made by the chain itself; a newer one is not finished yet.
            None if height > 1 => Err(ChainError::NotYet { height }),
            None => self.inner.block(height).await,
        }
    }

    async fn smart_query(&self, _contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>> {
        let unknown = || ChainError::Query {
            path: "smart".into(),
            code: 9,
            codespace: "wasm".into(),
            log: "not found".into(),
        };
        if self.contract().away {
            return Err(ChainError::Transport { what: "smart query".into(), reason: "away".into() });
        }
        let query = serde_json::from_slice(&msg).map_err(|_| unknown())?;
        let value = self.answer(query).ok_or_else(unknown)?;
        self.inner.smart_query("", value, least).await
    }

    async fn account(&self, address: &str, least: u64) -> Result<Answer<Account>> {
        self.inner.account(address, least).await
    }

    async fn balance(&self, address: &str, denom: &str) -> Result<u128> {
        self.inner.balance(address, denom).await
    }

    async fn minimum_price(&self, _denom: &str, _contract: &str) -> Result<Option<MinimumPrice>> {
        Ok(None)
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>> {
        self.inner.tx(hash).await
    }
}

#[async_trait]
impl Broadcaster for TestChain {
    async fn simulate(&self, tx: &[u8]) -> Result<u64> {
        self.inner.simulate(tx).await
    }

    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult> {
        self.inner.broadcast(tx).await
    }
}
