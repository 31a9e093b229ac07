//! Measures the explorer's queries at a million requests. Loads them first, hence a separate program:
//!
//! ```sh
//! scripts/with-postgres.sh cargo run --release --package gateway-store --example million
//! ```
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement fails by panicking, and prints times"
)]

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::time::Instant;

use gateway_api::{ProjectId, RequestId, RequestStatus};
use gateway_store::{EventFilter, RequestFilter, Store};
use samples::request;
use sea_orm::{ConnectionTrait, Database};

const REQUESTS: u64 = 1_000_000;
/// Runs per query; the median counts.
const ROUNDS: usize = 9;
/// A number series, in syntax that both databases support.
const SERIES: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT";

/// Loads requests of 100 projects, of which all but the newest have ended, one in fifty without a result; two events each.
async fn load(url: &str) {
    let database = Database::connect(url).await.expect("connects");
    let body = serde_json::to_string(&request(1, RequestStatus::Fulfilled)).expect("json");
    let status = "CASE WHEN i > 999900 THEN 'drawn' WHEN i % 50 = 0 THEN 'expired' ELSE 'fulfilled' END";
    let event = |name: &str, height: &str, place: u32| {
        format!(
            "INSERT INTO events (id, height, time_ms, event, project, request, attributes) {SERIES} CAST({height} AS BIGINT) \
             * 1048576 + {place} + i % 4, {height}, i * 1000, '{name}', 1 + i % 100, i, '{{}}' FROM n"
        )
    };
    for sql in [
        format!(
            "INSERT INTO requests (id, project, requester, status, height, deadline, body, tries, not_before) {SERIES} \
             i, 1 + i % 100, 'archway1user', {status}, 10 + i / 4, 110 + i / 4, '{body}', 0, 0 FROM n"
        ),
        format!(
            "INSERT INTO results (request, project, class, height, body) {SERIES} i, 1 + i % 100, 'ok', \
             13 + i / 4 + (i % 4096) * (i % 4096) / 400000, '{{}}' FROM n WHERE i <= 999900 AND i % 50 <> 0"
        ),
        event("gateway-request-opened", "(10 + i / 4)", 0),
        event("gateway-request-fulfilled", "(13 + i / 4)", 4),
        // What units of work would have added to the sums.
        "UPDATE request_counts SET number = (SELECT COUNT(*) FROM requests WHERE requests.status = request_counts.status)"
            .to_owned(),
        format!(
            "INSERT INTO conduct (epoch, node, results, agreeing, seats) {SERIES} i / 100, i % 100, 600, 590, 900 FROM n WHERE \
             i < 36500"
        ),
        format!(
            "INSERT INTO epoch_results (epoch, results, expected) {SERIES} i - 1, 2740, 900000000 FROM n WHERE i <= 365"
        ),
    ] {
        database.execute_unprepared(&sql).await.expect("loads");
    }
    // PostgreSQL eventually does so by itself; index-only scans depend on it.
    database.execute_unprepared("VACUUM").await.expect("vacuums");
    database.execute_unprepared("ANALYZE").await.expect("analyses");
}

/// Prints the median time of a query in milliseconds and returns its answer.
async fn time<T>(name: &str, ask: impl AsyncFn() -> T) -> T {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut answer = None;
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        answer = Some(ask().await);
        times.push(begin.elapsed());
    }
    times.sort();
    println!("{name:<52} {:>9.2} ms", times[ROUNDS / 2].as_secs_f64() * 1000.0);
    answer.expect("asked")
}

async fn measure(store: &Store) {
    let count = time("statistics: requests by status", async || store.statistics().requests().await).await;
    let count = count.expect("counts");
    assert_eq!(count.fulfilled + count.expired + count.open, REQUESTS);
    let latency =
        time("statistics: percentiles of the newest 10000", async || store.statistics().latency().await);
    assert!(latency.await.expect("ranks").is_some());
    let filter = RequestFilter { project: Some(ProjectId(50)), status: None };
    let list = time("requests of a project, 100 from the middle", async || {
        store.requests().list(filter, RequestId(REQUESTS / 2), 100).await.map(|rows| rows.len())
    });
    assert_eq!(list.await.expect("lists"), 100);
    let open = RequestFilter { project: None, status: Some(RequestStatus::Drawn) };
    let list = time("open requests, 100", async || {
        store.requests().list(open, RequestId(0), 100).await.map(|rows| rows.len())
    });
    assert_eq!(list.await.expect("lists"), 100);
    for (name, heights) in
        [("100 of a range in the middle", 125_000..=125_100), ("the newest 100", 250_000..=u64::MAX)]
    {
        let name = format!("history by height, {name}");
        let rows = time(&name, async || {
            store
                .events()
                .at_heights(heights.clone(), &EventFilter::default(), 0, 100)
                .await
                .map(|rows| rows.len())
        });
        assert!(rows.await.expect("lists") > 0);
    }
    let one = EventFilter { request: Some(RequestId(500_000)), ..EventFilter::default() };
    let rows =
        time("events of a request", async || store.events().list(&one, 0, 100).await.map(|rows| rows.len()));
    assert_eq!(rows.await.expect("lists"), 2);
    let rows = time("a stream that resumes in the middle, 200", async || {
        store.events().list(&EventFilter::default(), 125_000 << 20, 200).await.map(|rows| rows.len())
    });
    assert_eq!(rows.await.expect("lists"), 200);
    let epochs = time("agreement and presence, 100 nodes in 6 of 365 epochs", async || {
        store
            .conduct()
            .epochs(None, 6)
            .await
            .map(|epochs| epochs.iter().map(|e| e.nodes.len()).sum::<usize>())
    });
    assert_eq!(epochs.await.expect("lists"), 600);
}

#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().expect("dir");
    let mut urls = vec![format!("sqlite:{}", dir.path().join("million.db").display())];
    if let Ok(server) = std::env::var("STORE_TEST_POSTGRES") {
        let admin = Database::connect(format!("{server}/postgres")).await.expect("connects");
        for sql in ["DROP DATABASE IF EXISTS gateway_million", "CREATE DATABASE gateway_million"] {
            admin.execute_unprepared(sql).await.expect("makes a database");
        }
        urls.push(format!("{server}/gateway_million"));
    }
    for url in urls {
        let store = Store::open(&url).await.expect("opens");
        let begin = Instant::now();
        load(&url).await;
        let database = url.split(':').next().unwrap_or_default();
        println!("{database}: {REQUESTS} requests loaded in {:.0} s", begin.elapsed().as_secs_f64());
        measure(&store).await;
    }
}
