//! Pages stay within their bytes however much others have stored: 10,000 nodes and 10,000 open requests, each as large as it
//! can be. They are copies, record by record, of one that came about by messages.

use cosmwasm_std::Binary;
use gateway_api::*;

use crate::world::{policy, World, UNIT};

const MANY: u64 = 10_000;
/// What an answer has around its entries, and the comma after each.
const AROUND: usize = 200;

/// The key of a record: the namespace behind its length, as the storage library has it.
fn key(namespace: &str, id: &[u8]) -> Vec<u8> {
    let length = u16::try_from(namespace.len()).unwrap().to_be_bytes();
    [&length, namespace.as_bytes(), id].concat()
}

fn copy(world: &mut World, namespace: &str, from: &[u8], to: &[u8]) {
    let gateway = world.gateway.clone();
    let mut storage = world.app.contract_storage_mut(&gateway);
    let record = storage.get(&key(namespace, from)).unwrap();
    storage.set(&key(namespace, to), &record);
}

/// An answer's bytes, which are bounded, and what it says.
fn page<T: serde::de::DeserializeOwned>(world: &World, query: &QueryMsg) -> T {
    let request = cosmwasm_std::WasmQuery::Smart {
        contract_addr: world.gateway.to_string(),
        msg: cosmwasm_std::to_json_binary(query).unwrap(),
    };
    let raw =
        cosmwasm_std::to_json_vec(&cosmwasm_std::QueryRequest::<cosmwasm_std::Empty>::Wasm(request)).unwrap();
    let answer: Binary = world.app.wrap().raw_query(&raw).unwrap().unwrap();
    assert!(answer.len() <= limits::MAX_PAGE_BYTES + AROUND, "{} bytes", answer.len());
    cosmwasm_std::from_json(answer).unwrap()
}

#[test]
fn pages_of_ten_thousand_nodes_stay_within_their_bytes_and_leave_none_out() {
    let mut world = World::new();
    let node = world.nodes[0].clone();
    let large = ExecuteMsg::UpdateNode {
        node: node.id,
        engine: node.engine,
        moniker: Moniker::new("m".repeat(64)).unwrap(),
        endpoint: Endpoint::new("e".repeat(256)).unwrap(),
    };
    world.send(&node.operator, &large, 0).unwrap();
    world.send(&node.operator, &ExecuteMsg::IncreaseStake { node: node.id }, 9 * UNIT).unwrap();
    for _ in 0..limits::MAX_UNBONDINGS {
        let unbond = ExecuteMsg::Unbond { node: node.id, amount: Some(UNIT.into()) };
        world.send(&node.operator, &unbond, 0).unwrap();
    }
    let id = |id: u64| u32::try_from(id).unwrap().to_be_bytes();
    for to in 2..=MANY {
        copy(&mut world, "nodes", &id(1), &id(to));
    }
    let (mut last, mut found) = (None, 0);
    loop {
        let query = QueryMsg::Nodes { start_after: last, limit: Some(100) };
        let NodesResponse { nodes } = page(&world, &query);
        let Some(end) = nodes.last() else { break };
        assert!(nodes.iter().all(|node| node.unbonding.len() == limits::MAX_UNBONDINGS));
        (last, found) = (Some(end.node), found + nodes.len() as u64);
    }
    assert_eq!((last.map(|id| u64::from(id.get())), found), (Some(MANY), MANY));
}

#[test]
fn pages_of_ten_thousand_open_requests_of_the_largest_size_stay_within_their_bytes() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    // Each byte takes six in JSON.
    let input = "\u{1}".repeat(limits::MAX_INPUT_BYTES as usize);
    world.send(&alice, &ExecuteMsg::Request(NewRequest::new(project, input)), fee).unwrap();
    for to in 2..=MANY {
        for namespace in ["requests", "inputs", "open"] {
            copy(&mut world, namespace, &1u64.to_be_bytes(), &to.to_be_bytes());
        }
    }
    world.block();
    world.tick();
    let (mut last, mut found) = (None, 0);
    loop {
        let query = QueryMsg::OpenRequests { start_after: last, limit: Some(100) };
        let OpenRequestsResponse { requests } = page(&world, &query);
        let Some(end) = requests.last() else { break };
        (last, found) = (Some(end.request), found + requests.len() as u64);
    }
    assert_eq!((last, found), (Some(RequestId(MANY)), MANY));
    // With their inputs: one is always answered, and another only where it fits.
    let mut wanted: Vec<_> = (MANY - 4..=MANY).map(RequestId).collect();
    while !wanted.is_empty() {
        let RequestsResponse { requests } = page(&world, &QueryMsg::Requests { requests: wanted.clone() });
        assert!(!requests.is_empty());
        wanted.drain(..requests.len());
    }
}
