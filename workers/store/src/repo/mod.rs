//! Repositories: one a table, typed rows in and out.

pub(crate) mod abstentions;
pub(crate) mod attestations;
pub(crate) mod bodies;
pub(crate) mod conduct;
pub(crate) mod cursor;
pub(crate) mod events;
pub(crate) mod gaps;
pub(crate) mod jobs;
pub(crate) mod nodes;
pub(crate) mod outbox;
pub(crate) mod received;
pub(crate) mod requests;
pub(crate) mod results;
pub(crate) mod retention;
pub(crate) mod spending;
pub(crate) mod sponsored;
pub(crate) mod statistics;

/// Longest page a repository returns.
pub(crate) const MAX_PAGE: u64 = 1000;

/// Rows stored by one statement: databases bound the values of a statement.
pub(crate) const ROWS: usize = 100;

/// A page of at most [`MAX_PAGE`] rows.
pub(crate) const fn page(limit: u64) -> u64 {
    if limit < MAX_PAGE { limit } else { MAX_PAGE }
}

/// Requests as the database has them.
fn ids(requests: &[gateway_api::RequestId]) -> crate::error::Result<Vec<i64>> {
    requests.iter().map(|request| crate::convert::to_db("request", request.get())).collect()
}
