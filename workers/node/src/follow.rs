//! Follows the chain: every block once, its work and the cursor in one transaction; compares with the contract's open
//! requests at the start, after each reconnect and every so many blocks.

use crate::context::Context;
use crate::error::NodeError;
use crate::membership::find;
use crate::sync::{Changes, compare, jobs_in, look_up};
use gateway_api::Epoch;
use gateway_api::events::GatewayEvent;
use gateway_chain::events::contract_events;
use gateway_chain::{BlockEvents, BlockNotifier, ChainError, Follower};
use gateway_daemon_runtime::{Backoff, CancellationToken};
use gateway_store::JobState;
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The cursor's name.
const CURSOR: &str = "node";

const RETRY: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

/// Follows the chain until cancelled.
///
/// # Errors
/// What trying again cannot cure.
pub(crate) async fn follow(
    context: Arc<Context>,
    block_notifier: BlockNotifier,
    poll: Duration,
    cancel: CancellationToken,
) -> Result<(), NodeError> {
    match follow_until(&context, block_notifier, poll, &cancel).await {
        Err(NodeError::Chain(ChainError::Cancelled)) => Ok(()),
        end => end,
    }
}

async fn follow_until(
    context: &Context,
    block_notifier: BlockNotifier,
    poll: Duration,
    cancel: &CancellationToken,
) -> Result<(), NodeError> {
    let mut connections = block_notifier.connections();
    let mut bell_lives = true;
    let next = start(context, cancel).await?;
    let mut follower = Follower::new(context.query.chain().clone(), block_notifier, next).poll_every(poll);
    let mut compared_at = next;
    loop {
        let block = tokio::select! {
            block = follower.next(cancel) => block,
            change = connections.changed(), if bell_lives => {
                bell_lives = change.is_ok();
                if bell_lives {
                    reconcile(context, None, cancel).await?;
                }
                continue;
            }
        };
        match block {
            Ok(block) => {
                apply(context, &block, cancel).await?;
                context.ready.chain.ready();
                if block.height.saturating_sub(compared_at) >= context.reconcile_blocks {
                    reconcile(context, None, cancel).await?;
                    compared_at = block.height;
                }
            }
            Err(error @ ChainError::Pruned { .. }) => {
                tracing::warn!(%error, "blocks are gone: comparing with the contract instead");
                follower.resume_at(jump(context, cancel).await?);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Compares once, and says at which height to follow on: after the cursor, or the newest at the very first start.
async fn start(context: &Context, cancel: &CancellationToken) -> Result<u64, NodeError> {
    let standing = retry_until_answered(context, cancel, || async {
        Ok(find(&context.query, context.membership.key()).await?)
    })
    .await?;
    match standing {
        Some(node) => {
            tracing::info!(node = %node.node, operator = node.operator, "registered");
            context.ready.node.ready();
        }
        None => {
            tracing::warn!(key = %context.membership.key(), "the key is not registered: no draw will seat it");
            context.ready.node.not_ready("the key is not registered");
        }
    }
    let cursor = context.store.cursors().get(CURSOR).await?;
    match cursor {
        Some(height) => {
            reconcile(context, None, cancel).await?;
            Ok(height.saturating_add(1))
        }
        None => jump(context, cancel).await,
    }
}

/// Compares with the contract at the newest height, moves the cursor there, and returns the height after it.
async fn jump(context: &Context, cancel: &CancellationToken) -> Result<u64, NodeError> {
    // Asked before the comparison: what happens between the two is in the blocks that are followed then.
    let status =
        retry_until_answered(context, cancel, || async { Ok(context.query.chain().status().await?) }).await?;
    reconcile(context, Some(status.height), cancel).await?;
    Ok(status.height.saturating_add(1))
}

/// Brings the jobs in line with the contract's open requests.
async fn reconcile(
    context: &Context,
    cursor: Option<u64>,
    cancel: &CancellationToken,
) -> Result<(), NodeError> {
    let height =
        retry_until_answered(context, cancel, || async { Ok(context.query.chain().status().await?.height) })
            .await?;
    let changes = retry_until_answered(context, cancel, || compare(context)).await?;
    commit(context, &changes, cursor).await?;
    context.saw_height(height);
    metrics::counter!("gateway_node_reconciliations_total").increment(1);
    Ok(())
}

/// Works a block off.
async fn apply(context: &Context, block: &BlockEvents, cancel: &CancellationToken) -> Result<(), NodeError> {
    let mut touched = BTreeSet::new();
    let mut ended = BTreeSet::new();
    let (mut drawn, mut epoch) = (false, Epoch(0));
    for located in contract_events(context.query.contract(), block)? {
        match located.event {
            GatewayEvent::RequestOpened(event) => {
                touched.insert(event.request);
            }
            GatewayEvent::RoundOpened(event) => {
                drawn = true;
                epoch = epoch.max(event.epoch);
            }
            GatewayEvent::RequestFulfilled(event) => {
                ended.insert(event.request);
            }
            GatewayEvent::RequestExpired(event) => {
                ended.insert(event.request);
            }
            GatewayEvent::NodeRegistered(event) if event.key == context.membership.key() => {
                tracing::info!(node = %event.node, from_epoch = %event.from_epoch, "registered");
                context.membership.forget().await;
                context.ready.node.ready();
            }
            _ => {}
        }
    }
    if drawn {
        touched.extend(jobs_in(context, JobState::Waiting).await?);
    }
    let changes = retry_until_answered(context, cancel, || async {
        let mut changes = Changes::default();
        ended.iter().for_each(|request| changes.end(*request));
        look_up(context, &touched, &mut changes).await?;
        Ok(changes)
    })
    .await?;
    commit(context, &changes, Some(block.height)).await?;
    context.saw_epoch(epoch);
    context.saw_height(block.height);
    Ok(())
}

/// Work and cursor, all or nothing.
async fn commit(context: &Context, changes: &Changes, cursor: Option<u64>) -> Result<(), NodeError> {
    let work = context.store.begin().await?;
    changes.write(&work).await?;
    if let Some(height) = cursor {
        work.cursors().advance(CURSOR, height).await?;
    }
    work.commit().await?;
    if !changes.is_empty() {
        context.jobs_changed();
    }
    Ok(())
}

/// Asks the chain until it answers; a refusal of the contract is asked again too, as it may come from a node that is
/// still behind.
async fn retry_until_answered<T, Ask, Answer>(
    context: &Context,
    cancel: &CancellationToken,
    ask: Ask,
) -> Result<T, NodeError>
where
    Ask: Fn() -> Answer,
    Answer: Future<Output = Result<T, NodeError>>,
{
    let mut delays = RETRY.delays();
    loop {
        let answer = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(ChainError::Cancelled.into()),
            answer = ask() => answer,
        };
        let error = match answer {
            Err(NodeError::Chain(error))
                if error.is_retryable() || matches!(error, ChainError::Query { .. }) =>
            {
                error
            }
            answer => return answer,
        };
        tracing::warn!(%error, "the chain does not answer, asking again");
        context.ready.chain.not_ready(error.to_string());
        let delay = delays.next().unwrap_or(RETRY.max);
        tokio::select! {
            () = cancel.cancelled() => return Err(ChainError::Cancelled.into()),
            () = tokio::time::sleep(delay) => {}
        }
    }
}
