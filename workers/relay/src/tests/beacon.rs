//! Tickets of nodes without an account: submitted if they are the lowest known, refused if they are invalid.

use gateway_api::{Epoch, ExecuteMsg, NodeId, Seed, SignedTicket};
use gateway_testkit::{Miner, account};

use super::{chain, node, others, relay};

fn ticket(seed: &Seed, number: u8) -> SignedTicket {
    let proof = node(number).ticket(seed).to_binary();
    SignedTicket { epoch: Epoch(2), node: NodeId(number.into()), proof }
}

/// Returns the message that submits it to the contract.
fn shown(seed: &Seed, number: u8) -> ExecuteMsg {
    let SignedTicket { node, proof, .. } = ticket(seed, number);
    ExecuteMsg::SubmitTicket { node, proof }
}

/// Returns the nodes in ascending order of their tickets' values.
fn by_value(seed: &Seed) -> [u8; 5] {
    let mut nodes = [1, 2, 3, 4, 5];
    nodes.sort_by_key(|number| node(*number).ticket_value(seed));
    nodes
}

#[tokio::test(flavor = "multi_thread")]
async fn only_new_lowest_tickets_are_submitted_once_each() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let seed = chain.epoch_seed();
    let nodes = by_value(&seed);
    for (at, forwarded) in [(3, true), (4, false), (3, false), (1, true), (2, false), (1, false)] {
        let (status, answer) = relay.ticket(&ticket(&seed, nodes[at])).await;
        assert_eq!((status, answer["forwarded"].as_bool()), (200, Some(forwarded)), "{at}: {answer}");
    }
    while others(&chain).len() < 2 {
        relay.get("/v1/nodes").await;
    }
    assert_eq!(others(&chain), [shown(&seed, nodes[3]), shown(&seed, nodes[1])]);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_where_the_contract_has_a_lower_one() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let seed = chain.epoch_seed();
    let nodes = by_value(&seed);
    chain.send(&account("somebody"), &shown(&seed, nodes[0]), 0);
    let (status, answer) = relay.ticket(&ticket(&seed, nodes[1])).await;
    assert_eq!((status, answer["forwarded"].as_bool()), (200, Some(false)), "{answer}");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ticket_is_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let ticket = |number| ticket(&chain.epoch_seed(), number);
    let stolen = SignedTicket { node: NodeId(2), ..ticket(1) };
    let unknown = SignedTicket { node: NodeId(77), ..ticket(1) };
    let short = SignedTicket { proof: vec![0; 159].into(), ..ticket(1) };
    let early = SignedTicket { epoch: Epoch(1), ..ticket(1) };
    let late = SignedTicket { epoch: Epoch(3), ..ticket(1) };
    for (ticket, status, field) in [
        (stolen, 400, Some("proof")),
        (unknown, 404, None),
        (short, 400, Some("proof")),
        // Before its first epoch the node has no units.
        (early, 400, Some("node")),
        (late, 409, Some("epoch")),
    ] {
        let (found, problem) = relay.ticket(&ticket).await;
        assert_eq!((found, problem["field"].as_str()), (status, field), "{problem}");
    }
    assert!(others(&chain).is_empty());
    relay.stop().await;
}
