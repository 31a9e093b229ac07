//! Rows for the tests of this folder.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test binary uses a part")]

use gateway_api::{
    CodeHash, CodeRef, CodeSource, DrawInfo, Endpoint, EngineId, Epoch, InputHash, KeyFrom, Moniker, NodeId,
    NodeKey, NodeResponse, OutcomeClass, Policy, ProjectId, RequestId, RequestResponse, RequestStatus, Round,
    Seed, SettingsVersion, UnitsFrom, Version,
};
use gateway_store::{AttestationRow, Store};

/// An address of a PostgreSQL server whose user may make databases, for example `postgres://me:pw@localhost:5432`. Tests of
/// rows run there too where it is set.
const POSTGRES: &str = "STORE_TEST_POSTGRES";

/// Every database the tests of rows run on, empty: SQLite in a file always, PostgreSQL where there is one.
pub(crate) struct Databases {
    pub(crate) stores: Vec<Store>,
    _dir: tempfile::TempDir,
}

pub(crate) async fn databases(test: &str) -> Databases {
    use sea_orm::ConnectionTrait;
    let dir = tempfile::tempdir().expect("dir");
    let mut stores = vec![open(dir.path()).await];
    if let Ok(server) = std::env::var(POSTGRES) {
        let admin = sea_orm::Database::connect(format!("{server}/postgres")).await.expect("connects");
        let name = format!("gateway_test_{test}");
        for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
            admin.execute_unprepared(&sql).await.expect("makes a database");
        }
        stores.push(Store::open(&format!("{server}/{name}")).await.expect("opens"));
    }
    Databases { stores, _dir: dir }
}

pub(crate) async fn open(dir: &std::path::Path) -> Store {
    Store::open(&format!("sqlite:{}", dir.join("test.db").display())).await.expect("opens")
}

pub(crate) fn request(id: u64, status: RequestStatus) -> RequestResponse {
    let draw = (status != RequestStatus::Waiting).then_some(DrawInfo {
        round: Round(1),
        seed: Seed([7; 32]),
        height: 11,
        time_ns: 5,
        epoch: Epoch(2),
        total_units: 5,
        attempt: 0.into(),
        attempt_blocks: 3,
        engine: None,
    });
    RequestResponse {
        request: RequestId(id),
        project: ProjectId(1 + id % 2),
        version: Version(1),
        code: CodeRef { sha256: CodeHash([1; 32]), size: 3, sources: vec![CodeSource::Store {}] },
        policy: Policy::default(),
        requester: "archway1user".into(),
        input: Some("[1,2]".into()),
        input_hash: InputHash([2; 32]),
        callback_gas: None,
        height: 10,
        deadline: 110,
        reserved: 5u128.into(),
        settings_version: SettingsVersion(1),
        max_inline_bytes: 4096,
        status,
        draw,
    }
}

pub(crate) fn node(id: u32) -> NodeResponse {
    NodeResponse {
        node: NodeId(id),
        operator: format!("archway1op{id}"),
        keys: vec![KeyFrom { epoch: Epoch(0), key: NodeKey([id as u8; 32]) }],
        engine: EngineId([3; 32]),
        moniker: Moniker::new("n").expect("moniker"),
        endpoint: Endpoint::new("").expect("endpoint"),
        stake: 1u128.into(),
        schedule: vec![UnitsFrom { epoch: Epoch(2), units: 1 }],
        jailed_until: None,
        unbonding: Vec::new(),
        engines: Vec::new(),
    }
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
