//! Fills what the mirror does not have of the past: requests and results from the contract's state, events from the chain's blocks.
//!
//! Guarantees:
//! - what was never read is a gap in the database; a gap shrinks in the transaction of what was read for it, so a kill loses
//!   and doubles nothing;
//! - the newest comes first, a page and a short transaction at a time, and pages wait while the mirror is behind the chain;
//! - heights that the chain's node does not have stay gaps and are marked as pruned; each start asks for them anew.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use gateway_api::{RequestId, RequestResponse, RequestStatus, Round};
use gateway_chain::ChainError;
use gateway_chain::paging::requests_of;
use gateway_daemon_runtime::CancellationToken;
use gateway_service::{ContractBlock, retry_until_answered};
use gateway_store::{Gap, GapKind, Work};

use super::{Changes, conduct, events, read};
use crate::context::Relay;
use crate::error::RelayError;

/// Blocks of one page, and how many are asked for at once.
const BLOCKS: u64 = 50;
const PARALLEL: usize = 4;
/// Requests of one page.
const REQUESTS: u64 = 50;
/// Blocks that the mirror may be behind the chain while the past is read.
const BEHIND: u64 = 5;
/// Longest wait for the mirror to catch up before the chain is asked again where it stands.
const CATCH_UP: Duration = Duration::from_secs(5);

/// Fills all gaps and those that are noted later, until the stop.
///
/// # Errors
/// [`RelayError::Store`] where the gaps cannot be listed, or a statement fails in a way that does not pass;
/// [`RelayError::Chain`] where a question does.
pub(crate) async fn fill(relay: Arc<Relay>, cancel: CancellationToken) -> Result<(), RelayError> {
    let task = Task { relay: &relay, cancel: &cancel };
    match task.run().await {
        Err(_) if cancel.is_cancelled() => Ok(()),
        end => end,
    }
}

struct Task<'a> {
    relay: &'a Relay,
    cancel: &'a CancellationToken,
}

impl Task<'_> {
    async fn run(&self) -> Result<(), RelayError> {
        // Gaps whose rest the node does not have: not asked for again before the next start.
        let mut pruned = BTreeSet::new();
        loop {
            for kind in [GapKind::Requests, GapKind::Blocks] {
                for gap in self.relay.store.gaps().list(kind).await? {
                    if !pruned.contains(&gap.id) && !self.close(kind, gap).await? {
                        pruned.insert(gap.id);
                    }
                }
            }
            tokio::select! {
                () = self.cancel.cancelled() => return Ok(()),
                () = self.relay.gap_noted.notified() => {}
            }
        }
    }

    /// Fills a gap; `false` where the node does not have the rest of it.
    async fn close(&self, kind: GapKind, mut gap: Gap) -> Result<bool, RelayError> {
        let lowest = self.first_height().await?;
        while gap.first <= gap.last {
            if self.cancel.is_cancelled() {
                return Ok(true);
            }
            self.caught_up().await?;
            let (id, last) = (gap.id, gap.last);
            let step = || async {
                match kind {
                    GapKind::Requests => self.requests(gap).await,
                    GapKind::Blocks => self.blocks(gap, lowest).await,
                }
            };
            gap = retry_until_answered(self.cancel, "the past could not be read", step).await?;
            tracing::debug!(?kind, id, from = last, left = ?(gap.first..=gap.last), "the past is being read");
            if gap.pruned {
                tracing::info!(
                    from = gap.first,
                    to = gap.last,
                    "the chain's node has pruned these blocks: their events stay unknown here"
                );
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The height of the contract's first block; 1 where it does not say.
    async fn first_height(&self) -> Result<u64, RelayError> {
        let ask = || async { read::round(&self.relay.query, Round(0)).await.map_err(RelayError::from) };
        let round = retry_until_answered(self.cancel, "the contract's first round is not known", ask).await?;
        Ok(round.map_or(1, |round| round.height))
    }

    /// Waits while the mirror is behind the chain: the present goes before the past.
    async fn caught_up(&self) -> Result<(), RelayError> {
        let mut height = self.relay.height.subscribe();
        loop {
            let ask = || async { self.relay.query.chain().status().await.map_err(RelayError::from) };
            let newest = retry_until_answered(self.cancel, "the chain's height is not known", ask).await?;
            let enough = newest.height.saturating_sub(BEHIND);
            tokio::select! {
                () = self.cancel.cancelled() => return Ok(()),
                seen = tokio::time::timeout(CATCH_UP, height.wait_for(|height| *height >= enough)) => {
                    if seen.is_ok() { return Ok(()) }
                }
            }
        }
    }

    /// Stores the highest page of requests of a gap, with their results; returns what is left of it.
    async fn requests(&self, gap: Gap) -> Result<Gap, RelayError> {
        let relay = self.relay;
        let first = gap.first.max(gap.last.saturating_sub(REQUESTS - 1));
        let mut changes = Changes::default();
        let (mut unknown, mut known) = (Vec::new(), Vec::new());
        for id in (first..=gap.last).map(RequestId) {
            match relay.store.requests().get(id).await? {
                // Known before results were counted by epoch.
                Some(row) if row.seen.status == RequestStatus::Fulfilled => {
                    match relay.store.results().get(id).await? {
                        Some(result) => known.push(result),
                        None => unknown.push(id),
                    }
                }
                Some(row) if row.seen.status == RequestStatus::Expired => {}
                _ => unknown.push(id),
            }
        }
        let found = requests_of(&relay.query, &unknown).await?;
        let oldest = relay.oldest_kept();
        let ended = |request: &RequestResponse| {
            matches!(request.status, RequestStatus::Fulfilled | RequestStatus::Expired)
        };
        let (kept, old): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|request| !ended(request) || request.deadline >= oldest);
        let fulfilled = kept.iter().filter(|request| request.status == RequestStatus::Fulfilled);
        let results = read::results(&relay.query, fulfilled.map(|request| request.request).collect()).await?;
        // Deadlines grow with ids but for the few blocks by which they differ: below a page that is too old everything is.
        let over = !old.is_empty() && kept.is_empty() && known.is_empty();
        changes.requests = kept;

        let work = relay.store.begin().await?;
        for result in results {
            // What the mirror has stored meanwhile is newer: a callback may have been delivered.
            if work.results().get(result.request).await?.is_none() {
                changes.results.push(result);
            }
        }
        changes.store(&work).await?;
        for result in &known {
            conduct::count(&work, result).await?;
        }
        let left = if over { gap.first..=0 } else { gap.first..=first.saturating_sub(1) };
        shrink(work, gap, left).await
    }

    /// Stores the events of the highest page of blocks of a gap; returns what is left of it.
    async fn blocks(&self, gap: Gap, lowest: u64) -> Result<Gap, RelayError> {
        let relay = self.relay;
        // Below are no events, or none that are kept.
        let floor = gap.first.max(lowest).max(relay.oldest_kept());
        if gap.last < floor {
            return shrink(relay.store.begin().await?, gap, gap.first..=0).await;
        }
        let first = floor.max(gap.last.saturating_sub(BLOCKS - 1));
        let chain = relay.query.chain();
        let mut answers =
            stream::iter((first..=gap.last).rev()).map(|height| chain.block(height)).buffered(PARALLEL);
        let (mut events, mut left) = (Vec::new(), gap.last);
        let fault = loop {
            match answers.next().await {
                Some(Ok(block)) => {
                    events.extend(events::kept(&ContractBlock::read(relay.query.contract(), block)));
                    left = left.saturating_sub(1);
                }
                Some(Err(error)) => break Some(error),
                None => break None,
            }
        };
        let work = relay.store.begin().await?;
        match fault {
            // What was read before it is stored first; the next page begins with the fault.
            _ if left < gap.last => {
                work.events().add(&events).await?;
                shrink(work, gap, floor..=left).await
            }
            Some(ChainError::Pruned { .. }) => {
                work.gaps().set(gap.id, floor..=gap.last, true).await?;
                work.commit().await?;
                Ok(Gap { first: floor, pruned: true, ..gap })
            }
            Some(error) => Err(error.into()),
            None => Ok(gap),
        }
    }
}

/// Commits a unit of work together with what is left of the gap that it was done for; returns that.
async fn shrink(work: Work, gap: Gap, left: RangeInclusive<u64>) -> Result<Gap, RelayError> {
    let (first, last) = (*left.start(), *left.end());
    work.gaps().set(gap.id, left, false).await?;
    work.commit().await?;
    Ok(Gap { first, last, pruned: false, ..gap })
}
