//! Sample rows for the tests in this folder.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test binary uses a part")]

use gateway_api::{
    EngineId, NodeId, NodeKey, NodeResponse, OutcomeClass, ProjectId, RequestId, RequestResponse,
    RequestStatus,
};
use gateway_store::{AttestationRow, Store};
use gateway_testkit::{sample_node, sample_request};

/// Address of a PostgreSQL server whose user may create databases, for example `postgres://me:pw@localhost:5432`. If set, tests
/// of rows also run there.
const POSTGRES: &str = "STORE_TEST_POSTGRES";

/// Every database that the tests of rows run on, empty: always a SQLite file, and PostgreSQL if available.
pub(crate) struct Databases {
    pub(crate) stores: Vec<Store>,
    _dir: tempfile::TempDir,
}

pub(crate) async fn databases(test: &str) -> Databases {
    let dir = tempfile::tempdir().expect("dir");
    let mut stores = vec![open(dir.path()).await];
    if let Some(url) = postgres(test).await {
        stores.push(Store::open(&url).await.expect("opens"));
    }
    Databases { stores, _dir: dir }
}

/// Returns the address of an empty PostgreSQL database, if there is a server.
pub(crate) async fn postgres(test: &str) -> Option<String> {
    use sea_orm::ConnectionTrait;
    let server = std::env::var(POSTGRES).ok()?;
    let admin = sea_orm::Database::connect(format!("{server}/postgres")).await.expect("connects");
    let name = format!("gateway_test_{test}");
    for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        admin.execute_unprepared(&sql).await.expect("makes a database");
    }
    Some(format!("{server}/{name}"))
}

pub(crate) async fn open(dir: &std::path::Path) -> Store {
    Store::open(&format!("sqlite:{}", dir.join("test.db").display())).await.expect("opens")
}

pub(crate) fn request(id: u64, status: RequestStatus) -> RequestResponse {
    let drawn = sample_request(id);
    let draw = drawn.draw.clone().filter(|_| status != RequestStatus::Waiting);
    RequestResponse { project: ProjectId(1 + id % 2), status, draw, ..drawn }
}

pub(crate) fn node(id: u32) -> NodeResponse {
    sample_node(id, NodeKey([id as u8; 32]))
}

pub(crate) fn attestation(request: u64, node: u32, body: &str) -> AttestationRow {
    AttestationRow {
        request: RequestId(request),
        node: NodeId(node),
        operator: format!("archway1op{node}"),
        engine: EngineId([3; 32]),
        class: OutcomeClass::Ok,
        outcome: format!("outcome of {body}"),
        digest: gateway_api::BodyHash([9; 32]),
        size: body.len() as u32,
        body: body.into(),
        value: None,
        proof: vec![4; 160],
        seats: [1, 2, 3],
    }
}
