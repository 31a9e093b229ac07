//! A chain in memory whose contract has a counter that ticks and one request that is overdue.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use gateway_api::{
    ConfigResponse, CounterResponse, Epoch, ExecuteMsg, NodeResponse, QueryMsg, RequestId, Round,
    RoundResponse, Seed, Settings, SettingsVersion,
};
use gateway_chain::testing::FakeChain;
use gateway_chain::{
    Account, Answer, BlockEvents, BroadcastResult, Broadcaster, ChainError, ChainReader, MinimumPrice,
    Result, Status, TxFound,
};

pub(super) struct TestChain {
    pub(super) inner: FakeChain,
    state: Mutex<State>,
}

struct State {
    counter: CounterResponse,
    questions: u32,
    away: bool,
    seen: usize,
    node: Option<NodeResponse>,
}

impl TestChain {
    pub(super) fn new() -> Arc<Self> {
        let counter = CounterResponse {
            round: Round(0),
            round_height: 1,
            epoch: Epoch(0),
            epoch_height: 1,
            total_units: 5,
            request_waiting: false,
            tick_due: false,
            next_deadline: None,
            due_callback: None,
            next_firing: None,
        };
        let state = State { counter, questions: 0, away: false, seen: 0, node: None };
        Arc::new(Self { inner: FakeChain::new(), state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a tick due, and a request overdue.
    pub(super) fn set_due(&self) {
        let mut state = self.state();
        state.counter.tick_due = true;
        state.counter.next_deadline = Some(0);
    }

    /// The one node that is registered.
    pub(super) fn set_node(&self, node: NodeResponse) {
        self.state().node = Some(node);
    }

    /// Whether questions to the contract go unanswered.
    pub(super) fn set_away(&self, away: bool) {
        self.state().away = away;
    }

    /// Questions about settings asked so far.
    pub(super) fn questions(&self) -> u32 {
        self.state().questions
    }

    /// The messages executed so far.
    pub(super) fn executed(&self) -> Vec<ExecuteMsg> {
        self.inner.executed().iter().map(|msg| serde_json::from_slice(msg).expect("a message")).collect()
    }

    /// Makes a block of what is in the pool.
    pub(super) fn block_now(&self) -> u64 {
        let height = self.inner.commit();
        let executed = self.executed();
        let mut state = self.state();
        let done = state.seen;
        for msg in executed.iter().skip(done) {
            match msg {
                ExecuteMsg::Tick {} => {
                    state.counter.round = state.counter.round.next();
                    state.counter.tick_due = false;
                }
                ExecuteMsg::Expire { .. } => {
                    state.counter.next_deadline = None;
                    state.counter.due_callback = Some(RequestId(7));
                }
                ExecuteMsg::DeliverCallback { request: RequestId(7), .. } => {
                    state.counter.due_callback = None;
                }
                other => panic!("unexpected {other:?}"),
            }
        }
        state.seen = executed.len();
        height
    }

    fn answer(&self, query: &QueryMsg) -> Option<Vec<u8>> {
        let mut state = self.state();
        match query {
            QueryMsg::Counter {} => serde_json::to_vec(&state.counter).ok(),
            QueryMsg::Config {} => {
                state.questions += 1;
                let config = ConfigResponse {
                    admin: "archway1admin".into(),
                    release: "0.1.0".into(),
                    settings: Settings::default(),
                    settings_version: SettingsVersion(1),
                };
                serde_json::to_vec(&config).ok()
            }
            QueryMsg::Node { node } => {
                let known = state.node.as_ref().filter(|known| known.node == *node)?;
                serde_json::to_vec(known).ok()
            }
            QueryMsg::Round { round } if *round == Round(0) => {
                let answer = RoundResponse {
                    round: *round,
                    seed: Seed([1; 32]),
                    height: 1,
                    time_ns: 1,
                    epoch: Epoch(0),
                    beacon: None,
                };
                serde_json::to_vec(&answer).ok()
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
        self.inner.block(height).await
    }

    async fn smart_query(&self, _contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>> {
        let unknown = || ChainError::Query {
            path: "smart".into(),
            code: 9,
            codespace: "wasm".into(),
            log: "not found".into(),
        };
        // Others get their turn while a question is on its way.
        tokio::task::yield_now().await;
        if self.state().away {
            return Err(ChainError::Transport { what: "smart query".into(), reason: "away".into() });
        }
        let query = serde_json::from_slice(&msg).map_err(|_| unknown())?;
        let value = self.answer(&query).ok_or_else(unknown)?;
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
