//! Transactions that wait for a block. Each was checked on top of those before it, so several of one account may wait together.
//! Executes no messages.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use thiserror::Error;

use crate::error::{ExecError, code};
use crate::faults::Faults;
use crate::gas::Meter;
use crate::modules::{BlockEnv, Chain, Ctx};
use crate::state::{Layers, Snapshot, lock};
use crate::tx::ante::wrong_sequence;
use crate::tx::decode::tx_hash;

/// How many hashes are remembered to recognise duplicates.
const REMEMBERED: usize = 10_000;

/// Why a transaction was not even checked; an RPC error, not a result.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum MempoolError {
    #[error("tx already exists in cache")]
    InCache,
    #[error("mempool is full: number of txs {0} (max: {1})")]
    Full(usize, usize),
    #[error("Tx too large. Max size is {max}, but got {got}")]
    TooLarge { max: usize, got: usize },
}

/// The outcome of a check.
pub(crate) struct Checked {
    pub(crate) hash: [u8; 32],
    pub(crate) result: Result<u64, ExecError>,
}

struct Pending {
    hash: [u8; 32],
    bytes: Arc<[u8]>,
    gas: u64,
}

struct Inner {
    /// State after the checks of everything pending.
    ctx: Ctx,
    pending: VecDeque<Pending>,
    remembered: HashSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

/// The mempool. Locked during one check, or while rechecking what a block left over.
pub(crate) struct Mempool {
    chain: Arc<Chain>,
    faults: Arc<Faults>,
    inner: Mutex<Inner>,
}

impl Mempool {
    /// Creates an empty mempool on top of a committed state.
    pub(crate) fn new(chain: Arc<Chain>, faults: Arc<Faults>, snapshot: Arc<Snapshot>) -> Self {
        let ctx = check_ctx(&chain, snapshot);
        let inner =
            Inner { ctx, pending: VecDeque::new(), remembered: HashSet::new(), order: VecDeque::new() };
        Self { chain, faults, inner: Mutex::new(inner) }
    }

    /// Checks a transaction and, if it passes, keeps it for a block.
    pub(crate) fn add(&self, bytes: &[u8]) -> Result<Checked, MempoolError> {
        let config = &self.chain.config;
        let (max, got) = (config.max_tx_bytes, bytes.len());
        if got > max {
            return Err(MempoolError::TooLarge { max, got });
        }
        let hash = tx_hash(bytes);
        let mut inner = lock(&self.inner);
        let waiting = inner.pending.len();
        if self.faults.take_refused_broadcast() || waiting >= config.max_pending_txs {
            return Err(MempoolError::Full(waiting, config.max_pending_txs));
        }
        if inner.remembered.contains(&hash) {
            return Err(MempoolError::InCache);
        }
        if self.faults.take_wrong_sequence() {
            let error = ExecError::sdk(code::WRONG_SEQUENCE, wrong_sequence(0, 1));
            return Ok(Checked { hash, result: Err(error) });
        }
        let result = crate::tx::check(&inner.ctx, bytes);
        if let Ok(gas) = result {
            inner.pending.push_back(Pending { hash, bytes: bytes.into(), gas });
            inner.remember(hash);
        }
        Ok(Checked { hash, result })
    }

    /// Returns the transactions for the next block, oldest first, as many as its gas allows. They stay here until `settle`.
    pub(crate) fn reap(&self) -> Vec<Arc<[u8]>> {
        let mut left = self.chain.config.max_block_gas;
        let inner = lock(&self.inner);
        let mut txs = Vec::new();
        for pending in &inner.pending {
            match left.checked_sub(pending.gas) {
                Some(rest) => left = rest,
                None => break,
            }
            txs.push(Arc::clone(&pending.bytes));
        }
        txs
    }

    /// Removes a block's transactions and rechecks the rest on top of it. `publish` runs before anything can be checked against
    /// the new state.
    pub(crate) fn settle(
        &self,
        snapshot: Arc<Snapshot>,
        included: &[([u8; 32], bool)],
        publish: impl FnOnce(),
    ) {
        let mut inner = lock(&self.inner);
        let hashes: HashSet<[u8; 32]> = included.iter().map(|(hash, _)| *hash).collect();
        for (hash, ok) in included {
            if *ok { inner.remember(*hash) } else { inner.forget(hash) }
        }
        inner.ctx = check_ctx(&self.chain, snapshot);
        for pending in std::mem::take(&mut inner.pending) {
            if hashes.contains(&pending.hash) {
                continue;
            }
            match crate::tx::check(&inner.ctx, &pending.bytes) {
                Ok(_) => inner.pending.push_back(pending),
                Err(_) => inner.forget(&pending.hash),
            }
        }
        publish();
    }

    /// Returns the state for the next check: the committed state plus the fees and sequences of pending transactions.
    pub(crate) fn check_layers(&self) -> Layers {
        let inner = lock(&self.inner);
        let mut state = inner.ctx.state();
        state.layers().clone()
    }

    /// Returns how many transactions wait, and their bytes.
    pub(crate) fn size(&self) -> (usize, usize) {
        let inner = lock(&self.inner);
        (inner.pending.len(), inner.pending.iter().map(|p| p.bytes.len()).sum())
    }
}

impl Inner {
    fn remember(&mut self, hash: [u8; 32]) {
        if self.remembered.insert(hash) {
            self.order.push_back(hash);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.remembered.remove(&oldest);
        }
    }

    fn forget(&mut self, hash: &[u8; 32]) {
        if self.remembered.remove(hash) {
            self.order.retain(|kept| kept != hash);
        }
    }
}

fn check_ctx(chain: &Arc<Chain>, snapshot: Arc<Snapshot>) -> Ctx {
    let block = BlockEnv::of(&snapshot.tip);
    Ctx::new(Arc::clone(chain), Layers::new(snapshot), Meter::unlimited(), block)
}
