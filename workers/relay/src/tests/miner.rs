//! What makes the blocks of the chain in memory, at the pace of whoever reads them.

use std::sync::Arc;
use std::time::Duration;

use super::chain::TestChain;

/// The pause between two blocks where the reader keeps up.
const BEAT: Duration = Duration::from_millis(20);
/// How long a block waits for a reader: while a relay restarts there is none.
const READER: Duration = Duration::from_secs(1);

/// Makes blocks for as long as it lives, and signals each. A block is made once the one before it has been read: on a busy
/// machine a chain that is faster than its reader would leave it behind without bound, and what the reader waits for would
/// never come in time.
pub(super) struct Miner(tokio::task::JoinHandle<()>);

impl Miner {
    pub(super) fn start(chain: Arc<TestChain>, block_signal: gateway_chain::follower::BlockSignal) -> Self {
        Self(tokio::spawn(async move {
            let mut beat = tokio::time::interval(BEAT);
            beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut read = chain.newest_read();
            loop {
                beat.tick().await;
                let height = chain.block_now().await;
                block_signal.notify(height);
                drop(tokio::time::timeout(READER, read.wait_for(|read| *read >= height)).await);
            }
        }))
    }
}

impl Drop for Miner {
    fn drop(&mut self) {
        self.0.abort();
    }
}
