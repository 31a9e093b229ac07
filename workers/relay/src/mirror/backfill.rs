//! Fills the gaps in the mirror's past: requests and results from the contract's state, events from the chain's blocks.
//!
//! Guarantees:
//! - what was never read is a gap in the database; a gap shrinks in the transaction that stores what was read for it, so a kill
//!   loses and duplicates nothing;
//! - the newest comes first, a page and a short transaction at a time, and pages wait while the mirror lags behind the chain;
//! - heights that the chain's node lacks stay gaps and are marked as pruned; each start tries them again.

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

/// Blocks per page, and how many are requested concurrently.
const BLOCKS: u64 = 50;
const PARALLEL: usize = 4;
/// Requests per page.
const REQUESTS: u64 = 50;
/// Blocks that the mirror may lag behind the chain while the past is read.
const BEHIND: u64 = 5;
/// Longest wait for the mirror to catch up before the chain's height is queried again.
const CATCH_UP: Duration = Duration::from_secs(5);

/// Fills all gaps, including those recorded later, until the stop.
///
/// # Errors
/// [`RelayError::Store`] when the gaps cannot be listed, or a statement fails permanently; [`RelayError::Chain`] when a query
/// does.
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
        // Gaps whose remainder the node lacks: not tried again before the next start.
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

    /// Fills a gap; returns `false` if the node lacks the rest of it.
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

    /// Returns the height of the contract's first block; 1 if the contract does not report it.
    async fn first_height(&self) -> Result<u64, RelayError> {
        let ask = || async { read::round(&self.relay.query, Round(0)).await.map_err(RelayError::from) };
        let round = retry_until_answered(self.cancel, "the contract's first round is not known", ask).await?;
        Ok(round.map_or(1, |round| round.height))
    }

    /// Waits while the mirror lags behind the chain: the present takes precedence over the past.
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

    /// Stores the highest page of requests of a gap, with their results; returns the remaining gap.
    async fn requests(&self, gap: Gap) -> Result<Gap, RelayError> {
        let relay = self.relay;
        let first = gap.first.max(gap.last.saturating_sub(REQUESTS - 1));
        let mut changes = Changes::default();
        let (mut unknown, mut known) = (Vec::new(), Vec::new());
        for id in (first..=gap.last).map(RequestId) {
            match relay.store.requests().get(id).await? {
                // It was stored before results were counted by epoch.
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
        // Deadlines grow with ids, apart from a variation of a few blocks: below a page that is too old everything is.
        let over = !old.is_empty() && kept.is_empty() && known.is_empty();
        changes.requests = kept;

        let work = relay.store.begin().await?;
        for result in results {
            // What the mirror has stored in the meantime is newer: a callback may have been delivered.
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

    /// Stores the events of the highest page of blocks of a gap; returns the remaining gap.
    async fn blocks(&self, gap: Gap, lowest: u64) -> Result<Gap, RelayError> {
        let relay = self.relay;
        // Below this height there are no events, or none that are kept.
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
            // What was read before the failure is stored first; the next page begins with the failing block.
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

/// Commits a unit of work together with the remainder of the gap that it worked on; returns the remainder.
async fn shrink(work: Work, gap: Gap, left: RangeInclusive<u64>) -> Result<Gap, RelayError> {
    let (first, last) = (*left.start(), *left.end());
    work.gaps().set(gap.id, left, false).await?;
    work.commit().await?;
    Ok(Gap { first, last, pruned: false, ..gap })
}
