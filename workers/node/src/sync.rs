//! Brings the jobs in line with the contract: from a block's events, and by reconciliation with all open requests.

use std::collections::{BTreeMap, BTreeSet};

use gateway_api::{QueryMsg, RequestId, RequestResponse, RequestStatus, limits};
use gateway_chain::paging::{draws_of, open_page, requests_of, with_draw};
use gateway_chain::{ChainError, GatewayQuery};
use gateway_store::{JobRow, JobState, Work};

use crate::assign::assign;
use crate::context::Context;
use crate::due_jobs::Due;
use crate::error::NodeError;
use crate::key_guard::left_in_watch;

/// The cursor's name.
pub(crate) const CURSOR: &str = "node";

/// Pending changes to the database; prepared before the transaction begins, because preparing them queries the chain.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Jobs derived from the contract's state.
    jobs: Vec<JobRow>,
    /// Requests that have ended.
    ended: BTreeSet<RequestId>,
}

impl Changes {
    /// Records that a request has ended.
    pub(crate) fn end(&mut self, request: RequestId) {
        self.ended.insert(request);
    }

    /// Returns whether there is nothing to change.
    pub(crate) fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.ended.is_empty()
    }

    /// Writes the changes in a transaction; returns the jobs that are not ended as the database then has them.
    ///
    /// # Errors
    /// [`NodeError::Store`].
    async fn write(&self, work: &Work) -> Result<Vec<JobRow>, NodeError> {
        let jobs: Vec<_> = self.jobs.iter().filter(|job| !self.ended.contains(&job.seen.request)).collect();
        let requests: Vec<_> = jobs.iter().map(|job| job.seen.request).collect();
        let known = work.jobs().among(&requests).await?;
        let mut known: BTreeMap<_, _> = known.into_iter().map(|old| (old.seen.request, old)).collect();
        let (mut stored, mut changed) = (Vec::with_capacity(jobs.len()), Vec::new());
        for job in jobs {
            let old = known.remove(&job.seen.request);
            // Past `Waiting`, a job belongs to the runner and the deliverer.
            if old.as_ref().is_none_or(|old| old.state == JobState::Waiting && *job != *old) {
                tracing::info!(
                    request = %job.seen.request, state = job.state.as_str(), seats = job.seats,
                    attempt = job.attempt.map(|attempt| attempt.get()), "job"
                );
                metrics::counter!("gateway_node_jobs_total", "state" => job.state.as_str()).increment(1);
                changed.push(job);
                stored.push(job.clone());
            } else {
                stored.extend(old);
            }
        }
        work.jobs().put_all(changed).await?;
        let ended: Vec<_> = self.ended.iter().copied().collect();
        let open = [JobState::Waiting, JobState::Seated, JobState::Attested];
        let answered = work.jobs().advance(&ended, &[JobState::Sent], JobState::Answered).await?;
        let unanswered = work.jobs().advance(&ended, &open, JobState::Ended).await?;
        if answered + unanswered > 0 {
            tracing::info!(answered, unanswered, "requests ended");
        }
        Ok(stored)
    }
}

/// Commits work and cursor, all or nothing.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn commit(
    context: &Context,
    changes: &Changes,
    cursor: Option<u64>,
) -> Result<(), NodeError> {
    let work = context.store.begin().await?;
    let stored = changes.write(&work).await?;
    if let Some(height) = cursor {
        work.cursors().advance(CURSOR, height).await?;
    }
    work.commit().await?;
    stored.iter().for_each(|job| context.due_jobs.put(job));
    context.due_jobs.remove(&changes.ended);
    if !changes.is_empty() {
        context.jobs_changed();
    }
    Ok(())
}

/// Returns the requests of waiting jobs that a block may have drawn: all if a round opened in it, otherwise those whose ticket
/// collection may have ended with it, which no event reports.
pub(crate) fn waiting(context: &Context, height: u64, drawn: bool) -> impl Iterator<Item = RequestId> {
    let may_be_drawn =
        |due: &Due| drawn || (due.by_tickets && height > due.opened.saturating_add(limits::BEACON_BLOCKS));
    let waiting = context.due_jobs.of(JobState::Waiting, |_, due| may_be_drawn(due));
    waiting.into_iter().map(|(request, _)| request)
}

/// Queries the contract, as of `height` or later, for requests opened in a block and for the draws of waiting ones; those that are
/// no longer open have ended.
///
/// # Errors
/// [`NodeError`] when the chain, the database, or the signer that holds the key cannot be queried.
pub(crate) async fn look_up(
    context: &Context,
    height: u64,
    opened: &BTreeSet<RequestId>,
    waiting: &BTreeSet<RequestId>,
    changes: &mut Changes,
) -> Result<(), NodeError> {
    let query = context.query.at_least(height);
    let mut draws = draws_of(&query, waiting).await?;
    let drawn: Vec<_> = draws.drawn.keys().copied().collect();
    for known in context.store.jobs().among(&drawn).await? {
        let Some(now) = draws.drawn.remove(&known.seen.request) else { continue };
        changes.jobs.push(job(context, with_draw(known.seen, now)).await?);
    }
    let mut missing = draws.gone;
    missing.extend(opened);
    for seen in requests_of(&query, &opened.iter().copied().collect::<Vec<_>>()).await? {
        if matches!(seen.status, RequestStatus::Waiting | RequestStatus::Drawn) {
            missing.remove(&seen.request);
            changes.jobs.push(job(context, seen).await?);
        }
    }
    changes.ended.extend(ended(&query, missing).await?);
    Ok(())
}

/// Reconciles all jobs with all requests open at `height` or later; stores what differs, a page and a transaction at a time.
///
/// # Errors
/// [`NodeError::Chain`], [`NodeError::Store`].
pub(crate) async fn compare(context: &Context, height: u64) -> Result<(), NodeError> {
    let query = context.query.at_least(height);
    // Read before the query: a job that is not among the open requests queried later has ended.
    let open = [JobState::Waiting, JobState::Seated, JobState::Attested, JobState::Sent];
    let mut missing: BTreeSet<_> = context.store.jobs().ids(&open).await?.into_iter().collect();
    let mut after = RequestId(0);
    loop {
        let page = open_page(&query, after).await?;
        let Some(last) = page.last().map(|seen| seen.request) else { break };
        after = last;
        let mut changes = Changes::default();
        for seen in page {
            missing.remove(&seen.request);
            changes.jobs.push(job(context, seen).await?);
        }
        commit(context, &changes, None).await?;
    }
    let mut changes = Changes::default();
    changes.ended.extend(ended(&query, missing).await?);
    commit(context, &changes, None).await
}

/// Returns those of the requests that have ended. Each is queried: a request's absence from a list is no proof, because the
/// list may come from a lagging node.
async fn ended(query: &GatewayQuery, requests: BTreeSet<RequestId>) -> Result<Vec<RequestId>, ChainError> {
    let mut ended = Vec::new();
    for request in requests {
        let seen = query.ask::<RequestResponse, _>(&QueryMsg::Request { request }).await;
        match seen.map(|seen| seen.value.status) {
            Ok(RequestStatus::Fulfilled | RequestStatus::Expired) => ended.push(request),
            Ok(RequestStatus::Waiting | RequestStatus::Drawn) => {}
            Err(ChainError::Query { log, .. }) => {
                tracing::warn!(%request, log, "the contract does not know the request yet, or no more");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

async fn job(context: &Context, seen: RequestResponse) -> Result<JobRow, NodeError> {
    let (standing, output) = match &seen.draw {
        Some(draw) => (
            context.membership.at(&context.query, draw.epoch).await?,
            Some(context.key.draw(&context.domain(), &draw.seed, seen.request).await?),
        ),
        None => (None, None),
    };
    let units = standing.map_or(0, |(_, units)| units);
    Ok(left_in_watch(assign(output, units, seen), context.watch_until))
}
