//! Makes the blocks of the in-memory chain, at its reader's pace.

use std::sync::Arc;
use std::time::Duration;

use crate::chain::TestChain;

/// The pause between two blocks while the reader keeps up.
const BEAT: Duration = Duration::from_millis(20);
/// How long a block waits for a reader: while a daemon restarts there is none.
const READER: Duration = Duration::from_secs(1);

/// Makes blocks for as long as it lives. A block is made once the previous one has been read: on a busy machine a chain faster
/// than its reader would leave it behind without bound, and what the reader waits for would never come in time.
pub struct Miner(tokio::task::JoinHandle<()>);

impl Miner {
    /// Starts making blocks.
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
