//! A stranger tries every message, and every message that takes no funds is sent some.

use crate::world::{code, policy, register_project, settings, World};
use gateway_api::*;
use gateway_contract::permissions::{needed, Funds, Sender};
use gateway_contract::ContractError;

/// One of every message. A new variant does not compile until it stands here.
fn every_message(project: ProjectId) -> Vec<ExecuteMsg> {
    let all = vec![
        register_project(policy()),
        ExecuteMsg::AddVersion { project, code: code(), policy: policy() },
        ExecuteMsg::ActivateVersion { project, version: Version(1) },
        ExecuteMsg::RegisterNode(RegisterNode {
            key: NodeKey([1; 32]),
            possession: vec![0; 64].into(),
            engine: EngineId([1; 32]),
            moniker: Moniker::new("m").unwrap(),
            endpoint: Endpoint::new("").unwrap(),
        }),
        ExecuteMsg::Request { project, input: "1".to_owned(), callback: None },
        ExecuteMsg::Tick {},
        ExecuteMsg::Publish { publications: vec![] },
        ExecuteMsg::Expire { limit: None },
        ExecuteMsg::RetryCallback { request: RequestId(1) },
        ExecuteMsg::Claim {},
        ExecuteMsg::UpdateSettings { settings: settings() },
    ];
    let names: std::collections::BTreeSet<_> = all.iter().map(name).collect();
    assert_eq!(names.len(), all.len());
    all
}

fn name(msg: &ExecuteMsg) -> &'static str {
    match msg {
        ExecuteMsg::RegisterProject { .. } => "register_project",
        ExecuteMsg::AddVersion { .. } => "add_version",
        ExecuteMsg::ActivateVersion { .. } => "activate_version",
        ExecuteMsg::RegisterNode(_) => "register_node",
        ExecuteMsg::Request { .. } => "request",
        ExecuteMsg::Tick {} => "tick",
        ExecuteMsg::Publish { .. } => "publish",
        ExecuteMsg::Expire { .. } => "expire",
        ExecuteMsg::RetryCallback { .. } => "retry_callback",
        ExecuteMsg::Claim {} => "claim",
        ExecuteMsg::UpdateSettings { .. } => "update_settings",
    }
}

#[test]
fn a_stranger_gets_nowhere_with_what_is_not_for_everybody() {
    let mut world = World::new();
    let project = world.project(policy());
    let stranger = world.app.api().addr_make("stranger");
    let mut guarded = 0;
    for msg in every_message(project) {
        let (sender, _) = needed(&msg);
        let refused = world.send(&stranger, &msg, 0);
        if sender == Sender::Any {
            assert!(!matches!(refused, Err(ContractError::Unauthorized { .. })), "{}", name(&msg));
        } else {
            guarded += 1;
            assert!(matches!(refused, Err(ContractError::Unauthorized { .. })), "{}", name(&msg));
        }
    }
    assert_eq!(guarded, 3);
}

#[test]
fn what_takes_no_funds_refuses_them() {
    let mut world = World::new();
    let project = world.project(policy());
    // Bob owns the project, the admin governs: whoever may send a message is refused its funds.
    for msg in every_message(project) {
        let (sender, funds) = needed(&msg);
        let from = match sender {
            Sender::Admin => world.admin.clone(),
            Sender::Any | Sender::ProjectOwner(_) => world.bob.clone(),
        };
        let refused = world.send(&from, &msg, 1);
        let unexpected = matches!(refused, Err(ContractError::UnexpectedFunds {}));
        assert_eq!(unexpected, funds == Funds::Refused, "{}", name(&msg));
    }
}
