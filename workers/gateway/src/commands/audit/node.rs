//! A node's jobs against requests and results: what it still works on is open, and what the contract has under its key is its
//! own.

use gateway_api::{NodeId, NodeResponse, QueryMsg, RequestId, RequestStatus, ResultResponse};
use gateway_chain::{ChainError, paging};
use gateway_node::VrfKey;
use gateway_store::{JobRow, JobState};

use super::{Audit, PAGE, Report};
use crate::commands::CommandError;

impl Audit {
    pub(super) async fn node(&self, report: &mut Report) -> Result<(), CommandError> {
        self.open_jobs(report).await?;
        self.requests_without_job(report).await?;
        match self.this_node().await? {
            Some(node) => self.attested(report, node.node).await,
            None => Ok(()),
        }
    }

    /// Returns the node of the configured key.
    async fn this_node(&self) -> Result<Option<NodeResponse>, CommandError> {
        let Some(config) = &self.configured.node else { return Ok(None) };
        let key = VrfKey::load(&config.key)?.public();
        let nodes = paging::nodes(&self.query).await?;
        Ok(nodes.into_iter().find(|node| node.keys.iter().any(|from| from.key == key)))
    }

    async fn jobs(&self, state: JobState) -> Result<Vec<JobRow>, CommandError> {
        let (mut jobs, mut after) = (Vec::new(), RequestId(0));
        loop {
            let page = self.store.jobs().list(state, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(jobs) };
            after = last.seen.request;
            jobs.extend(page);
        }
    }

    /// Checks that every job under way belongs to an open request.
    async fn open_jobs(&self, report: &mut Report) -> Result<(), CommandError> {
        for state in [JobState::Waiting, JobState::Seated, JobState::Attested, JobState::Sent] {
            let jobs = self.jobs(state).await?;
            report.count("jobs under way", jobs.len());
            let ids: Vec<_> = jobs.iter().map(|job| job.seen.request).collect();
            let contract = self.requests(&ids).await?;
            for id in ids {
                let status = contract.get(&id).map(|seen| seen.status);
                if !matches!(status, Some(RequestStatus::Waiting | RequestStatus::Drawn)) {
                    let state = state.as_str();
                    report
                        .differs(format!("the job of request {id} is {state}, and the request is not open"));
                }
            }
        }
        Ok(())
    }

    /// Checks that every open request has a job.
    async fn requests_without_job(&self, report: &mut Report) -> Result<(), CommandError> {
        for seen in paging::open_requests(&self.query).await? {
            report.count("open requests", 1);
            if self.store.jobs().get(seen.request).await?.is_none() {
                report.differs(format!("request {} is open in the contract and has no job", seen.request));
            }
        }
        Ok(())
    }

    /// Checks that the node attested every result that its seats agreed to: otherwise another process holds its key.
    async fn attested(&self, report: &mut Report, node: NodeId) -> Result<(), CommandError> {
        for state in [JobState::Ended, JobState::NotSeated, JobState::Abstained, JobState::Answered] {
            for job in self.jobs(state).await? {
                let id = job.seen.request;
                let Some(result) = self.result(id).await? else { continue };
                report.count("ended jobs", 1);
                if !result.agreed.iter().any(|agreed| agreed.node == node) {
                    continue;
                }
                match (&job.commit, job.class) {
                    (None, _) => report.differs(format!(
                        "node {node} agreed to the result of request {id} and never attested it here: another process holds \
                         its key"
                    )),
                    (Some(_), Some(class)) if class != result.class => report.differs(format!(
                        "node {node} agreed to {} for request {id}, and attested {class} here",
                        result.class
                    )),
                    (Some(_), _) => {}
                }
            }
        }
        Ok(())
    }

    async fn result(&self, request: RequestId) -> Result<Option<ResultResponse>, CommandError> {
        match self.query.ask(&QueryMsg::Result { request }).await {
            Ok(answer) => Ok(Some(answer.value)),
            // The contract refuses if there is none: the request expired.
            Err(ChainError::Query { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
