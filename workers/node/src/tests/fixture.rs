//! A contract in memory, a VM that answers as told, and a relay that keeps what it is sent.

use crate::context::{Context, News, Ready};
use crate::executor::Executor;
use crate::membership::Membership;
use crate::run::spawn;
use async_trait::async_trait;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router, routing::post};
use cosmwasm_std::{Event, Uint128};
use gateway_api::events::{RequestFulfilled, RequestOpened, RoundOpened};
use gateway_api::{
    Attempt, CodeRef, CodeSource, DrawInfo, EngineId, EngineProfile, Epoch, NodeId, NodeResponse,
    NodesResponse, OutcomeClass, Policy, ProjectId, QueryMsg, RequestId, RequestResponse, RequestStatus,
    RequestsResponse, Round, Seed, SettingsVersion, SignedOutcome, UnitsFrom, Version,
};
use gateway_chain::error::Result;
use gateway_chain::follower::Bell;
use gateway_chain::{
    Account, BlockEvents, BroadcastResult, ChainError, ChainReader, Doorbell, GatewayQuery, RawEvent, Status,
    TxFound,
};
use gateway_engine::{Abstention, CodeLoader, CodeLoaderConfig, Job, Run, RunError, Usage};
use gateway_kit::health::Health;
use gateway_kit::{CancellationToken, TaskGroup};
use gateway_proof::{SecretKey, code_hash, input_hash};
use gateway_store::{JobRow, JobState, Store};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

pub(super) const CHAIN_ID: &str = "dev-1";
pub(super) const CONTRACT: &str = "archway1gateway";
pub(super) const NODE: NodeId = NodeId(3);
const CODE: &str = "export default () => 42";
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn secret() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).unwrap()
}

/// The contract and its chain.
pub(super) struct Chain {
    state: Mutex<ChainState>,
    bell: Bell,
}

#[derive(Default)]
struct ChainState {
    blocks: BTreeMap<u64, BlockEvents>,
    requests: BTreeMap<u64, RequestResponse>,
    node: Option<NodeResponse>,
    pending: Vec<RawEvent>,
    faults: u32,
}

impl ChainState {
    fn height(&self) -> u64 {
        self.blocks.last_key_value().map_or(0, |(height, _)| *height)
    }

    fn emit(&mut self, event: Event) {
        let mut attributes = vec![("_contract_address".to_owned(), CONTRACT.to_owned())];
        attributes.extend(event.attributes.into_iter().map(|a| (a.key, a.value)));
        self.pending.push(RawEvent { ty: format!("wasm-{}", event.ty), attributes });
    }
}

impl Chain {
    fn new() -> (Arc<Self>, Doorbell) {
        let (bell, doorbell) = Doorbell::manual();
        let node = NodeResponse {
            node: NODE,
            operator: "archway1operator".to_owned(),
            key: secret().public(),
            engine: EngineId([0; 32]),
            moniker: "test".parse().unwrap(),
            endpoint: "".parse().unwrap(),
            stake: Uint128::new(1),
            schedule: vec![UnitsFrom { epoch: Epoch(2), units: 8 }],
        };
        let state = ChainState { node: Some(node), ..ChainState::default() };
        let chain = Arc::new(Self { state: Mutex::new(state), bell });
        chain.commit();
        (chain, doorbell)
    }

    /// Opens a request under this policy; the next round draws it.
    pub(super) fn open(&self, id: u64, policy: Policy) {
        let mut state = self.state.lock().unwrap();
        let request = RequestResponse {
            request: RequestId(id),
            project: ProjectId(1),
            version: Version(1),
            code: CodeRef {
                sha256: code_hash(CODE.as_bytes()),
                size: CODE.len() as u32,
                sources: vec![CodeSource::Store {}],
            },
            policy,
            requester: "archway1somebody".to_owned(),
            input: Some("{}".to_owned()),
            input_hash: input_hash("{}"),
            callback_gas: None,
            height: state.height() + 1,
            deadline: state.height() + 101,
            reserved: Uint128::new(5),
            settings_version: SettingsVersion(1),
            status: RequestStatus::Waiting,
            draw: None,
        };
        state.emit(
            RequestOpened {
                request: request.request,
                project: request.project,
                version: request.version,
                requester: request.requester.clone(),
                input_hash: request.input_hash,
                deadline: request.deadline,
                reserved: request.reserved,
            }
            .into(),
        );
        state.requests.insert(id, request);
    }

    /// Opens a round that draws all waiting requests, among so many units; an attempt lasts three blocks.
    pub(super) fn draw(&self, seed: Seed, total_units: u64) {
        let mut state = self.state.lock().unwrap();
        let height = state.height() + 1;
        for request in state.requests.values_mut().filter(|r| r.status == RequestStatus::Waiting) {
            request.status = RequestStatus::Drawn;
            request.draw = Some(DrawInfo {
                round: Round(1),
                seed,
                height,
                time_ns: 1_700_000_000_000_000_000,
                epoch: Epoch(2),
                total_units,
                attempt: Attempt(0),
                attempt_blocks: 3,
            });
        }
        state.emit(RoundOpened { round: Round(1), seed, epoch: Epoch(2), height }.into());
    }

    /// Another committee's result ends a request.
    pub(super) fn fulfil(&self, id: u64) {
        let mut state = self.state.lock().unwrap();
        let request = state.requests.get_mut(&id).unwrap();
        request.status = RequestStatus::Fulfilled;
        request.input = None;
        state.emit(
            RequestFulfilled {
                request: RequestId(id),
                project: ProjectId(1),
                class: OutcomeClass::Ok,
                round: Round(1),
                attempt: Attempt(0),
                seats: 13,
                bar: 13,
                returned: Uint128::zero(),
            }
            .into(),
        );
    }

    /// Makes a block of what happened since the last one.
    pub(super) fn commit(&self) -> u64 {
        let mut state = self.state.lock().unwrap();
        let height = state.height() + 1;
        let block_events = std::mem::take(&mut state.pending);
        state.blocks.insert(height, BlockEvents { height, time_ns: height, txs: Vec::new(), block_events });
        drop(state);
        self.bell.ring(height);
        height
    }

    /// The chain no longer knows blocks below a height.
    pub(super) fn prune_below(&self, height: u64) {
        let mut state = self.state.lock().unwrap();
        state.blocks = state.blocks.split_off(&height);
    }

    /// The next so many queries fail.
    pub(super) fn fail_queries(&self, count: u32) {
        self.state.lock().unwrap().faults = count;
    }

    pub(super) fn unregister(&self) {
        self.state.lock().unwrap().node = None;
    }

    pub(super) fn request(&self, id: u64) -> RequestResponse {
        self.state.lock().unwrap().requests[&id].clone()
    }
}

fn unsupported<T>(what: &str) -> Result<T> {
    Err(ChainError::Invalid { what: what.to_owned(), reason: "a node has no use for it".to_owned() })
}

#[async_trait]
impl ChainReader for Chain {
    async fn status(&self) -> Result<Status> {
        let state = self.state.lock().unwrap();
        let earliest = state.blocks.first_key_value().map_or(1, |(height, _)| *height);
        let (height, chain_id) = (state.height(), CHAIN_ID.to_owned());
        Ok(Status { height, time_ns: height, chain_id, catching_up: false, earliest })
    }

    async fn block(&self, height: u64) -> Result<BlockEvents> {
        let state = self.state.lock().unwrap();
        let earliest = state.blocks.first_key_value().map_or(1, |(height, _)| *height);
        match state.blocks.get(&height) {
            Some(block) => Ok(block.clone()),
            None if height < earliest => Err(ChainError::Pruned { height, earliest }),
            None => Err(ChainError::NotYet { height }),
        }
    }

    async fn smart_query(&self, contract: &str, msg: Vec<u8>) -> Result<Vec<u8>> {
        assert_eq!(contract, CONTRACT);
        let mut state = self.state.lock().unwrap();
        if state.faults > 0 {
            state.faults -= 1;
            return Err(ChainError::Timeout { what: "query".to_owned(), after: Duration::from_secs(1) });
        }
        let open = |request: &&RequestResponse| {
            matches!(request.status, RequestStatus::Waiting | RequestStatus::Drawn)
        };
        let answer = match serde_json::from_slice(&msg).unwrap() {
            QueryMsg::NodeByKey { key } => match state.node.as_ref().filter(|node| node.key == key) {
                Some(node) => serde_json::to_vec(node),
                None => {
                    return Err(ChainError::Query {
                        path: "smart".to_owned(),
                        code: 22,
                        codespace: "wasm".to_owned(),
                        log: "no node has this key".to_owned(),
                    });
                }
            },
            QueryMsg::Nodes { start_after, .. } => {
                let nodes = state.node.iter().filter(|node| start_after < Some(node.node)).cloned().collect();
                serde_json::to_vec(&NodesResponse { nodes })
            }
            QueryMsg::OpenRequests { start_after, .. } => {
                let after = start_after.map_or(0, RequestId::get);
                // Pages of two, so that every test pages.
                let later = state.requests.range(after + 1..).map(|(_, request)| request);
                let requests = later.filter(open).take(2).cloned().collect();
                serde_json::to_vec(&RequestsResponse { requests })
            }
            other => return unsupported(&format!("{other:?}")),
        };
        Ok(answer.unwrap())
    }

    async fn account(&self, _: &str) -> Result<Account> {
        unsupported("account")
    }

    async fn balance(&self, _: &str, _: &str) -> Result<u128> {
        unsupported("balance")
    }

    async fn simulate(&self, _: &[u8]) -> Result<u64> {
        unsupported("simulate")
    }

    async fn broadcast(&self, _: &[u8]) -> Result<BroadcastResult> {
        unsupported("broadcast")
    }

    async fn tx(&self, _: &str) -> Result<Option<TxFound>> {
        unsupported("tx")
    }
}

/// What the VM answers.
#[derive(Clone)]
pub(super) enum Answer {
    Value(&'static str),
    Abstain(Abstention),
}

/// A VM that answers as told, once it may.
pub(super) struct Vm {
    pub(super) jobs: Mutex<Vec<Job>>,
    answers: Mutex<VecDeque<Answer>>,
    /// A run takes a permit and keeps it.
    pub(super) permits: Semaphore,
    pub(super) begun: watch::Sender<usize>,
}

impl Vm {
    pub(super) fn new(answers: impl IntoIterator<Item = Answer>, permits: usize) -> Arc<Self> {
        Arc::new(Self {
            jobs: Mutex::default(),
            answers: Mutex::new(answers.into_iter().collect()),
            permits: Semaphore::new(permits),
            begun: watch::Sender::new(0),
        })
    }

    pub(super) fn runs(&self) -> usize {
        self.jobs.lock().unwrap().len()
    }
}

#[async_trait]
impl Executor for Vm {
    fn engine_id(&self, _: EngineProfile) -> EngineId {
        EngineId([5; 32])
    }

    async fn run(&self, job: Job) -> std::result::Result<Run, RunError> {
        self.jobs.lock().unwrap().push(job);
        self.begun.send_modify(|runs| *runs += 1);
        self.permits.acquire().await.unwrap().forget();
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Answer::Value("42"));
        match answer {
            Answer::Value(body) => Ok(Run {
                class: gateway_engine::OutcomeClass::Ok,
                body: body.to_owned(),
                logs: Vec::new(),
                detail: None,
                usage: Usage::default(),
            }),
            Answer::Abstain(reason) => Err(RunError::Abstain {
                reason,
                text: "a limit was met".to_owned(),
                site: None,
                usage: Box::default(),
            }),
        }
    }
}

/// A relay on loopback.
pub(super) struct Relay {
    pub(super) url: String,
    kept: Arc<Kept>,
    server: JoinHandle<()>,
}

struct Kept {
    calls: watch::Sender<Vec<SignedOutcome>>,
    refusals: Mutex<u32>,
}

impl Relay {
    /// A relay that refuses the first `refusals` calls.
    pub(super) async fn start(refusals: u32) -> Self {
        let kept = Arc::new(Kept { calls: watch::Sender::default(), refusals: Mutex::new(refusals) });
        let router = Router::new().route("/v1/attestations", post(take)).with_state(kept.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, kept, server }
    }

    /// Waits until there were `count` calls and returns them.
    pub(super) async fn calls(&self, count: usize) -> Vec<SignedOutcome> {
        let mut calls = self.kept.calls.subscribe();
        let waited = tokio::time::timeout(PATIENCE, calls.wait_for(|calls| calls.len() >= count)).await;
        waited.expect("the relay was called in time").unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.kept.calls.borrow().len()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(
    State(kept): State<Arc<Kept>>,
    Json(message): Json<SignedOutcome>,
) -> (StatusCode, &'static str) {
    kept.calls.send_modify(|calls| calls.push(message));
    let mut refusals = kept.refusals.lock().unwrap();
    if *refusals > 0 {
        *refusals -= 1;
        return (StatusCode::SERVICE_UNAVAILABLE, "later");
    }
    (StatusCode::ACCEPTED, "{}")
}

/// What outlives a node: its chain and its files.
pub(super) struct World {
    pub(super) chain: Arc<Chain>,
    doorbell: Doorbell,
    files: tempfile::TempDir,
}

/// A running node.
pub(super) struct Node {
    pub(super) context: Arc<Context>,
    cancel: CancellationToken,
    tasks: JoinHandle<()>,
}

impl World {
    pub(super) fn new() -> Self {
        let (chain, doorbell) = Chain::new();
        Self { chain, doorbell, files: tempfile::tempdir().unwrap() }
    }

    pub(super) async fn start(&self, vm: Arc<Vm>, relays: Vec<String>) -> Node {
        let loader = CodeLoader::new(CodeLoaderConfig::new(self.files.path().join("code"))).unwrap();
        loader.insert(CODE.as_bytes()).await.unwrap();
        let url = format!("sqlite:{}", self.files.path().join("node.db").display());
        let health = Health::new();
        let context = Arc::new(Context {
            chain_id: CHAIN_ID.to_owned(),
            query: GatewayQuery::new(self.chain.clone(), CONTRACT),
            store: Store::open(&url).await.unwrap(),
            membership: Membership::new(secret().public()),
            key: secret(),
            executor: vm,
            loader,
            relays,
            client: gateway_kit::http::client(Duration::from_secs(5)).unwrap(),
            workers: 2,
            reconcile_blocks: 1000,
            news: watch::Sender::new(News::default()),
            ready: Ready { chain: health.register("chain"), node: health.register("node") },
        });
        let cancel = CancellationToken::new();
        let mut group = TaskGroup::new(&cancel);
        spawn(&mut group, context.clone(), self.doorbell.clone(), Duration::from_millis(50));
        let tasks = tokio::spawn(async move { group.run(Duration::from_secs(10)).await.unwrap() });
        Node { context, cancel, tasks }
    }
}

impl Node {
    /// Waits until a job is in a state and returns it.
    pub(super) async fn job(&self, id: u64, state: JobState) -> JobRow {
        let mut news = self.context.news.subscribe();
        let wait = async {
            loop {
                news.borrow_and_update();
                match self.context.store.jobs().get(RequestId(id)).await.unwrap() {
                    Some(job) if job.state == state => return job,
                    _ => news.changed().await.unwrap(),
                }
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(job) => job,
            Err(_) => {
                let job = self.context.store.jobs().get(RequestId(id)).await.unwrap();
                panic!("job {id} is not {state:?} in time but {job:?}")
            }
        }
    }

    /// Waits until a height has been worked off.
    pub(super) async fn height(&self, height: u64) {
        let mut news = self.context.news.subscribe();
        let waited = tokio::time::timeout(PATIENCE, news.wait_for(|news| news.height >= height)).await;
        waited.expect("the height was reached in time").unwrap();
    }

    /// Stops the node as a signal does.
    pub(super) async fn stop(self) {
        self.cancel.cancel();
        self.tasks.await.unwrap();
        // Every task has given its share back: the files can be opened again.
        self.context.store.clone().close().await.unwrap();
    }
}
