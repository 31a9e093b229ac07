//! Upgrading the contract with requests in every state.

use crate::world::{policy, World, TTL};
use cw_multi_test::{ContractWrapper, Executor};
use gateway_api::*;
use gateway_contract::contract::{execute, instantiate, migrate, query, reply};

fn migrate_to_this_release(world: &mut World, release: &str) -> Result<(), String> {
    let wrapper = ContractWrapper::new(execute, instantiate, query).with_reply(reply).with_migrate(migrate);
    let code = world.app.store_code(Box::new(wrapper));
    let mut storage = world.app.contract_storage_mut(&world.gateway);
    cw2::set_contract_version(&mut *storage, "gateway-contract", release).unwrap();
    drop(storage);
    let (admin, gateway) = (world.admin.clone(), world.gateway.clone());
    let done = world.app.migrate_contract(admin, gateway, &MigrateMsg {}, code);
    done.map(|_| ()).map_err(|error| error.root_cause().to_string())
}

/// Nothing is lost and nothing is paid twice; going back is refused.
#[test]
fn attack_49_upgrade() {
    let mut world = World::new();
    let project = world.project(policy());
    let done = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(done, "1")), None);
    let drawn = world.drawn_request(project);
    let overdue = world.request(project);
    let before: LedgerResponse = world.ask(&QueryMsg::Ledger {});
    let publication = world.publication(drawn, "2");

    let refused = migrate_to_this_release(&mut world, "99.0.0").unwrap_err();
    assert!(refused.contains("cannot migrate"), "{refused}");
    migrate_to_this_release(&mut world, "0.0.9").unwrap();
    let config: ConfigResponse = world.ask(&QueryMsg::Config {});
    assert_eq!(config.release, env!("CARGO_PKG_VERSION"));

    assert_eq!(world.ask::<LedgerResponse>(&QueryMsg::Ledger {}), before);
    assert_eq!(world.verdict(world.publication(done, "1")), Some(Refusal::Closed {}));
    assert_eq!(world.verdict(publication), None);
    assert_eq!(world.status(overdue), RequestStatus::Waiting);
    world.block();
    world.tick();
    assert_eq!(world.status(overdue), RequestStatus::Drawn);
    world.blocks(TTL + 1);
    let bob = world.bob.clone();
    world.send(&bob, &ExecuteMsg::Expire { limit: None }, 0).unwrap();
    assert_eq!(world.status(overdue), RequestStatus::Expired);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request: done });
    assert_eq!(result.body, Body::Inline { text: "1".to_owned() });
}
