//! Statistics of the mirror, computed by the database. Latencies read a bounded number of rows; counts read the four that every
//! unit of work maintains.

use sea_orm::{ConnectionTrait, EntityTrait, QueryResult, Statement};

use crate::convert::from_db;
use crate::entity::request_count;
use crate::error::{During, Result};
use crate::mode::{Mode, repository};

/// Number of newest results over which percentiles are computed.
const NEWEST: u32 = 10_000;

repository! {
    /// Counts and percentiles.
    Statistics
}

/// Requests by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestCount {
    /// With a result.
    pub fulfilled: u64,
    /// Ended without one.
    pub expired: u64,
    /// Not ended.
    pub open: u64,
}

impl<M: Mode> Statistics<'_, M> {
    /// Returns the requests by how they ended, from the sums that every unit of work maintains.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn requests(&self) -> Result<RequestCount> {
        let mut count = RequestCount::default();
        for row in request_count::Entity::find().all(&self.db).await.during("count requests")? {
            let number: u64 = from_db("number of requests", row.number)?;
            match row.status.as_str() {
                "fulfilled" => count.fulfilled += number,
                "expired" => count.expired += number,
                _ => count.open += number,
            }
        }
        Ok(count)
    }

    /// Returns the 50th, 95th and 99th percentile of the blocks from a request to its result, over the newest 10000 results;
    /// `None` without results.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn latency(&self) -> Result<Option<[u64; 3]>> {
        // Ranks by the nearest-rank method, rounded up.
        let sql = format!(
            "SELECT blocks, place, number FROM (SELECT blocks, ROW_NUMBER() OVER (ORDER BY blocks) AS place, \
             COUNT(*) OVER () AS number FROM (SELECT latest.height - requests.height AS blocks FROM (SELECT request, height \
             FROM results ORDER BY request DESC LIMIT {NEWEST}) AS latest JOIN requests ON requests.id = latest.request) AS \
             taken) AS ranked WHERE place IN ((number * 50 + 99) / 100, (number * 95 + 99) / 100, (number * 99 + 99) / 100) \
             ORDER BY place"
        );
        let what = "compute latencies";
        let rows = self.rows(sql, what).await?;
        let at = |share: u64| -> Result<Option<u64>> {
            for row in &rows {
                let place: u64 = from_db("place", row.try_get("", "place").during(what)?)?;
                let number: u64 = from_db("number", row.try_get("", "number").during(what)?)?;
                if place == (number * share).div_ceil(100) {
                    return Ok(Some(from_db("blocks", row.try_get("", "blocks").during(what)?)?));
                }
            }
            Ok(None)
        };
        let (Some(p50), Some(p95), Some(p99)) = (at(50)?, at(95)?, at(99)?) else { return Ok(None) };
        Ok(Some([p50, p95, p99]))
    }

    async fn rows(&self, sql: String, what: &'static str) -> Result<Vec<QueryResult>> {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        self.db.query_all_raw(statement).await.during(what)
    }
}
