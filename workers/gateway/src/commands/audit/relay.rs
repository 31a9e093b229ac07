//! A relay's mirror: requests, results, nodes.

use std::collections::BTreeMap;

use gateway_api::{QueryMsg, RequestId, RequestResponse, ResultsResponse};
use gateway_chain::paging;
use gateway_store::RequestFilter;

use super::{Audit, PAGE, Report};
use crate::commands::CommandError;

/// Results per query.
const RESULTS: u32 = 30;

impl Audit {
    pub(super) async fn relay(&self, report: &mut Report) -> Result<(), CommandError> {
        self.mirrored_requests(report).await?;
        self.open_requests(report).await?;
        self.mirrored_results(report).await?;
        self.mirrored_nodes(report).await
    }

    /// Checks that every mirrored request matches the contract's state.
    async fn mirrored_requests(&self, report: &mut Report) -> Result<(), CommandError> {
        let mut after = RequestId(0);
        loop {
            let rows = self.store.requests().list(RequestFilter::default(), after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.seen.request;
            report.count("requests", rows.len());
            let ids: Vec<_> = rows.iter().map(|row| row.seen.request).collect();
            let contract = self.requests(&ids).await?;
            for row in &rows {
                let id = row.seen.request;
                match contract.get(&id) {
                    None => {
                        report.differs(format!("request {id} is in the database and not in the contract"))
                    }
                    Some(seen) if place(seen) == place(&row.seen) => {}
                    Some(seen) => report.differs(format!(
                        "request {id} is {} in the database, {} in the contract",
                        place(&row.seen),
                        place(seen)
                    )),
                }
            }
        }
    }

    /// Checks that every open request of the contract is mirrored.
    async fn open_requests(&self, report: &mut Report) -> Result<(), CommandError> {
        for seen in paging::open_requests(&self.query).await? {
            report.count("open requests", 1);
            if self.store.requests().get(seen.request).await?.is_none() {
                report.differs(format!(
                    "request {} is open in the contract and not in the database",
                    seen.request
                ));
            }
        }
        Ok(())
    }

    /// Checks that every mirrored result is the contract's.
    async fn mirrored_results(&self, report: &mut Report) -> Result<(), CommandError> {
        let mut after = RequestId(0);
        loop {
            let rows = self.store.results().list(None, after, RESULTS.into()).await?;
            let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
            after = last.request;
            let mut contract = BTreeMap::new();
            let mut from = RequestId(first.request.get().saturating_sub(1));
            while from < after {
                let question = QueryMsg::Results { start_after: Some(from), limit: Some(RESULTS) };
                let page = self.query.ask::<ResultsResponse, _>(&question).await?.value.results;
                let Some(newest) = page.last().map(|result| result.request) else { break };
                contract.extend(page.into_iter().map(|result| (result.request, result)));
                from = newest;
            }
            report.count("results", rows.len());
            for row in rows {
                let id = row.request;
                match contract.remove(&id) {
                    None => report.differs(format!(
                        "the result of request {id} is in the database and not in the contract"
                    )),
                    // The callback's status may change at any time.
                    Some(mut seen) => {
                        seen.callback = row.callback.clone();
                        if seen != row {
                            report.differs(format!(
                                "the result of request {id} is another one in the contract"
                            ));
                        }
                    }
                }
            }
        }
    }

    /// Checks that the mirrored nodes are those of the contract.
    async fn mirrored_nodes(&self, report: &mut Report) -> Result<(), CommandError> {
        let rows = self.store.nodes().all().await?;
        let mut rows: BTreeMap<_, _> = rows.into_iter().map(|node| (node.node, node)).collect();
        for seen in paging::nodes(&self.query).await? {
            report.count("nodes", 1);
            match rows.remove(&seen.node) {
                Some(row) if row == seen => {}
                Some(_) => report.differs(format!("node {} is another one in the contract", seen.node)),
                None => {
                    report.differs(format!("node {} is in the contract and not in the database", seen.node))
                }
            }
        }
        for id in rows.into_keys() {
            report.differs(format!("node {id} is in the database and not in the contract"));
        }
        Ok(())
    }
}

/// Returns the part of a request's state that is compared.
fn place(seen: &RequestResponse) -> String {
    let draw = seen.draw.as_ref().map(|draw| format!(", drawn by round {}", draw.round)).unwrap_or_default();
    format!("{:?} until height {}{draw}", seen.status, seen.deadline).to_lowercase()
}
