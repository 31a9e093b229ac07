//! Repositories: one per table, typed rows in and out.

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

/// Rows stored per statement: databases bound the number of values in one.
pub(crate) const ROWS: usize = 100;

/// Caps a page at [`MAX_PAGE`] rows.
pub(crate) const fn page(limit: u64) -> u64 {
    if limit < MAX_PAGE { limit } else { MAX_PAGE }
}

/// Converts request ids for the database.
fn ids(requests: &[gateway_api::RequestId]) -> crate::error::Result<Vec<i64>> {
    requests.iter().map(|request| crate::convert::to_db("request", request.get())).collect()
}
