//! The chain thread: the only one that makes blocks. Driven by time, by request, or both.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::engine::Engine;
use crate::error::DevchainError;

/// How many commands may wait.
pub(crate) const COMMANDS: usize = 64;
/// Interval at which a paused chain checks whether it may go on, at most.
const PAUSE_CHECK: Duration = Duration::from_millis(20);

/// Commands to the chain thread.
pub(crate) enum Command {
    /// Make a block now and report its height.
    Produce(oneshot::Sender<Result<u64, DevchainError>>),
    /// Stop after the current work.
    Stop,
}

/// Runs until cancelled, until every sender is gone, or until a block cannot be made.
pub(crate) fn run(engine: &Arc<Engine>, commands: &Receiver<Command>) {
    let config = &engine.chain.config;
    let mut due = Instant::now() + config.block_time;
    loop {
        let next = if config.manual_blocks {
            commands.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            commands.recv_timeout(due.saturating_duration_since(Instant::now()))
        };
        match next {
            Ok(Command::Produce(reply)) => {
                // The caller may have given up; the block stands regardless.
                let _ = reply.send(engine.produce());
            }
            Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) if engine.faults.is_paused() => {
                due = Instant::now() + PAUSE_CHECK.min(config.block_time);
            }
            Err(RecvTimeoutError::Timeout) => {
                // Counted from the due time, so that blocks keep their pace; from now, if that is already past.
                due = (due + config.block_time).max(Instant::now());
                if let Err(error) = engine.produce() {
                    tracing::error!(%error, "the devchain stops: no block can be made");
                    return;
                }
            }
        }
    }
}
