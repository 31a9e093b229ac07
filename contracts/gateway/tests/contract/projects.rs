//! Registering projects, adding versions and activating them.

use crate::world::{code, policy, register_project, World};
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

#[test]
fn a_project_begins_with_its_first_version_active() {
    let mut world = World::empty();
    let id = world.project(policy());
    let project: ProjectResponse = world.ask(&QueryMsg::Project { project: id });
    assert_eq!((id, project.active, project.latest), (ProjectId(1), Version(1), Version(1)));
    assert_eq!(project.owner, world.bob.to_string());
    let version: VersionResponse = world.ask(&QueryMsg::Version { project: id, version: Version(1) });
    assert_eq!((version.code, version.policy), (code(), policy()));
}

#[test]
fn a_version_does_nothing_until_it_is_activated_and_older_ones_come_back() {
    let mut world = World::new();
    let id = world.project(policy());
    let owner = world.bob.clone();
    let newer = CodeRef { sha256: CodeHash([8; 32]), ..code() };
    let add = ExecuteMsg::AddVersion { project: id, code: newer.clone(), policy: policy() };
    world.send(&owner, &add, 0).unwrap();

    let pinned = |world: &mut World| {
        let request = world.request(id);
        world.ask::<RequestResponse>(&QueryMsg::Request { request }).code.sha256
    };
    assert_eq!(pinned(&mut world), code().sha256);
    let first = world.request(id);
    for (version, sha256) in [(Version(2), newer.sha256), (Version(1), code().sha256)] {
        let response = world.send(&owner, &ExecuteMsg::ActivateVersion { project: id, version }, 0).unwrap();
        assert!(matches!(
            world.events(&response)[..],
            [GatewayEvent::VersionActivated(ref event)] if event.version == version
        ));
        assert_eq!(pinned(&mut world), sha256);
    }
    // A request keeps the version it was opened with.
    assert_eq!(world.ask::<RequestResponse>(&QueryMsg::Request { request: first }).version, Version(1));
}

#[test]
fn bounds_are_named() {
    let mut world = World::empty();
    let bob = world.bob.clone();
    let bad = Policy { quorum_bps: 5000, ..policy() };
    assert_eq!(
        world.send(&bob, &register_project(bad), 0).unwrap_err(),
        ContractError::InvalidPolicy { fault: "quorum_bps takes 5001 to 10000" }
    );
    let id = world.project(policy());
    let code = CodeRef { sources: vec![], ..code() };
    let add = ExecuteMsg::AddVersion { project: id, code, policy: policy() };
    assert_eq!(
        world.send(&bob, &add, 0).unwrap_err(),
        ContractError::InvalidCode { fault: "sources takes 1 to 8 places" }
    );
}

#[test]
fn what_is_not_there_is_said() {
    let mut world = World::empty();
    let id = world.project(policy());
    let bob = world.bob.clone();
    let version = Version(2);
    assert_eq!(
        world.send(&bob, &ExecuteMsg::ActivateVersion { project: id, version }, 0).unwrap_err(),
        ContractError::UnknownVersion { project: id, version }
    );
    let project = ProjectId(9);
    assert_eq!(
        world.send(&bob, &ExecuteMsg::ActivateVersion { project, version }, 0).unwrap_err(),
        ContractError::UnknownProject { project }
    );
}
