//! Ensures that only one process attests with a key: two could attest different outcomes for one request, which is slashed.
//!
//! Three guards. On one machine, a name that the system grants to one process at a time. For a new or restored database, a
//! watch: requests opened before its end are skipped, because another process with the key may have answered them. And the
//! contract's own record: a result that this key agreed to and that was not attested here was attested elsewhere; that ends the
//! node, and the watch starts anew.

use std::collections::BTreeSet;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use gateway_api::{CounterResponse, NodeKey, QueryMsg, RequestId, ResultResponse, UnitsFrom};
use gateway_chain::{ChainError, GatewayQuery};
use gateway_store::{JobRow, JobState, Store};

use crate::context::Context;
use crate::error::NodeError;
use crate::sync::CURSOR;

/// The mark that stores the height up to which requests are skipped.
const WATCH: &str = "node watch";
/// Why a job is skipped.
const WHY: &str = "opened before this database was sure to be the only one of its key: another process may have answered it";

/// Exclusive use of a key on this machine, until this is dropped or the process ends.
#[derive(Debug)]
#[must_use = "the key is free again when this is dropped"]
pub(crate) struct KeyHold {
    _name: UnixListener,
}

/// Claims the key on this machine (in its network namespace) for one contract.
///
/// # Errors
/// [`NodeError::KeyHeld`].
pub(crate) fn hold(key: NodeKey, contract: &str) -> Result<KeyHold, NodeError> {
    // An abstract name leaves no file behind; it has at most 107 bytes.
    let contract: String = contract.chars().rev().take(16).collect();
    let name = format!("gateway-node {contract} {key}");
    let held = |source| NodeError::KeyHeld { key, source };
    let address = SocketAddr::from_abstract_name(name).map_err(held)?;
    Ok(KeyHold { _name: UnixListener::bind_addr(&address).map_err(held)? })
}

/// Starts a watch of so many blocks if the database has never followed the chain and the key already draws; returns the height
/// up to which requests are skipped.
///
/// # Errors
/// [`NodeError::Chain`], [`NodeError::Store`].
pub(crate) async fn begin_watch(
    store: &Store,
    query: &GatewayQuery,
    key: NodeKey,
    blocks: u64,
) -> Result<u64, NodeError> {
    let until = store.cursors().get(WATCH).await?.unwrap_or_default();
    if blocks == 0 || store.cursors().get(CURSOR).await?.is_some() {
        return Ok(until);
    }
    let asked = query.ask::<CounterResponse, _>(&QueryMsg::Counter {}).await?;
    let node = crate::membership::find(query, key).await?;
    let Some(node) = node.filter(|node| UnitsFrom::at(&node.schedule, asked.value.epoch) > 0) else {
        return Ok(until);
    };
    let until = asked.height.saturating_add(blocks);
    tracing::warn!(
        node = %node.node, until,
        "the database is new and the node draws already: until this height it only watches whether another process attests with \
         its key (watch_blocks)"
    );
    mark(store, until).await?;
    Ok(until)
}

async fn mark(store: &Store, until: u64) -> Result<(), NodeError> {
    let work = store.begin().await?;
    work.cursors().advance(WATCH, until).await?;
    Ok(work.commit().await?)
}

/// Returns a new job as it is to be stored: skipped if the request was opened within the watch.
pub(crate) fn left_in_watch(mut job: JobRow, until: u64) -> JobRow {
    if job.seen.height <= until && matches!(job.state, JobState::Waiting | JobState::Seated) {
        job.state = JobState::Abstained;
        job.reason = Some(WHY.to_owned());
    }
    job
}

/// Compares results with what was attested here, in the block at `height`.
///
/// # Errors
/// [`NodeError::KeyInUse`] when another process attested one of them with this key; or an error of the chain or the database.
pub(crate) async fn compare(
    context: &Context,
    fulfilled: &BTreeSet<RequestId>,
    height: u64,
) -> Result<(), NodeError> {
    // Requests opened before the watch began may have been answered by the process that this one replaces.
    let since = context.watch_until.saturating_sub(context.watch_blocks);
    let requests: Vec<_> = fulfilled.iter().copied().collect();
    // A draw without a seat at any attempt cannot contribute to a result, whoever holds the key.
    for job in context.store.jobs().unattested(&requests).await? {
        let (request, later) = (job.seen.request, job.seen.height > since);
        let epoch = job.seen.draw.as_ref().map_or(context.news.borrow().epoch, |draw| draw.epoch);
        let node = context.membership.at(&context.query, epoch).await?.filter(|_| later);
        let Some((node, _)) = node else { continue };
        let question = QueryMsg::Result { request };
        let result: ResultResponse = match context.query.at_least(height).ask(&question).await {
            Ok(answer) => answer.value,
            Err(ChainError::Query { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        if result.agreed.iter().any(|agreed| agreed.node == node) {
            if context.watch_blocks > 0 {
                mark(&context.store, height.saturating_add(context.watch_blocks)).await?;
            }
            return Err(NodeError::KeyInUse { node, request });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_held_once_for_each_contract() {
        let key = NodeKey([9; 32]);
        let held = hold(key, "archway1a-test-of-holding").unwrap();
        let error = hold(key, "archway1a-test-of-holding").unwrap_err();
        assert!(error.to_string().contains("another process of this machine"), "{error}");
        let _other = hold(key, "archway1another-contract").unwrap();
        drop(held);
        let _again = hold(key, "archway1a-test-of-holding").unwrap();
    }
}
