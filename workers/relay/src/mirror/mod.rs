//! The relay's mirror of the contract: one database transaction per block, which includes the height cursor.
//!
//! Events say what to refresh; what is stored is the contract's answer. So an event seen twice, late or never does no harm, and
//! the periodic reconciliation with the contract finds what events did not report.

mod backfill;
mod changes;
mod conduct;
mod events;
mod read;

use std::collections::BTreeSet;

use async_trait::async_trait;
use gateway_api::{NodeId, RequestId, RequestResponse, RequestStatus};
use gateway_chain::GatewayQuery;
use gateway_chain::paging::{draws_of, newest_request, node_page, open_page, with_draw};
use gateway_service::{ContractBlock, MirrorSink};
use gateway_store::GapKind;

pub(crate) use self::backfill::fill;
pub(crate) use self::changes::Changes;
use self::events::Touched;
pub(crate) use self::read::{node, request, result, round};
use crate::context::Relay;
use crate::error::RelayError;
use crate::openings;

/// The name of the height cursor.
pub(crate) const CURSOR: &str = "relay";
/// Ids read at a time.
const IDS: u64 = 1000;

#[async_trait]
impl MirrorSink for Relay {
    type Error = RelayError;

    async fn apply(&self, block: &ContractBlock) -> Result<(), RelayError> {
        let touched = events::touched(block);
        let changes = fetch(self, &touched, block.height).await?;
        if block.events.is_empty() && changes.is_empty() && !block.stores_cursor() {
            announce(self, block.height);
            return Ok(());
        }
        let work = self.store.begin().await?;
        changes.store_and_note(&work, &self.cache).await?;
        work.events().add(&events::kept(block)).await?;
        for (request, reason) in &touched.refused {
            work.requests()
                .explain(*request, &format!("the contract refused the publication: {reason}"))
                .await?;
        }
        let (contract, own) = (self.query.contract(), self.outbox.address());
        let opened = openings::resolve(contract, own, &work, &block.txs).await?;
        work.cursors().advance(CURSOR, block.height).await?;
        work.commit().await?;
        self.cache.openings(&opened);
        announce(self, block.height);
        Ok(())
    }

    async fn reconcile(&self, height: u64, move_cursor: bool) -> Result<(), RelayError> {
        let query = self.query.at_least(height);
        nodes(self, &query).await?;
        requests(self, &query).await?;
        let missed = openings::missed(self).await?;
        let newest = match move_cursor {
            true => newest_request(&query, self.store.requests().newest().await?).await?,
            false => RequestId(0),
        };
        let work = self.store.begin().await?;
        let (contract, own) = (self.query.contract(), self.outbox.address());
        let opened = openings::resolve(contract, own, &work, &missed).await?;
        if move_cursor {
            // The blocks in between are not read, nor are the requests that began and ended in them.
            let before = work.cursors().get(CURSOR).await?.unwrap_or_default();
            work.gaps().add(GapKind::Blocks, before.saturating_add(1)..=height).await?;
            let known = work.requests().newest_up_to(before).await?;
            work.gaps().add(GapKind::Requests, known.get().saturating_add(1)..=newest.get()).await?;
            work.cursors().advance(CURSOR, height).await?;
        }
        work.commit().await?;
        self.cache.openings(&opened);
        if move_cursor {
            announce(self, height);
            self.gap_noted.notify_one();
        }
        self.publish_wake.notify_one();
        Ok(())
    }
}

/// Notifies the other tasks that the effects of a height are in the database.
fn announce(relay: &Relay, height: u64) {
    relay.height.send_replace(height);
    relay.publish_wake.notify_one();
}

/// Reconciles all nodes, a page and a transaction at a time.
async fn nodes(relay: &Relay, query: &GatewayQuery) -> Result<(), RelayError> {
    let mut after = NodeId(0);
    loop {
        let nodes = node_page(query, after).await?;
        let Some(last) = nodes.last().map(|node| node.node).filter(|last| *last > after) else {
            return Ok(());
        };
        after = last;
        store(relay, Changes { nodes, ..Changes::default() }).await?;
    }
}

/// Reconciles all open requests, a page and a transaction at a time; those mirrored as open but not listed are queried.
async fn requests(relay: &Relay, query: &GatewayQuery) -> Result<(), RelayError> {
    let mut after = RequestId(0);
    loop {
        let mut requests = open_page(query, after).await?;
        let last = requests.last().map(|request| request.request).filter(|last| *last > after);
        let listed: BTreeSet<RequestId> = requests.iter().map(|request| request.request).collect();
        let mut gone = open_ids(relay, after, last).await?;
        gone.retain(|id| !listed.contains(id));
        let asked = read::requests(query, &gone.into_iter().collect()).await?;
        let fulfilled = asked.iter().filter(|request| request.status == RequestStatus::Fulfilled);
        let results = read::results(query, fulfilled.map(|request| request.request).collect()).await?;
        requests.extend(asked);
        store(relay, Changes { requests, results, nodes: Vec::new() }).await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

async fn store(relay: &Relay, changes: Changes) -> Result<(), RelayError> {
    let work = relay.store.begin().await?;
    changes.store_and_note(&work, &relay.cache).await?;
    work.commit().await?;
    Ok(())
}

/// Returns the ids of requests mirrored as open, after `after` and up to `last`.
async fn open_ids(
    relay: &Relay,
    mut after: RequestId,
    last: Option<RequestId>,
) -> Result<Vec<RequestId>, RelayError> {
    let mut all = Vec::new();
    loop {
        let ids = relay.store.requests().open_ids(after, IDS).await?;
        let Some(newest) = ids.last().copied() else { return Ok(all) };
        after = newest;
        all.extend(ids.into_iter().filter(|id| last.is_none_or(|last| *id <= last)));
        if last.is_some_and(|last| newest >= last) {
            return Ok(all);
        }
    }
}

/// Queries the contract for everything the block at `height` touched.
async fn fetch(relay: &Relay, touched: &Touched, height: u64) -> Result<Changes, RelayError> {
    let query = relay.query.at_least(height);
    let mut changes = Changes::default();
    let mut asked: BTreeSet<_> = touched.opened.union(&touched.ended).copied().collect();
    changes.requests = draws(relay, &query, &mut asked).await?;
    changes.requests.extend(read::requests(&query, &asked).await?);
    // Those too that a newer block fulfilled: nothing here is fulfilled without its result.
    let fulfilled = changes.requests.iter().filter(|seen| seen.status == RequestStatus::Fulfilled);
    let fulfilled = fulfilled.map(|seen| seen.request).chain(touched.fulfilled.iter().copied()).collect();
    changes.results = read::results(&query, fulfilled).await?;
    for id in &touched.nodes {
        changes.nodes.extend(read::node(&relay.query, *id).await?);
    }
    Ok(changes)
}

/// Returns the waiting requests that are drawn now, but those in `asked`, to which it adds requests that have ended unnoticed. Called
/// for every block: no event announces that a draw of the class `beacon` is complete.
async fn draws(
    relay: &Relay,
    query: &GatewayQuery,
    asked: &mut BTreeSet<RequestId>,
) -> Result<Vec<RequestResponse>, RelayError> {
    let (mut found, mut after) = (Vec::new(), RequestId(0));
    loop {
        let waiting = relay.store.requests().waiting_ids(after, IDS).await?;
        let Some(last) = waiting.last() else { return Ok(found) };
        after = *last;
        let waiting = waiting.into_iter().filter(|id| !asked.contains(id)).collect();
        let mut draws = draws_of(query, &waiting).await?;
        let drawn: Vec<_> = draws.drawn.keys().copied().collect();
        for known in relay.store.requests().among(&drawn).await? {
            found.extend(draws.drawn.remove(&known.seen.request).map(|now| with_draw(known.seen, now)));
        }
        asked.extend(draws.gone);
    }
}
