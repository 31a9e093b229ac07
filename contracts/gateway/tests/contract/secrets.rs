//! Sealed secrets: who publishes keys, who sets and removes values, what is kept and what is left behind.

use cosmwasm_std::Order;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, World};

fn key(byte: u8) -> EncryptionKey {
    EncryptionKey([byte; 32])
}

fn id(name: &str, host: &str) -> SecretId {
    SecretId { name: SecretName::new(name).unwrap(), host: SecretHost::new(host).unwrap() }
}

fn sealed(node: NodeId, byte: u8) -> SealedValue {
    SealedValue { node, key: key(byte), ciphertext: vec![byte; 112].into() }
}

fn set(project: ProjectId, id: &SecretId, sealed: Vec<SealedValue>) -> ExecuteMsg {
    ExecuteMsg::SetSecret { project, name: id.name.clone(), host: id.host.clone(), sealed }
}

fn publish(world: &mut World, index: usize, byte: u8) -> NodeId {
    let (node, operator) = (world.nodes[index].id, world.nodes[index].operator.clone());
    world.send(&operator, &ExecuteMsg::SetEncryptionKey { node, key: key(byte) }, 0).unwrap();
    node
}

fn secrets(world: &World, project: ProjectId) -> Vec<SecretResponse> {
    let query = QueryMsg::Secrets { project, start_after: None, limit: None };
    world.ask::<SecretsResponse>(&query).secrets
}

fn sealed_to(world: &World, project: ProjectId, node: NodeId) -> Vec<SealedSecretResponse> {
    let query = QueryMsg::SealedSecrets { project, node, start_after: None, limit: None };
    world.ask::<SealedSecretsResponse>(&query).secrets
}

fn records(world: &World) -> usize {
    world.app.contract_storage(&world.gateway).range(None, None, Order::Ascending).count()
}

/// A world with a project of Bob's and two nodes that have published the keys 1 and 2.
fn begun() -> (World, ProjectId, NodeId, NodeId) {
    let mut world = World::new();
    let project = world.project(policy());
    let (one, two) = (publish(&mut world, 0, 1), publish(&mut world, 1, 2));
    (world, project, one, two)
}

/// Each node reads what is sealed to it and nothing else; nobody reads a ciphertext in the list.
#[test]
fn a_secret_is_read_by_the_nodes_that_it_is_sealed_to() {
    let (mut world, project, one, two) = begun();
    let (bob, secret) = (world.bob.clone(), id("KEY", "api.example.com"));
    world.send(&bob, &set(project, &secret, vec![sealed(one, 1), sealed(two, 2)]), 0).unwrap();
    let found = sealed_to(&world, project, one);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].key, found[0].ciphertext.as_slice()), (key(1), &[1; 112][..]));
    let listed = secrets(&world, project);
    let nodes: Vec<_> = listed[0].nodes.iter().map(|to| to.node).collect();
    assert_eq!((&listed[0].name, nodes), (&secret.name, vec![one, two]));
    // Set anew without the second node: what was sealed to it is gone.
    world.send(&bob, &set(project, &secret, vec![sealed(one, 1)]), 0).unwrap();
    assert!(sealed_to(&world, project, two).is_empty());
    assert_eq!(secrets(&world, project).len(), 1);
}

#[test]
fn a_secret_that_is_removed_leaves_nothing_behind() {
    let (mut world, project, one, two) = begun();
    let (bob, secret) = (world.bob.clone(), id("KEY", "api.example.com"));
    let before = records(&world);
    world.send(&bob, &set(project, &secret, vec![sealed(one, 1), sealed(two, 2)]), 0).unwrap();
    assert_eq!(records(&world), before + 3);
    let SecretId { name, host } = secret;
    let remove = ExecuteMsg::RemoveSecret { project, name, host };
    world.send(&bob, &remove, 0).unwrap();
    assert_eq!(records(&world), before);
    assert!(matches!(world.send(&bob, &remove, 0), Err(ContractError::NotFound { .. })));
}

#[test]
fn what_is_outside_its_bounds_is_refused_by_name() {
    let (mut world, project, one, two) = begun();
    let (bob, good) = (world.bob.clone(), id("KEY", "api.example.com"));
    let short = SealedValue { ciphertext: vec![1; 111].into(), ..sealed(one, 1) };
    let long = SealedValue { ciphertext: vec![1; 2161].into(), ..sealed(one, 1) };
    for (secret, values) in [
        (&id("a b", "api.example.com"), vec![sealed(one, 1)]),
        (&id("KEY", "API.example.com"), vec![sealed(one, 1)]),
        (&good, vec![]),
        (&good, vec![sealed(one, 1); 129]),
        (&good, vec![sealed(two, 2), sealed(one, 1)]),
        (&good, vec![sealed(one, 1), sealed(one, 1)]),
        (&good, vec![short]),
        (&good, vec![long]),
    ] {
        let refused = world.send(&bob, &set(project, secret, values), 0).unwrap_err();
        assert!(matches!(refused, ContractError::InvalidSecret { .. }), "{refused}");
    }
}

/// Pages go on where the last one ended, whatever characters names and hosts have.
#[test]
fn pages_name_every_secret_once() {
    let (mut world, project, one, _) = begun();
    let bob = world.bob.clone();
    let all = [("A", "b.example"), ("A.", "b"), ("A-", "b.example"), ("z", "a"), ("_", "c-d.e")];
    for (name, host) in all {
        world.send(&bob, &set(project, &id(name, host), vec![sealed(one, 1)]), 0).unwrap();
    }
    let (mut found, mut start_after) = (Vec::new(), None);
    loop {
        let query = QueryMsg::SealedSecrets { project, node: one, start_after, limit: Some(2) };
        let page = world.ask::<SealedSecretsResponse>(&query).secrets;
        let Some(last) = page.last() else { break };
        start_after = Some(SecretId { name: last.name.clone(), host: last.host.clone() });
        found.extend(page.into_iter().map(|secret| (secret.name.to_string(), secret.host.to_string())));
    }
    let mut expected: Vec<_> = all.map(|(name, host)| (name.to_owned(), host.to_owned())).into();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

/// The owner of another project that copies a ciphertext gets a record that opens nowhere: the info names project, host and node.
#[test]
fn attack_79_a_ciphertext_moved_to_another_project() {
    let (mut world, project, one, two) = begun();
    let (alice, bob, secret) = (world.alice.clone(), world.bob.clone(), id("KEY", "api.example.com"));
    world.send(&bob, &set(project, &secret, vec![sealed(one, 1)]), 0).unwrap();
    let copied = sealed_to(&world, project, one)[0].ciphertext.clone();
    let other = world.project(policy());
    world.send(&bob, &ExecuteMsg::OfferProject { project: other, to: Some(alice.to_string()) }, 0).unwrap();
    world.send(&alice, &ExecuteMsg::AcceptProject { project: other }, 0).unwrap();
    // Another node's record does not take it: the key is not the one that node has published.
    let moved = SealedValue { node: two, key: key(1), ciphertext: copied };
    let refused = world.send(&alice, &set(other, &secret, vec![moved]), 0).unwrap_err();
    assert_eq!(refused, ContractError::OtherEncryptionKey { node: two });
    // Nobody but its owner writes into the first project.
    let refused = world.send(&alice, &set(project, &secret, vec![sealed(one, 1)]), 0).unwrap_err();
    assert_eq!(refused, ContractError::Unauthorized { who: "the project's owner" });
}

/// A stranger neither sets nor removes a secret, nor publishes a key for a node.
#[test]
fn attack_80_a_secret_set_by_a_stranger() {
    let (mut world, project, one, _) = begun();
    let (alice, bob, secret) = (world.alice.clone(), world.bob.clone(), id("KEY", "api.example.com"));
    world.send(&bob, &set(project, &secret, vec![sealed(one, 1)]), 0).unwrap();
    let (name, host) = (secret.name.clone(), secret.host.clone());
    let operator = world.nodes[1].operator.clone();
    for who in [&alice, &operator] {
        for message in [
            set(project, &secret, vec![sealed(one, 1)]),
            ExecuteMsg::RemoveSecret { project, name: name.clone(), host: host.clone() },
            ExecuteMsg::SetEncryptionKey { node: one, key: key(9) },
        ] {
            let refused = world.send(who, &message, 0);
            assert!(matches!(refused, Err(ContractError::Unauthorized { .. })), "{refused:?}");
        }
    }
    assert_eq!(sealed_to(&world, project, one).len(), 1);
}

/// A project has so many secrets and no more, and setting one anew takes no further place.
#[test]
fn attack_81_a_flood_of_secrets() {
    let (mut world, project, one, _) = begun();
    let bob = world.bob.clone();
    for number in 0..limits::MAX_SECRETS {
        world.send(&bob, &set(project, &id(&format!("K{number}"), "h"), vec![sealed(one, 1)]), 0).unwrap();
    }
    let refused = world.send(&bob, &set(project, &id("MORE", "h"), vec![sealed(one, 1)]), 0).unwrap_err();
    assert!(matches!(refused, ContractError::InvalidSecret { .. }));
    let before = records(&world);
    world.send(&bob, &set(project, &id("K0", "h"), vec![sealed(one, 1)]), 0).unwrap();
    assert_eq!(records(&world), before);
}

/// What was sealed to a key that its node has replaced is refused, and what is kept says which key it was sealed to.
#[test]
fn attack_82_a_key_that_changed_meanwhile() {
    let (mut world, project, one, two) = begun();
    let (bob, secret) = (world.bob.clone(), id("KEY", "api.example.com"));
    let both = vec![sealed(one, 1), sealed(two, 2)];
    world.send(&bob, &set(project, &secret, both.clone()), 0).unwrap();
    publish(&mut world, 0, 3);
    let refused = world.send(&bob, &set(project, &secret, both), 0).unwrap_err();
    assert_eq!(refused, ContractError::OtherEncryptionKey { node: one });
    let keys: EncryptionKeysResponse =
        world.ask(&QueryMsg::EncryptionKeys { start_after: None, limit: None });
    let published: Vec<_> = keys.keys.iter().map(|entry| (entry.node, entry.key)).collect();
    assert_eq!(published, [(one, key(3)), (two, key(2))]);
    assert_eq!(
        secrets(&world, project)[0].nodes[0].key,
        key(1),
        "the owner sees that the node needs it anew"
    );
}
