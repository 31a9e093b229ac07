//! Upgrading the contract with requests in every state.

use cosmwasm_std::{coins, Addr, Order, Timestamp};
use cw_multi_test::{BankSudo, Executor, SudoMsg};
use gateway_api::*;
use serde_json::Value;

use crate::rogue::Rogue;
use crate::world::{engine, policy, rich, SecretKeyBytes, TestNode, World, DENOM, TTL};

/// Migrates whatever there is to this release.
pub(crate) fn migrate_from(world: &mut World) -> Result<(), String> {
    let code = world.app.store_code(crate::subject::gateway());
    let (admin, gateway) = (world.admin.clone(), world.gateway.clone());
    let done = world.app.migrate_contract(admin, gateway, &MigrateMsg {}, code);
    done.map(|_| ()).map_err(|error| error.root_cause().to_string())
}

fn migrate_to_this_release(world: &mut World, release: &str) -> Result<(), String> {
    let mut storage = world.app.contract_storage_mut(&world.gateway);
    cw2::set_contract_version(&mut *storage, "gateway-contract", release).unwrap();
    drop(storage);
    migrate_from(world)
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
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(world.status(overdue), RequestStatus::Expired);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request: done });
    assert_eq!(result.body, Body::Inline { text: "1".to_owned() });
}

/// What an older release left, with the people and the nodes of that life.
struct Left {
    world: World,
    rogue: Rogue,
    sayings: Vec<Value>,
}

const BY_0_1_0: &str = include_str!("../../../../tests/vectors/state-0.1.0.json");
const BY_0_2_0: &str = include_str!("../../../../tests/vectors/state-0.2.0.json");

fn left(by: &str) -> Left {
    let left: Value = serde_json::from_str(by).unwrap();
    let mut world = World::empty();
    let rogue = Rogue::new(&mut world);
    let about = &left["about"];
    assert_eq!(about["contract"], world.gateway.as_str());
    world.app.update_block(|block| {
        block.height = about["height"].as_u64().unwrap();
        block.time = Timestamp::from_nanos(about["time_ns"].as_str().unwrap().parse().unwrap());
        block.chain_id = about["chain_id"].as_str().unwrap().to_owned();
    });
    let mut storage = world.app.contract_storage_mut(&world.gateway);
    let keys: Vec<_> = storage.range(None, None, Order::Ascending).map(|(key, _)| key).collect();
    keys.iter().for_each(|key| storage.remove(key));
    for record in left["storage"].as_array().unwrap() {
        let [key, value] = [0, 1].map(|at| hex::decode(record[at].as_str().unwrap()).unwrap());
        storage.set(&key, &value);
    }
    drop(storage);
    let amount = coins(about["balance"].as_str().unwrap().parse().unwrap(), DENOM);
    let to_address = world.gateway.to_string();
    world.app.sudo(SudoMsg::Bank(BankSudo::Mint { to_address, amount })).unwrap();

    let nodes: NodesResponse = from_sayings(&left["sayings"], "nodes");
    for (secret, node) in (1..).zip(nodes.nodes) {
        let operator = Addr::unchecked(node.operator);
        rich(&mut world.app, &operator);
        let secret = SecretKeyBytes([secret; 32]);
        world.nodes.push(TestNode { id: node.node, operator, secret, engine: engine() });
    }
    let sayings = left["sayings"].as_array().unwrap().clone();
    Left { world, rogue, sayings }
}

fn from_sayings<T: serde::de::DeserializeOwned>(sayings: &Value, query: &str) -> T {
    let saying = sayings.as_array().unwrap().iter().find(|saying| saying["query"][query].is_object());
    serde_json::from_value(saying.unwrap()["answer"].clone()).unwrap()
}

/// Whether everything an older release said is said again; a newer one may say more.
fn says(older: &Value, newer: &Value) -> bool {
    match (older, newer) {
        (Value::Object(older), Value::Object(newer)) => {
            older.iter().all(|(field, value)| newer.get(field).is_some_and(|other| says(value, other)))
        }
        (Value::Array(older), Value::Array(newer)) => {
            older.len() == newer.len() && older.iter().zip(newer).all(|(older, newer)| says(older, newer))
        }
        (older, newer) => older == newer,
    }
}

/// The publication of a request by every node but the jailed one.
fn publication(world: &World, request: u64, body: &str) -> Publication {
    let mut publication = world.publication(RequestId(request), body);
    publication.attestations.retain(|attestation| attestation.node != NodeId(5));
    publication
}

fn is_answered_as_it_was(by: &str) {
    let Left { mut world, sayings, .. } = left(by);
    migrate_from(&mut world).unwrap();
    let mut asked = 0;
    for saying in sayings {
        let query: QueryMsg = serde_json::from_value(saying["query"].clone()).unwrap();
        let mut older = saying["answer"].clone();
        match query {
            QueryMsg::Config {} => older["release"] = env!("CARGO_PKG_VERSION").into(),
            // A page has had ids and draws only since 0.3.0; each request is asked for by its id too.
            QueryMsg::OpenRequests { .. } => {
                for request in older["requests"].as_array_mut().unwrap() {
                    let kept = ["request", "project", "deadline", "draw"];
                    request.as_object_mut().unwrap().retain(|field, _| kept.contains(&field.as_str()));
                }
            }
            _ => {}
        }
        let newer: Value = world.ask(&query);
        assert!(says(&older, &newer), "{query:?}\n{older}\n{newer}");
        asked += 1;
    }
    assert!(asked > 60, "{asked}");
}

#[test]
fn what_0_1_0_left_is_answered_as_it_was() {
    is_answered_as_it_was(BY_0_1_0);
}

#[test]
fn what_0_2_0_left_is_answered_as_it_was() {
    is_answered_as_it_was(BY_0_2_0);
}

#[test]
fn what_0_2_0_left_open_ends_and_what_it_owes_is_paid() {
    let Left { mut world, sayings, .. } = left(BY_0_2_0);
    world.gifts = true;
    migrate_from(&mut world).unwrap();
    world.check_conservation();
    let open: OpenRequestsResponse = world.ask(&QueryMsg::OpenRequests { start_after: None, limit: None });
    assert!(open.requests.len() > 3);
    let drawn = open.requests.iter().filter(|r| r.draw.is_some() && r.project == ProjectId(1));
    for request in drawn.map(|r| r.request).collect::<Vec<_>>() {
        let publication = publication(&world, request.get(), "1");
        assert_eq!(world.verdict(publication), None, "{request}");
    }
    world.blocks(TTL + 1);
    let bob = world.bob.clone();
    world.send(&bob, &ExecuteMsg::Expire { limit: Some(100), requests: None }, 0).unwrap();
    let addresses = sayings.iter().filter_map(|saying| saying["query"]["rewards"]["address"].as_str());
    for address in addresses.map(Addr::unchecked).chain([world.relay.clone()]).collect::<Vec<_>>() {
        if world.rewards(&address) > 0 {
            world.send(&bob, &ExecuteMsg::Claim { r#for: Some(address.to_string()) }, 0).unwrap();
        }
    }
    world.blocks(60);
    world.tick();
    let last = world.nodes[5].clone();
    world.send(&last.operator, &ExecuteMsg::WithdrawStake { node: last.id }, 0).unwrap();
    let ledger: LedgerResponse = world.ask(&QueryMsg::Ledger {});
    assert_eq!((ledger.reserved.u128(), ledger.claimable.u128()), (0, 0), "{ledger:?}");
    world.nodes[1].secret = SecretKeyBytes([99; 32]);
    let request = world.drawn_request(ProjectId(1));
    assert_eq!(world.verdict(publication(&world, request.get(), "1")), None);
}

#[test]
fn what_0_1_0_left_open_ends_and_what_it_owes_is_paid() {
    let Left { mut world, rogue, .. } = left(BY_0_1_0);
    migrate_from(&mut world).unwrap();
    world.check_conservation();

    // Drawn, under settings before the last; drawn by the median; drawn fast.
    assert_eq!(world.verdict(publication(&world, 8, "1")), None);
    let mut values = publication(&world, 11, "10.5");
    for attestation in &mut values.attestations {
        attestation.value = Some("10.5".to_owned());
    }
    assert_eq!(world.verdict(values), None);
    assert_eq!(world.verdict(publication(&world, 12, "1")), None);
    // Two of five seats had gathered.
    let last = world.nodes[5].clone();
    let mut publication_10 = publication(&world, 10, "3");
    publication_10.attestations.retain(|attestation| attestation.node == last.id);
    let attest = ExecuteMsg::Attest { publication: publication_10 };
    world.send(&last.operator, &attest, 0).unwrap();
    assert_eq!(world.status(RequestId(10)), RequestStatus::Fulfilled);
    // Waiting: one is drawn and answered, one expires.
    world.block();
    world.tick();
    assert_eq!(world.verdict(publication(&world, 13, "1")), None);
    world.blocks(TTL + 1);
    let bob = world.bob.clone();
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(world.status(RequestId(14)), RequestStatus::Expired);
    // A callback that had failed.
    rogue.behave(&mut world, false, None);
    world.send(&bob, &ExecuteMsg::DeliverCallback { request: RequestId(5), gas_limit: None }, 0).unwrap();
    let result: ResultResponse = world.ask(&QueryMsg::Result { request: RequestId(5) });
    assert_eq!(result.callback, CallbackStatus::Delivered {});

    // Every claim is paid, and the stake that was on its way out.
    let mut owed = vec![bob.clone(), world.relay.clone(), world.app.api().addr_make("treasury")];
    owed.extend(world.nodes.iter().map(|node| node.operator.clone()));
    for who in owed {
        if world.rewards(&who) > 0 {
            world.send(&who, &ExecuteMsg::Claim { r#for: None }, 0).unwrap();
        }
    }
    world.blocks(60);
    world.send(&last.operator, &ExecuteMsg::WithdrawStake { node: last.id }, 0).unwrap();
    let ledger: LedgerResponse = world.ask(&QueryMsg::Ledger {});
    assert_eq!((ledger.reserved.u128(), ledger.claimable.u128()), (0, 0), "{ledger:?}");
    assert_eq!(world.balance(&world.gateway), ledger.stake.u128());

    // And work goes on, with the versions that were there and the key that draws by now.
    world.nodes[1].secret = SecretKeyBytes([99; 32]);
    let request = world.drawn_request(ProjectId(1));
    assert_eq!(world.verdict(publication(&world, request.get(), "1")), None);
}
