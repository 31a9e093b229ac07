//! The committed wasm in the chain's virtual machine, through every entry point: the same life, the same examples, the
//! same migration and the same random sequences as the native contract, and the same records left byte for byte.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// The helpers serve the native tests too.
#![allow(dead_code)]

#[path = "../contract/archway.rs"]
mod archway;
#[path = "../contract/crafted.rs"]
mod crafted;
#[path = "../contract/docs.rs"]
mod docs;
#[path = "../contract/docs_world.rs"]
mod docs_world;
#[path = "../contract/life.rs"]
mod life;
#[path = "../contract/model/mod.rs"]
mod model;
#[path = "../contract/quiet.rs"]
mod quiet;
#[path = "../contract/rogue.rs"]
mod rogue;
mod subject;
#[path = "../contract/upgrade.rs"]
mod upgrade;
mod vm;
#[path = "../contract/world.rs"]
mod world;

use cosmwasm_std::{Order, Record};

fn records_of_a_life() -> Vec<Record> {
    let world = life::live();
    let storage = world.app.contract_storage(&world.gateway);
    storage.range(None, None, Order::Ascending).collect()
}

#[test]
fn wasm_and_native_code_leave_the_same_records() {
    let wasm = records_of_a_life();
    let native = subject::natively(records_of_a_life);
    assert!(wasm.len() > 100);
    assert_eq!(wasm, native);
}

/// The entry points there are, and that each has been called by a life, a migration and their answers.
#[test]
fn every_entry_point_is_called() {
    let mut called = vec!["instantiate"];
    let mut world = life::live();
    upgrade::migrate_from(&mut world).unwrap();
    // A callback that nobody reserved: nothing comes of it.
    let callback = gateway_api::SudoMsg::Callback { job_id: 99 };
    world.app.wasm_sudo(world.gateway.clone(), &callback).unwrap();
    called.extend(vm::called());
    called.sort_unstable();
    called.dedup();
    assert_eq!(called, vm::entry_points());
}

/// The gas of a request, of its draw and of its result, after so many requests of one project.
fn gas_after(history: u64) -> Vec<u64> {
    let mut world = world::World::with_settings(gateway_api::Settings {
        max_open_per_payer: 10_000,
        max_open_per_project: 10_000,
        ..world::settings()
    });
    for _ in 0..5 {
        world.register_node(1);
    }
    world.activate_nodes();
    let project = world.project(world::policy());
    for _ in 0..history {
        world.request(project);
    }
    let request = world.request(project);
    let asked = vm::gas_used();
    world.block();
    world.tick();
    let drawn = vm::gas_used();
    let publication = world.publication(request, "3");
    world.publish(vec![publication]);
    vec![asked, drawn, vm::gas_used()]
}

/// Earlier requests do not raise the gas: within two in a hundred after 10 and after 300 requests.
#[test]
fn attack_34_storage_growth() {
    for (before, after) in gas_after(10).into_iter().zip(gas_after(300)) {
        assert!(before > 0 && after.abs_diff(before) * 50 <= before, "{before} and {after}");
    }
}
