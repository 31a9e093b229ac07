//! Records of the contract as values, for tests that need no chain.

use gateway_api::{
    Attempt, DrawInfo, EngineId, Epoch, InputHash, KeyFrom, NodeId, NodeKey, NodeResponse, Policy, ProjectId,
    RequestId, RequestResponse, RequestStatus, Round, Seed, SettingsVersion, UnitsFrom, Version,
};

use crate::setup::code;

/// Returns a request that is drawn among five units in epoch 2.
pub fn sample_request(request: u64) -> RequestResponse {
    RequestResponse {
        request: RequestId(request),
        project: ProjectId(1),
        version: Version(1),
        code: code(),
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
        status: RequestStatus::Drawn,
        draw: Some(DrawInfo {
            round: Round(1),
            seed: Seed([7; 32]),
            height: 11,
            time_ns: 5,
            epoch: Epoch(2),
            total_units: 5,
            attempt: Attempt(0),
            attempt_blocks: 3,
            engine: None,
        }),
    }
}

/// Returns a node with a unit from epoch 2 on.
pub fn sample_node(node: u32, key: NodeKey) -> NodeResponse {
    NodeResponse {
        node: NodeId(node),
        operator: format!("archway1op{node}"),
        keys: vec![KeyFrom { epoch: Epoch(0), key }],
        engine: EngineId([3; 32]),
        moniker: "n".parse().expect("a moniker"),
        endpoint: "".parse().expect("an endpoint"),
        stake: 1u128.into(),
        schedule: vec![UnitsFrom { epoch: Epoch(2), units: 1 }],
        jailed_until: None,
        unbonding: Vec::new(),
        engines: Vec::new(),
    }
}
