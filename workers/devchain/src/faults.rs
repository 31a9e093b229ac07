//! Faults that tests of daemons inject: what networks and nodes do to their clients on a bad day.
//!
//! Only a process that holds the [`crate::Devchain`] can inject them; nothing here is reachable over HTTP.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use tokio::sync::watch;

/// The switches. Cheap to share; every method takes effect at once.
#[derive(Debug)]
pub struct Faults {
    websocket_epoch: watch::Sender<u64>,
    refuse_broadcasts: AtomicU32,
    wrong_sequences: AtomicU32,
    swallow_events: AtomicU32,
    paused: AtomicBool,
    hidden_results: AtomicU64,
    unindexed_blocks: AtomicU64,
    lowest_block: AtomicU64,
    index_off: AtomicBool,
    results_discarded: AtomicBool,
}

impl Faults {
    pub(crate) fn new() -> Self {
        Self {
            websocket_epoch: watch::Sender::new(0),
            refuse_broadcasts: AtomicU32::new(0),
            wrong_sequences: AtomicU32::new(0),
            swallow_events: AtomicU32::new(0),
            paused: AtomicBool::new(false),
            hidden_results: AtomicU64::new(0),
            unindexed_blocks: AtomicU64::new(0),
            lowest_block: AtomicU64::new(1),
            index_off: AtomicBool::new(false),
            results_discarded: AtomicBool::new(false),
        }
    }

    /// Cuts every open websocket without a closing handshake. New ones are accepted.
    pub fn drop_websockets(&self) {
        self.websocket_epoch.send_modify(|epoch| *epoch += 1);
    }

    /// Answers the next `n` broadcasts with the RPC error `mempool is full`.
    pub fn refuse_broadcasts(&self, n: u32) {
        self.refuse_broadcasts.store(n, Ordering::SeqCst);
    }

    /// Answers the next broadcast with code 32, whatever its sequence.
    pub fn wrong_sequence_once(&self) {
        self.wrong_sequences.store(1, Ordering::SeqCst);
    }

    /// Drops the notifications of the next `n` blocks and their transactions.
    pub fn swallow_blocks(&self, n: u32) {
        self.swallow_events.store(n, Ordering::SeqCst);
    }

    /// Stops (`true`) or resumes (`false`) timed block production. `produce_block` still works.
    pub fn pause_blocks(&self, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
    }

    /// Hides the results (`block_results`, `tx`, `tx_search`) of the latest `blocks` blocks, as a late indexer does.
    pub fn delay_results(&self, blocks: u64) {
        self.hidden_results.store(blocks, Ordering::SeqCst);
    }

    /// Leaves the latest `blocks` blocks out of the index: their results exist, but `tx` and `tx_search` do not find them. Real
    /// nodes index in the background after they have committed.
    pub fn delay_index(&self, blocks: u64) {
        self.unindexed_blocks.store(blocks, Ordering::SeqCst);
    }

    /// Forgets the blocks below a height, as nodes with `min-retain-blocks` do. `status` reports the lowest one left.
    pub fn prune_below(&self, height: u64) {
        self.lowest_block.store(height.max(1), Ordering::SeqCst);
    }

    /// Switches the transaction index off (`indexer = "null"`) or on.
    pub fn switch_index_off(&self, off: bool) {
        self.index_off.store(off, Ordering::SeqCst);
    }

    /// Discards the results of blocks (`discard_abci_responses = true`), or keeps them.
    pub fn discard_results(&self, discard: bool) {
        self.results_discarded.store(discard, Ordering::SeqCst);
    }

    pub(crate) fn unindexed_blocks(&self) -> u64 {
        self.unindexed_blocks.load(Ordering::SeqCst)
    }

    pub(crate) fn lowest_block(&self) -> u64 {
        self.lowest_block.load(Ordering::SeqCst)
    }

    pub(crate) fn index_is_off(&self) -> bool {
        self.index_off.load(Ordering::SeqCst)
    }

    pub(crate) fn results_are_discarded(&self) -> bool {
        self.results_discarded.load(Ordering::SeqCst)
    }

    pub(crate) fn websocket_epoch(&self) -> watch::Receiver<u64> {
        self.websocket_epoch.subscribe()
    }

    pub(crate) fn take_refused_broadcast(&self) -> bool {
        take(&self.refuse_broadcasts)
    }

    pub(crate) fn take_wrong_sequence(&self) -> bool {
        take(&self.wrong_sequences)
    }

    pub(crate) fn take_swallowed_block(&self) -> bool {
        take(&self.swallow_events)
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    pub(crate) fn hidden_results(&self) -> u64 {
        self.hidden_results.load(Ordering::SeqCst)
    }
}

fn take(counter: &AtomicU32) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}
