//! Handing over, scheduling and guarding projects, and the admin's office.

use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{code, policy, settings, World};

#[test]
fn a_project_changes_hands_in_two_steps() {
    let mut world = World::empty();
    let project = world.project(policy());
    let (alice, bob) = (world.alice.clone(), world.bob.clone());
    let accept = ExecuteMsg::AcceptProject { project };
    let offer = |to: Option<String>| ExecuteMsg::OfferProject { project, to };
    assert!(matches!(world.send(&alice, &accept, 0), Err(ContractError::Unauthorized { .. })));
    world.send(&bob, &offer(Some(alice.to_string())), 0).unwrap();
    world.send(&bob, &offer(None), 0).unwrap();
    assert!(matches!(world.send(&alice, &accept, 0), Err(ContractError::Unauthorized { .. })));
    world.send(&bob, &offer(Some(alice.to_string())), 0).unwrap();
    world.send(&alice, &accept, 0).unwrap();
    let owned: ProjectResponse = world.ask(&QueryMsg::Project { project });
    assert_eq!(owned.owner, alice.to_string());
    assert!(matches!(world.send(&bob, &offer(None), 0), Err(ContractError::Unauthorized { .. })));
    assert!(matches!(world.send(&alice, &accept, 0), Err(ContractError::Unauthorized { .. })));
}

#[test]
fn the_office_changes_hands_in_two_steps() {
    let mut world = World::empty();
    let (admin, alice) = (world.admin.clone(), world.alice.clone());
    world.send(&admin, &ExecuteMsg::OfferAdmin { to: Some(alice.to_string()) }, 0).unwrap();
    let offered: GovernanceResponse = world.ask(&QueryMsg::Governance {});
    assert_eq!(offered.offered_to, Some(alice.to_string()));
    // Until it is accepted, the admin governs.
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: settings() }, 0).unwrap();
    world.send(&alice, &ExecuteMsg::AcceptAdmin {}, 0).unwrap();
    assert!(matches!(
        world.send(&admin, &ExecuteMsg::SetPaused { paused: true }, 0),
        Err(ContractError::Unauthorized { .. })
    ));
    let config: ConfigResponse = world.ask(&QueryMsg::Config {});
    assert_eq!(config.admin, alice.to_string());
}

#[test]
fn a_scheduled_version_becomes_active_at_its_height() {
    let mut world = World::new();
    let project = world.project(policy());
    let bob = world.bob.clone();
    let newer = CodeRef { sha256: CodeHash([8; 32]), ..code() };
    world.send(&bob, &ExecuteMsg::AddVersion { project, code: newer, policy: policy() }, 0).unwrap();
    let schedule = |after_blocks| ExecuteMsg::ScheduleVersion { project, version: Version(2), after_blocks };
    for blocks in [0, 100_001] {
        assert_eq!(
            world.send(&bob, &schedule(blocks), 0).unwrap_err(),
            ContractError::AfterBlocks { max: 100_000 }
        );
    }
    world.send(&bob, &schedule(3), 0).unwrap();
    let scheduled: ProjectAccessResponse = world.ask(&QueryMsg::ProjectAccess { project });
    assert_eq!(
        scheduled.scheduled,
        Some(ScheduledVersion { version: Version(2), height: world.height() + 3 })
    );
    let pinned = |world: &mut World| {
        let request = world.request(project);
        world.ask::<RequestResponse>(&QueryMsg::Request { request }).version
    };
    world.blocks(2);
    assert_eq!(pinned(&mut world), Version(1));
    world.block();
    assert_eq!(pinned(&mut world), Version(2));
    let active: ProjectResponse = world.ask(&QueryMsg::Project { project });
    assert_eq!(active.active, Version(2));
    world.send(&bob, &ExecuteMsg::ActivateVersion { project, version: Version(1) }, 0).unwrap();
    assert_eq!(pinned(&mut world), Version(1));
}

#[test]
fn a_project_says_who_may_ask() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, bob, fee) = (world.alice.clone(), world.bob.clone(), world.fee(project));
    let set = |world: &mut World, requesters, paused| {
        let msg = ExecuteMsg::SetAccess { project, requesters, paused };
        let bob = world.bob.clone();
        world.send(&bob, &msg, 0).unwrap();
    };
    set(&mut world, Requesters::Owner {}, false);
    assert_eq!(world.request_as(&alice, project, fee).unwrap_err(), ContractError::NotARequester {});
    world.request_as(&bob, project, fee).unwrap();
    set(&mut world, Requesters::List { addresses: vec![alice.to_string()] }, false);
    world.request_as(&alice, project, fee).unwrap();
    assert_eq!(world.request_as(&bob, project, fee).unwrap_err(), ContractError::NotARequester {});
    set(&mut world, Requesters::Anyone {}, true);
    assert_eq!(world.request_as(&alice, project, fee).unwrap_err(), ContractError::ProjectPaused {});

    let crowd = Requesters::List { addresses: vec![alice.to_string(); 65] };
    let msg = ExecuteMsg::SetAccess { project, requesters: crowd, paused: false };
    assert_eq!(world.send(&bob, &msg, 0).unwrap_err(), ContractError::TooManyRequesters { max: 64 });
}
