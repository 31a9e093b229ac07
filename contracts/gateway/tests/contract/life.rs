//! A life of the contract that leaves every kind of record in its storage, at every stage at once. What it leaves can be
//! written out, with what the contract says of it: `DUMP_STATE=<file> cargo test -p gateway-contract --test contract life`.
//! Each release's dump is made once, before the next one's records change, and never again; migration starts from it.

use std::collections::BTreeSet;

use cosmwasm_std::{Order, Uint128};
use gateway_api::*;
use serde_json::{json, Value};

use crate::archway::on_archway;
use crate::crafted::{evidence, signed_outcome, ticket};
use crate::rogue::Rogue;
use crate::world::{code, engine, policy, settings, SecretKeyBytes, World, TTL, UNIT};

/// Everybody is seated: fewer units than seats are ever active.
fn everybody() -> Policy {
    Policy { committee: 60, ..policy() }
}

fn everywhere() -> CodeRef {
    let commit = "0123456789abcdef0123456789abcdef01234567".to_owned();
    let (owner, repo, path) = ("someone".to_owned(), "code".to_owned(), "src/price.js".to_owned());
    let cid = "bafkreiaha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4".to_owned();
    let url = "https://mirror.example/price.js".to_owned();
    let sources = vec![
        CodeSource::Github { owner, repo, commit, path },
        CodeSource::Ipfs { cid },
        CodeSource::Https { url },
        CodeSource::Store {},
    ];
    CodeRef { sources, ..code() }
}

fn attest(world: &mut World, node: usize, request: RequestId, body: &str) {
    let node = world.nodes[node].clone();
    let publication = Publication {
        request,
        attempt: Attempt(0),
        engine: engine(),
        class: OutcomeClass::Ok,
        body: Body::Inline { text: body.to_owned() },
        attestations: vec![world.attest(&node, request, OutcomeClass::Ok, body)],
    };
    world.send(&node.operator, &ExecuteMsg::Attest { publication }, 0).unwrap();
}

/// Projects: one with three versions of which one is scheduled, one on offer and closed to most, one `fast`.
fn projects(world: &mut World) -> [ProjectId; 3] {
    let (alice, bob) = (world.alice.clone(), world.bob.clone());
    let main = world.project(everybody());
    let hosts = vec!["api.example".to_owned()];
    for price in [3, 5] {
        let policy = Policy { price: Uint128::new(price), hosts: hosts.clone(), ..everybody() };
        world.send(&bob, &ExecuteMsg::AddVersion { project: main, code: everywhere(), policy }, 0).unwrap();
    }
    world.send(&bob, &ExecuteMsg::ActivateVersion { project: main, version: Version(2) }, 0).unwrap();
    let median = world.project(Policy { rule: AgreementRule::Median { tolerance_bps: 100 }, ..everybody() });
    let addresses = vec![alice.to_string(), bob.to_string()];
    let access =
        ExecuteMsg::SetAccess { project: median, requesters: Requesters::List { addresses }, paused: false };
    world.send(&bob, &access, 0).unwrap();
    world.send(&bob, &ExecuteMsg::OfferProject { project: median, to: Some(alice.to_string()) }, 0).unwrap();
    let fast = world.project(Policy { draw: DrawClass::Fast, profile: EngineProfile::Jit, ..everybody() });
    [main, median, fast]
}

/// Requests that have ended in every way, with callbacks that went in every way.
fn ended(world: &mut World, rogue: &Rogue, [main, median, _]: [ProjectId; 3]) {
    let value = world.drawn_request(main);
    assert_eq!(world.verdict(world.publication(value, "{\"price\":3}")), None);
    let thrown = world.drawn_request(main);
    let error = world.publication_of(thrown, OutcomeClass::JsThrow, "{\"message\":\"no\"}", Attempt(0));
    assert_eq!(world.verdict(error), None);

    let middle = world.drawn_request(median);
    let mut values = world.publication(middle, "10.5");
    for attestation in &mut values.attestations {
        attestation.value = Some("10.5".to_owned());
    }
    assert_eq!(world.verdict(values), None);

    for fail in [false, true] {
        rogue.behave(world, fail, None);
        let request = rogue.ask(world, main);
        world.block();
        world.tick();
        assert_eq!(world.verdict(world.publication(request, "3")), None);
    }
    let (alice, bob) = (world.alice.clone(), world.bob.clone());
    rogue.ask(world, main);
    world.request_as(&alice, median, world.fee(median) + 50).unwrap();
    world.blocks(TTL + 1);
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
}

/// Nodes: one jailed and slashed, one with a second key, one with stake on its way out, one not yet drawing.
fn nodes(world: &mut World, main: ProjectId) {
    let (admin, bob) = (world.admin.clone(), world.bob.clone());
    // It stays open, under the settings of its time.
    world.drawn_request(main);
    let treasury = world.app.api().addr_make("treasury");
    let second = Settings {
        slash_bps: 2500,
        treasury_bps: 1000,
        treasury: Some(treasury.to_string()),
        unbonding_blocks: 60,
        dissent_slash_bps: 1000,
        silence_bps: 1000,
        archway: on_archway().archway,
        ..settings()
    };
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: second }, 0).unwrap();
    world.send(&bob, &ExecuteMsg::StartSweep {}, 10).unwrap();
    let request = world.drawn_request(main);
    let guilty = world.nodes[4].clone();
    let proof = evidence(world, &guilty, request);
    world.send(&bob, &ExecuteMsg::SubmitEvidence(proof), 0).unwrap();
    let mut publication = world.publication(request, "4");
    publication.attestations.retain(|attestation| attestation.node != guilty.id);
    assert_eq!(world.verdict(publication), None);

    let declared = world.project(Policy { deterministic: true, ..everybody() });
    let request = world.drawn_request(declared);
    let mut publication = world.publication(request, "3");
    publication.attestations.retain(|attestation| attestation.node != guilty.id);
    assert_eq!(world.verdict(publication), None);
    let signed_outcome = signed_outcome(world, &world.nodes[2], request, "4");
    world.send(&bob, &ExecuteMsg::ReportDissent { signed_outcome }, 0).unwrap();

    let rotating = world.nodes[1].clone();
    let registration = world.registration(&rotating.operator, SecretKeyBytes([99; 32]));
    let (key, possession) = (registration.key, registration.possession);
    world.send(&rotating.operator, &ExecuteMsg::RotateKey { node: rotating.id, key, possession }, 0).unwrap();
    let leaving = world.nodes[5].clone();
    for amount in [Some(Uint128::new(UNIT)), Some(Uint128::new(UNIT + 50))] {
        let unbond = ExecuteMsg::Unbond { node: leaving.id, amount };
        world.send(&leaving.operator, &unbond, 0).unwrap();
    }
    world.send(&leaving.operator, &ExecuteMsg::Claim { r#for: None }, 0).unwrap();
    world.next_epoch();
    let growing = world.nodes[0].clone();
    world.send(&growing.operator, &ExecuteMsg::IncreaseStake { node: growing.id }, 2 * UNIT).unwrap();
    world.register_node(3);
    let seed = world.ask::<BeaconResponse>(&QueryMsg::Beacon {}).seed;
    let proof = ticket(world, &growing, &seed);
    world.send(&bob, &ExecuteMsg::SubmitTicket { node: growing.id, proof }, 0).unwrap();
}

/// Requests that wait, that are drawn, and that gather attestations.
fn open(world: &mut World, [main, median, fast]: [ProjectId; 3]) {
    let (admin, alice, bob) = (world.admin.clone(), world.alice.clone(), world.bob.clone());
    let gathering = world.drawn_request(main);
    attest(world, 0, gathering, "3");
    attest(world, 2, gathering, "3");
    attest(world, 3, gathering, "4");
    world.drawn_request(median);
    let newer = ExecuteMsg::ScheduleVersion { project: main, version: Version(3), after_blocks: 30 };
    world.send(&bob, &newer, 0).unwrap();
    world.send(&admin, &ExecuteMsg::OfferAdmin { to: Some(bob.to_string()) }, 0).unwrap();
    world.request_as(&alice, fast, world.fee(fast)).unwrap();
    world.block();
    world.request_as(&alice, main, world.fee(main) + 25).unwrap();
    world.request_as(&bob, main, world.fee(main)).unwrap();
}

/// The whole life.
pub(crate) fn live() -> World {
    let mut world = World::empty();
    for units in [1, 1, 1, 1, 2] {
        world.register_node(units);
    }
    let operator = world.nodes[0].operator.clone();
    world.register_node_of(&operator, 5 * UNIT + 50).unwrap();
    world.activate_nodes();
    let projects = projects(&mut world);
    let rogue = Rogue::new(&mut world);
    ended(&mut world, &rogue, projects);
    nodes(&mut world, projects[0]);
    open(&mut world, projects);
    beacon(&mut world);
    world
}

/// A round with a ticket: one that draws by them. A subscription, and a callback that is due.
fn beacon(world: &mut World) {
    let bob = world.bob.clone();
    world.send(&bob, &ExecuteMsg::Subscribe { consumers: Vec::new() }, 100).unwrap();
    let project = world.project(Policy { draw: DrawClass::Beacon, ..everybody() });
    world.request(project);
    world.block();
    world.tick();
    let round = world.ask::<CounterResponse>(&QueryMsg::Counter {}).round;
    let seed = world.ask::<RoundResponse>(&QueryMsg::Round { round }).seed;
    world.block();
    let node = world.nodes[0].clone();
    let tickets = vec![NodeTicket { node: node.id, proof: ticket(world, &node, &seed) }];
    world.send(&bob, &ExecuteMsg::SubmitRoundTickets { round, tickets }, 0).unwrap();
}

/// What the contract says of itself: every query that a record answers.
fn sayings(world: &World) -> Vec<Value> {
    let mut queries = vec![
        json!({"config": {}}),
        json!({"counter": {}}),
        json!({"beacon": {}}),
        json!({"governance": {}}),
        json!({"ledger": {}}),
        json!({"open_requests": {"start_after": null, "limit": 100}}),
        json!({"results": {"start_after": null, "limit": 100}}),
        json!({"projects": {"start_after": null, "limit": 100}}),
        json!({"nodes": {"start_after": null, "limit": 100}}),
    ];
    let counter: CounterResponse = world.ask(&QueryMsg::Counter {});
    queries.extend((0..=counter.round.get()).map(|round| json!({"round": {"round": round}})));
    queries.extend((0..=counter.epoch.get()).map(|epoch| json!({"epoch": {"epoch": epoch}})));
    for project in 1..=3 {
        queries.push(json!({"project": {"project": project}}));
        queries.push(json!({"project_access": {"project": project}}));
        queries.push(json!({"estimate_fee": {"project": project}}));
        queries.push(json!({"version": {"project": project, "version": 1}}));
    }
    queries.push(json!({"version": {"project": 1, "version": 3}}));
    queries.extend((1..=7).map(|node| json!({"node": {"node": node}})));
    let mut owed = vec![world.bob.clone(), world.relay.clone(), world.app.api().addr_make("treasury")];
    owed.extend(world.nodes.iter().map(|node| node.operator.clone()));
    queries.extend(owed.iter().map(|address| json!({"rewards": {"address": address}})));
    for request in 1.. {
        let query = QueryMsg::Request { request: RequestId(request) };
        let Ok(Value::Object(_)) = world.app.wrap().query_wasm_smart::<Value>(&world.gateway, &query) else {
            break;
        };
        queries.push(json!({"request": {"request": request}}));
        queries.push(json!({"tallies": {"request": request}}));
    }
    let answer = |query: Value| {
        let message: QueryMsg = serde_json::from_value(query.clone()).unwrap();
        let answer: Value = world.ask(&message);
        json!({"query": query, "answer": answer})
    };
    queries.into_iter().map(answer).collect()
}

/// One entry a line, so that a difference can be read.
fn lines(entries: &[Value]) -> String {
    entries.iter().map(|entry| format!("\n{entry}")).collect::<Vec<_>>().join(",")
}

#[test]
fn a_life_leaves_every_kind_of_record() {
    let world = live();
    let storage = world.app.contract_storage(&world.gateway);
    let records: Vec<_> = storage.range(None, None, Order::Ascending).collect();
    let names: BTreeSet<_> = records
        .iter()
        .map(|(key, _)| match key[..] {
            // A map's key begins with the length of its name; a single record's key is its name.
            [0, length, ref rest @ ..] => String::from_utf8_lossy(&rest[..length.into()]).into_owned(),
            _ => String::from_utf8_lossy(key).into_owned(),
        })
        .collect();
    let sources = [
        include_str!("../../src/state/archway.rs"),
        include_str!("../../src/state/participation.rs"),
        include_str!("../../src/state/counter.rs"),
        include_str!("../../src/state/governance.rs"),
        include_str!("../../src/state/ledger.rs"),
        include_str!("../../src/state/nodes.rs"),
        include_str!("../../src/state/projects.rs"),
        include_str!("../../src/state/requests.rs"),
        include_str!("../../src/state/results.rs"),
        include_str!("../../src/state/subscriptions.rs"),
        include_str!("../../src/state/tallies.rs"),
    ];
    let mut declared: BTreeSet<_> = sources
        .iter()
        .flat_map(|source| ["Item::new(\"", "Map::new(\""].map(|new| source.split(new).skip(1)))
        .flatten()
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    declared.insert("contract_info".to_owned());
    assert_eq!(names, declared);

    if let Some(file) = std::env::var_os("DUMP_STATE") {
        let storage: Vec<_> =
            records.iter().map(|(key, value)| json!([hex::encode(key), hex::encode(value)])).collect();
        let block = world.app.block_info();
        let config: ConfigResponse = world.ask(&QueryMsg::Config {});
        let head = json!({
            "release": config.release,
            "chain_id": block.chain_id,
            "height": block.height,
            "time_ns": block.time.nanos().to_string(),
            "contract": world.gateway,
            "balance": world.balance(&world.gateway).to_string(),
        });
        let text = format!(
            "{{\"about\":{head},\n\"storage\":[{}\n],\n\"sayings\":[{}\n]}}\n",
            lines(&storage),
            lines(&sayings(&world))
        );
        std::fs::write(file, text).unwrap();
    }
}
