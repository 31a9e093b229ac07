//! The worlds in which the examples of docs/contract.md are carried out, and what stands there for what only such a world
//! knows: `<ALICE>`, `<OPERATOR 1>`, `<KEY 1>`, `<PROOF 1 3>` (node 1's proof for the outcome 3 of request 1) and their like.

use cosmwasm_std::{Addr, Binary, Uint128};
use gateway_api::*;
use gateway_contract::permissions::Sender;
use serde_json::Value;

use crate::archway::on_archway;
use crate::crafted::{evidence, signed, ticket};
use crate::quiet;
use crate::rogue::Rogue;
use crate::world::{policy, settings, SecretKeyBytes, World, EPOCH_BLOCKS, TTL, UNIT};

const FIRST: RequestId = RequestId(1);

/// A world in which a message is accepted, and what to send along.
pub(crate) fn world_for(message: &str) -> (World, u128) {
    let mut world = World::new();
    let project = world.project(Policy { price: Uint128::new(3), ..policy() });
    let (admin, alice, bob) = (world.admin.clone(), world.alice.clone(), world.bob.clone());
    let send = |world: &mut World, from: &Addr, msg: ExecuteMsg| {
        world.send(from, &msg, 0).unwrap();
    };
    let mut funds = 0;
    if ["deposit", "withdraw", "set_consumers"].contains(&message) {
        world.send(&bob, &ExecuteMsg::Subscribe { consumers: Vec::new() }, 1000).unwrap();
    }
    if ["fund_schedule", "cancel_schedule", "run_schedules"].contains(&message) {
        world.schedule(&bob, project, 70);
    }
    match message {
        "schedule" | "fund_schedule" => funds = 1000,
        // Two firings are due, of which one is made; then the budget is at its end.
        "run_schedules" => world.blocks(6),
        "register_node" | "increase_stake" => funds = UNIT,
        "request" | "requests" => funds = world.fee(project),
        "submit_round_tickets" => {
            let project = world.project(Policy { draw: DrawClass::Beacon, ..policy() });
            world.request(project);
            world.block();
            world.tick();
            world.block();
        }
        "recover_coins" => {
            let amount = cosmwasm_std::coins(77, "other");
            let to_address = world.gateway.to_string();
            let mint = cw_multi_test::BankSudo::Mint { to_address, amount };
            world.app.sudo(cw_multi_test::SudoMsg::Bank(mint)).unwrap();
        }
        "cancel" => {
            world.request(project);
        }
        "subscribe" | "deposit" => funds = 1000,
        "resume" => send(&mut world, &admin, ExecuteMsg::Halt { blocks: 5 }),
        "tick" => {
            let price = Uint128::new(9);
            let [tick, expire, callback] = [3, 4, 2].map(Uint128::new);
            let keepers = KeeperSettings { price, tick, expire, callback, rewards_bps: 0 };
            let settings = Settings { keepers: Some(keepers), ..settings() };
            send(&mut world, &admin, ExecuteMsg::UpdateSettings { settings });
            let engine = EngineRelease { jitless: EngineId([9; 32]), jit: EngineId([10; 32]) };
            let from_epoch = Epoch(world.ask::<CounterResponse>(&QueryMsg::Counter {}).epoch.get() + 2);
            send(&mut world, &admin, ExecuteMsg::AnnounceEngine { engine, from_epoch, min_ready_bps: 0 });
            world.blocks(EPOCH_BLOCKS);
            world.tick();
            world.request(project);
            world.blocks(EPOCH_BLOCKS);
        }
        "withdraw_engine" => {
            let engine = EngineRelease { jitless: EngineId([9; 32]), jit: EngineId([10; 32]) };
            send(
                &mut world,
                &admin,
                ExecuteMsg::AnnounceEngine { engine, from_epoch: Epoch(100), min_ready_bps: 8000 },
            );
        }
        "publish" => {
            let rogue = Rogue::new(&mut world);
            rogue.ask(&mut world, project);
            world.block();
            world.tick();
        }
        "attest" => {
            world.drawn_request(project);
        }
        "expire" => {
            let rogue = Rogue::new(&mut world);
            rogue.behave(&mut world, true, None);
            rogue.ask(&mut world, project);
            world.blocks(TTL + 1);
        }
        "deliver_callback" => {
            let rogue = Rogue::new(&mut world);
            rogue.behave(&mut world, true, None);
            let request = rogue.ask(&mut world, project);
            world.blocks(TTL + 1);
            let expire = ExecuteMsg::Expire { limit: None, requests: Some(vec![request]) };
            send(&mut world, &bob, expire);
        }
        "set_secret" | "remove_secret" => {
            publish_key(&mut world);
            if message == "remove_secret" {
                set_secret(&mut world, project);
            }
        }
        "claim" => {
            let request = world.drawn_request(project);
            assert_eq!(world.verdict(world.publication(request, "3")), None);
        }
        "accept_project" => {
            send(&mut world, &bob, ExecuteMsg::OfferProject { project, to: Some(alice.to_string()) });
        }
        "accept_node" => {
            let node = world.nodes[0].clone();
            send(
                &mut world,
                &node.operator,
                ExecuteMsg::OfferNode { node: node.id, to: Some(alice.to_string()) },
            );
        }
        "accept_admin" => send(&mut world, &admin, ExecuteMsg::OfferAdmin { to: Some(alice.to_string()) }),
        "withdraw_stake" => {
            let node = world.nodes[0].clone();
            send(&mut world, &node.operator, ExecuteMsg::Unbond { node: node.id, amount: None });
            world.blocks(settings().unbonding_blocks);
            world.tick();
        }
        "submit_evidence" => {
            world.drawn_request(project);
        }
        "start_sweep" | "set_rewards" | "withdraw_rewards" => {
            send(&mut world, &admin, ExecuteMsg::UpdateSettings { settings: on_archway() });
            world.archway.0.borrow_mut().rewards = 500;
            if message == "start_sweep" {
                funds = 10;
            }
        }
        "report_dissent" => {
            let strict = Settings { dissent_slash_bps: 1000, dissent_jail_after: 3, ..settings() };
            send(&mut world, &admin, ExecuteMsg::UpdateSettings { settings: strict });
            let project = world.project(Policy { deterministic: true, ..policy() });
            let request = world.drawn_request(project);
            assert_eq!(world.verdict(world.publication(request, "3")), None);
        }
        "report_silence" => {
            let (large, project) = quiet::large(1000);
            world = large;
            for _ in 0..4 {
                quiet::without(&mut world, project, 2);
            }
        }
        "unjail" => {
            let softer = Settings { slash_bps: 2500, jail_blocks: 30, ..settings() };
            send(&mut world, &admin, ExecuteMsg::UpdateSettings { settings: softer });
            let request = world.drawn_request(project);
            let node = world.nodes[0].clone();
            world.send(&node.operator, &ExecuteMsg::IncreaseStake { node: node.id }, 2 * UNIT).unwrap();
            let proof = evidence(&world, &node, request);
            send(&mut world, &bob, ExecuteMsg::SubmitEvidence(proof));
            world.blocks(30);
        }
        _ => {}
    }
    (world, funds)
}

/// Node 1 publishes the key that the examples are sealed to.
fn publish_key(world: &mut World) {
    let (node, operator) = (world.nodes[0].id, world.nodes[0].operator.clone());
    let key = EncryptionKey([1; 32]);
    world.send(&operator, &ExecuteMsg::SetEncryptionKey { node, key }, 0).unwrap();
}

/// The owner seals a secret to it.
fn set_secret(world: &mut World, project: ProjectId) {
    let (node, key, bob) = (world.nodes[0].id, EncryptionKey([1; 32]), world.bob.clone());
    let sealed = vec![SealedValue { node, key, ciphertext: vec![1; 112].into() }];
    let (name, host) = (SecretName::new("KEY").unwrap(), SecretHost::new("api.example.com").unwrap());
    world.send(&bob, &ExecuteMsg::SetSecret { project, name, host, sealed }, 0).unwrap();
}

/// Who may send it there.
pub(crate) fn sender_of(world: &World, message: &str, sender: Sender) -> Addr {
    match (message, sender) {
        ("register_node", _) => world.alice.clone(),
        ("claim", _) => world.nodes[0].operator.clone(),
        (_, Sender::Admin | Sender::Guardian) => world.admin.clone(),
        (_, Sender::Requester(_)) => world.alice.clone(),
        (_, Sender::SubscriptionOwner(_) | Sender::ScheduleOwner(_)) => world.bob.clone(),
        (_, Sender::ProjectOwner(_)) => world.bob.clone(),
        (_, Sender::NodeOperator(_) | Sender::NodeDaemon(_)) => world.nodes[0].operator.clone(),
        (_, Sender::NextOperator(_)) => world.alice.clone(),
        (_, Sender::NextOwner(_) | Sender::NextAdmin | Sender::Any) => world.alice.clone(),
    }
}

/// A world in which every query has something to say: request 1 has a result, request 2 gathers attestations.
pub(crate) fn world_for_queries() -> World {
    let mut world = World::new();
    let project = world.project(Policy { price: Uint128::new(3), ..policy() });
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    let request = world.drawn_request(project);
    let node = world.nodes[0].clone();
    let mut publication = world.publication(request, "3");
    publication.attestations.truncate(1);
    world.send(&node.operator, &ExecuteMsg::Attest { publication }, 0).unwrap();
    let bob = world.bob.clone();
    let limits = (vec![project], Some(Uint128::new(100)), Some(Uint128::new(5000)));
    let (projects, max_fee, allowance) = limits;
    let address = world.alice.to_string();
    let consumers = vec![SubscriptionConsumer { address, projects, max_fee, allowance }];
    world.send(&bob, &ExecuteMsg::Subscribe { consumers }, 1000).unwrap();
    world.schedule(&bob, project, 1000);
    let declare = ExecuteMsg::DeclareEngines { node: node.id, engines: vec![EngineId([1; 32])] };
    world.send(&node.operator, &declare, 0).unwrap();
    let engine = EngineRelease { jitless: EngineId([1; 32]), jit: EngineId([2; 32]) };
    let (from_epoch, min_ready_bps, admin) = (Epoch(100), 8000, world.admin.clone());
    world.send(&admin, &ExecuteMsg::AnnounceEngine { engine, from_epoch, min_ready_bps }, 0).unwrap();
    publish_key(&mut world);
    set_secret(&mut world, project);
    let seed = world.ask::<BeaconResponse>(&QueryMsg::Beacon {}).seed;
    let proof = ticket(&world, &node, &seed);
    world.send(&node.operator, &ExecuteMsg::SubmitTicket { node: node.id, proof }, 0).unwrap();
    world
}

/// The names of the people and keys of a world.
fn names(world: &World) -> Vec<(String, String)> {
    let person = |name: &str, who: &Addr| (format!("<{name}>"), who.to_string());
    let mut names = vec![
        person("ADMIN", &world.admin),
        person("ALICE", &world.alice),
        person("BOB", &world.bob),
        person("RELAY", &world.relay),
    ];
    for node in &world.nodes {
        names.push(person(&format!("OPERATOR {}", node.id), &node.operator));
    }
    // One more than there are nodes: a new one's.
    for number in 1..=world.nodes.len() + 1 {
        let secret = SecretKeyBytes([u8::try_from(number).unwrap(); 32]);
        names.push((format!("<KEY {number}>"), secret.key().public().to_string()));
    }
    names
}

/// An example with what its placeholders stand for.
pub(crate) fn filled_in(world: &World, sender: &Addr, example: &str) -> String {
    let mut text = example.to_owned();
    for (name, value) in names(world) {
        text = text.replace(&name, &value);
    }
    while let Some(start) = text.find('<') {
        let end = start + text[start..].find('>').unwrap();
        let value = crafted(world, sender, &text[start + 1..end]);
        text.replace_range(start..=end, &value);
    }
    text
}

/// What only a key can make.
fn crafted(world: &World, sender: &Addr, placeholder: &str) -> String {
    let words: Vec<_> = placeholder.split(' ').collect();
    let number = |at: usize| words[at].parse::<usize>().unwrap();
    let base64 = |binary: Binary| binary.to_base64();
    match words[0] {
        "POSSESSION" => {
            let secret = SecretKeyBytes([u8::try_from(number(1)).unwrap(); 32]);
            base64(world.registration(sender, secret).possession)
        }
        "PROOF" | "COMMIT" => {
            let request = RequestId(words.get(3).map_or(FIRST.get(), |word| word.parse().unwrap()));
            let signed = signed(world, &world.nodes[number(1) - 1], request, words[2]);
            if words[0] == "PROOF" {
                base64(signed.proof)
            } else {
                signed.commit.to_string()
            }
        }
        "ROUND" => {
            let round = world.ask::<CounterResponse>(&QueryMsg::Counter {}).round;
            let seed = world.ask::<RoundResponse>(&QueryMsg::Round { round }).seed;
            base64(ticket(world, &world.nodes[number(2) - 1], &seed))
        }
        "TICKET" => {
            let seed = world.ask::<BeaconResponse>(&QueryMsg::Beacon {}).seed;
            base64(ticket(world, &world.nodes[number(1) - 1], &seed))
        }
        _ => panic!("<{placeholder}> stands for nothing"),
    }
}

/// What the contract said, with names for people and keys.
pub(crate) fn with_names(world: &World, said: &Value) -> Value {
    let mut text = said.to_string().replace(env!("CARGO_PKG_VERSION"), "<RELEASE>");
    for (name, value) in names(world) {
        text = text.replace(&value, &name);
    }
    serde_json::from_str(&text).unwrap()
}
