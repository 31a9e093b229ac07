//! Makes the blocks of the chain in memory, at the pace of whoever reads them.

use std::sync::Arc;
use std::time::Duration;

use crate::chain::TestChain;

/// The pause between two blocks where the reader keeps up.
const BEAT: Duration = Duration::from_millis(20);
/// How long a block waits for a reader: while a daemon restarts there is none.
const READER: Duration = Duration::from_secs(1);

/// Makes blocks for as long as it lives. A block is made once the one before it has been read: on a busy machine a chain that
/// is faster than its reader would leave it behind without bound, and what the reader waits for would never come in time.
pub struct Miner(tokio::task::JoinHandle<()>);

impl Miner {
    /// Begins to make blocks.
    pub fn start(chain: &Arc<TestChain>) -> Self {
        let chain = chain.clone();
        Self(tokio::spawn(async move {
            let mut beat = tokio::time::interval(BEAT);
            beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut read = chain.newest_read();
            loop {
                beat.tick().await;
                let height = chain.commit();
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
