//! The keeper: opens due rounds and epochs, ends overdue requests, delivers their callbacks, and runs schedules.
//!
//! Reads the contract's state, not events, so it misses nothing. A second keeper is harmless: the contract does each thing
//! once.

use std::time::Duration;

use gateway_api::{CounterResponse, ExecuteMsg, QueryMsg, RequestId};
use gateway_chain::{BlockNotifier, GatewayQuery, OutboxClient};
use gateway_daemon_runtime::CancellationToken;
use gateway_service::{Progress, retry_until_answered};
use gateway_store::Store;
use tokio::sync::watch;

use crate::error::GlobalError;

/// Prefixes of the keys of the keeper's messages.
const TICK: &str = "tick/";
const EXPIRE: &str = "expire/";
const DELIVER: &str = "deliver/";
const RUN: &str = "run/";

/// Most schedules run per message: each may open a request with an input of 16 KiB, about 1,000,000 gas.
const SCHEDULES: u32 = 10;

/// What a keeper works with.
pub(crate) struct Keeper {
    pub(crate) query: GatewayQuery,
    pub(crate) outbox: OutboxClient,
    pub(crate) store: Store,
    /// Receives the newest height.
    pub(crate) height: watch::Sender<u64>,
    /// Receives the heights that were checked.
    pub(crate) progress: Progress,
    pub(crate) expire_limit: u32,
}

/// What is due at a height according to the contract's counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) tick: bool,
    pub(crate) expire: bool,
    pub(crate) deliver: Option<RequestId>,
    pub(crate) run: bool,
}

impl Due {
    pub(crate) fn at(counter: &CounterResponse, height: u64) -> Self {
        Self {
            tick: counter.tick_due,
            expire: counter.next_deadline.is_some_and(|deadline| deadline < height),
            deliver: counter.due_callback,
            // Not earlier: the message is simulated on the current state.
            run: counter.next_firing.is_some_and(|firing| firing <= height),
        }
    }
}

impl Keeper {
    /// Checks every block until cancelled, and every `poll` if no block is announced.
    pub(crate) async fn run(
        self,
        mut notifier: BlockNotifier,
        poll: Duration,
        cancel: CancellationToken,
    ) -> Result<(), GlobalError> {
        loop {
            match retry_until_answered(&cancel, "the keeper's turn failed", || self.turn()).await {
                Ok(()) => {}
                Err(_) if cancel.is_cancelled() => return Ok(()),
                Err(error) => return Err(error),
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                _ = notifier.notified_within(poll) => {}
            }
        }
    }

    /// Checks once and queues what is due.
    pub(crate) async fn turn(&self) -> Result<(), GlobalError> {
        let status = self.query.chain().status().await?;
        let height = status.height;
        self.height.send_replace(height);
        // Read before the counter: a message that is settled by now has already affected the counter.
        let ticking = self.store.outbox().has_unsettled(TICK).await?;
        let expiring = self.store.outbox().has_unsettled(EXPIRE).await?;
        let delivering = self.store.outbox().has_unsettled(DELIVER).await?;
        let running = self.store.outbox().has_unsettled(RUN).await?;
        let counter: CounterResponse = self.query.at_least(height).ask(&QueryMsg::Counter {}).await?.value;
        let due = Due::at(&counter, height);
        if due.tick && !ticking {
            self.send(TICK, height, &ExecuteMsg::Tick {}).await?;
        }
        if due.expire && !expiring {
            self.send(EXPIRE, height, &ExecuteMsg::Expire { limit: Some(self.expire_limit), requests: None })
                .await?;
        }
        // The first attempt takes the callback off the contract's list, whatever the consumer does with it.
        if let Some(request) = due.deliver.filter(|_| !delivering) {
            let message = ExecuteMsg::DeliverCallback { request, gas_limit: None };
            self.send(DELIVER, height, &message).await?;
        }
        if due.run && !running {
            let message = ExecuteMsg::RunSchedules { limit: Some(SCHEDULES), schedules: None };
            self.send(RUN, height, &message).await?;
        }
        metrics::gauge!("gateway_outbox_depth").set(self.store.outbox().depth().await? as f64);
        self.progress.applied(height, status.time_ns);
        Ok(())
    }

    /// Queues at most one message of a kind per height: the height is the key.
    async fn send(&self, kind: &'static str, height: u64, msg: &ExecuteMsg) -> Result<(), GlobalError> {
        let json = serde_json::to_vec(msg)
            .map_err(|source| GlobalError::Json { what: "a message of the keeper", source })?;
        let item = self.outbox.enqueue(&format!("{kind}{height}"), json, Vec::new()).await?;
        tracing::info!(height, item, message = kind.trim_end_matches('/'), "queued");
        metrics::counter!("gateway_global_messages_total", "kind" => kind.trim_end_matches('/')).increment(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{Epoch, Round};

    use super::*;

    #[test]
    fn what_is_due_depends_on_the_counter_and_the_height() {
        let counter = |tick_due, next_deadline, next_firing| CounterResponse {
            round: Round(3),
            round_height: 7,
            epoch: Epoch(1),
            epoch_height: 2,
            total_units: 5,
            request_waiting: tick_due,
            tick_due,
            next_deadline,
            due_callback: None,
            next_firing,
        };
        for (tick_due, deadline, firing, height, (tick, expire, run)) in [
            (false, None, None, 10, (false, false, false)),
            (true, None, Some(11), 10, (true, false, false)),
            (false, Some(10), Some(10), 10, (false, false, true)),
            (true, Some(9), Some(3), 10, (true, true, true)),
        ] {
            let due = Due::at(&counter(tick_due, deadline, firing), height);
            assert_eq!(due, Due { tick, expire, deliver: None, run });
        }
    }
}
