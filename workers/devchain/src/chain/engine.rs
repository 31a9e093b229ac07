//! State shared by the chain thread and the RPC: the committed state, the mempool, the history, and announcements of blocks.

use std::sync::{Arc, Mutex};

use tokio::sync::{Semaphore, broadcast, oneshot};

use super::block::{self, Draft, NewBlock};
use super::mempool::Mempool;
use super::{genesis, validator};
use crate::address::AddressCodec;
use crate::archway;
use crate::config::DevchainConfig;
use crate::error::DevchainError;
use crate::event::Event;
use crate::faults::Faults;
use crate::gas::Meter;
use crate::modules::begin_block::begin_block;
use crate::modules::{BlockEnv, Chain, Ctx};
use crate::state::{ChainStore, Layers, Snapshot, lock};
use crate::tx;
use crate::wasm::vm::Vm;

/// How many blocks a slow subscriber may lag before it is cut off.
const NEWS: usize = 200;
/// How many queries may run contract code at once.
const QUERIES: usize = 8;
/// Stack size of a thread that runs contracts: calls between contracts nest up to 500 deep.
pub(crate) const CONTRACT_STACK: usize = 256 * 1024 * 1024;

/// The chain, without the thread that drives it.
pub(crate) struct Engine {
    pub(crate) chain: Arc<Chain>,
    pub(crate) store: ChainStore,
    pub(crate) mempool: Mempool,
    pub(crate) faults: Arc<Faults>,
    latest: Mutex<Arc<Snapshot>>,
    news: broadcast::Sender<Arc<NewBlock>>,
    queries: Semaphore,
}

impl Engine {
    /// Opens the chain in its home, with genesis written if it is new. Produces nothing yet.
    pub(crate) fn open(config: DevchainConfig) -> Result<Self, DevchainError> {
        if config.chain_id.is_empty() || config.chain_id.len() > 50 {
            return Err(DevchainError::Config("the chain id must have 1 to 50 characters".to_owned()));
        }
        validator::info()?;
        let codec =
            AddressCodec::new(&config.bech32_prefix).map_err(|e| DevchainError::Config(e.to_string()))?;
        let home = config.home.as_deref();
        if let Some(home) = home {
            std::fs::create_dir_all(home)
                .map_err(|source| DevchainError::Io { context: "making the home directory", source })?;
        }
        let store = ChainStore::open(home)?;
        genesis::ensure(&store, &config, &codec)?;
        let vm = Vm::open(home, codec.clone())?;
        let snapshot = store.snapshot()?.ok_or(DevchainError::Stopped)?;
        let chain = Arc::new(Chain { config, codec, vm });
        let faults = Arc::new(Faults::new());
        let mempool = Mempool::new(Arc::clone(&chain), Arc::clone(&faults), Arc::clone(&snapshot));
        Ok(Self {
            chain,
            store,
            mempool,
            faults,
            latest: Mutex::new(snapshot),
            news: broadcast::Sender::new(NEWS),
            queries: Semaphore::new(QUERIES),
        })
    }

    /// Returns the last committed state.
    pub(crate) fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&lock(&self.latest))
    }

    /// Subscribes to every block from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<NewBlock>> {
        self.news.subscribe()
    }

    /// Creates the context for a query of the last committed state.
    pub(crate) fn query_ctx(&self, gas: u64) -> Ctx {
        let snapshot = self.latest();
        let block = BlockEnv::of(&snapshot.tip);
        Ctx::new(Arc::clone(&self.chain), Layers::new(snapshot), Meter::new(gas), block)
    }

    /// Creates the context for an estimate: the state that the next check would see.
    pub(crate) fn simulation_ctx(&self) -> Ctx {
        let layers = self.mempool.check_layers();
        let block = BlockEnv::of(&layers.base().tip);
        let mut ctx = Ctx::new(Arc::clone(&self.chain), layers, Meter::unlimited(), block);
        ctx.tx_index = Some(0);
        ctx
    }

    /// Makes the next block from what is pending, stores it, and notifies subscribers. Called by one thread only.
    pub(crate) fn produce(&self) -> Result<u64, DevchainError> {
        let latest = self.latest();
        let tip = &latest.tip;
        let now = tendermint::Time::now();
        let earliest = tip.time + std::time::Duration::from_millis(1);
        let time = earliest.map_err(DevchainError::block)?.max(now);
        let txs = self.mempool.reap();
        let env = BlockEnv::at(tip.height + 1, time);
        let mut ctx =
            Ctx::new(Arc::clone(&self.chain), Layers::new(Arc::clone(&latest)), Meter::unlimited(), env);
        let begun = begin_block(&ctx).map_err(DevchainError::store)?;
        let mut results = Vec::with_capacity(txs.len());
        for (index, bytes) in (0u32..).zip(&txs) {
            ctx.tx_index = Some(index);
            results.push(tx::deliver(&ctx, bytes).map_err(DevchainError::store)?);
        }
        ctx.tx_index = None;
        let ended = archway::end_block(&ctx).map_err(DevchainError::store)?;
        let begun = begun.into_iter().map(|event| event.with("mode", "BeginBlock"));
        let ended = ended.into_iter().map(|event| event.with("mode", "EndBlock"));
        let events = begun.chain(ended).map(Event::into_abci).collect();
        let writes = ctx.state().layers().take_writes();
        let (committed, news) =
            block::build(tip, Draft { time, txs, results, events, writes }, self.chain.config.max_block_gas)?;
        let included: Vec<_> = committed
            .tx_hashes
            .iter()
            .zip(&news.results)
            .map(|(hash, result)| (*hash, result.code.is_ok()))
            .collect();
        let height = committed.tip.height;
        self.store.commit(committed)?;
        let snapshot = self.store.snapshot()?.ok_or(DevchainError::Stopped)?;
        let published = Arc::clone(&snapshot);
        self.mempool.settle(snapshot, &included, || *lock(&self.latest) = published);
        if !self.faults.take_swallowed_block() {
            // Having no subscribers is no error.
            let _ = self.news.send(Arc::new(news));
        }
        Ok(height)
    }

    /// Runs a query off the async runtime, on a thread with enough stack for nested contracts.
    pub(crate) async fn query<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, DevchainError> {
        let _slot = self.queries.acquire().await.map_err(|_| DevchainError::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let engine = Arc::clone(self);
        std::thread::Builder::new()
            .name("devchain-query".to_owned())
            .stack_size(CONTRACT_STACK)
            .spawn(move || reply.send(work(&engine)).is_ok())
            .map_err(|source| DevchainError::Io { context: "starting a query", source })?;
        answer.await.map_err(|_| DevchainError::Stopped)
    }
}
