//! Tickets of nodes without an account: shown where they are the lowest known, refused where they are not what they say.

use gateway_api::{Epoch, ExecuteMsg, NodeId, SignedTicket};
use gateway_chain::BlockNotifier;
use gateway_protocol::{make_ticket, ticket_value};

use super::chain::{EPOCH_SEED, TestChain};
use super::miner::Miner;
use super::{DOMAIN, relay, secret};

fn ticket(node: u8) -> SignedTicket {
    let proof = make_ticket(&DOMAIN, &EPOCH_SEED, &secret(node)).to_binary();
    SignedTicket { epoch: Epoch(2), node: NodeId(node.into()), proof }
}

/// The nodes by growing value of their tickets.
fn by_value() -> [u8; 5] {
    let mut nodes = [1, 2, 3, 4, 5];
    nodes.sort_by_key(|node| ticket_value(&make_ticket(&DOMAIN, &EPOCH_SEED, &secret(*node)).output, 1));
    nodes
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_undercuts_all_before_it_is_shown_and_each_once() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (block_signal, block_notifier) = BlockNotifier::manual();
    let relay = relay(dir.path(), &chain, &block_notifier).await;
    let _miner = Miner::start(chain.clone(), block_signal);
    let nodes = by_value();
    for (at, forwarded) in [(3, true), (4, false), (3, false), (1, true), (2, false), (1, false)] {
        let (status, answer) = relay.ticket(&ticket(nodes[at])).await;
        assert_eq!((status, answer["forwarded"].as_bool()), (200, Some(forwarded)), "{at}: {answer}");
    }
    while chain.others().len() < 2 {
        relay.get("/v1/nodes").await;
    }
    let shown = |at: usize| {
        let SignedTicket { node, proof, .. } = ticket(nodes[at]);
        ExecuteMsg::SubmitTicket { node, proof }
    };
    assert_eq!(chain.others(), [shown(3), shown(1)]);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_where_the_contract_has_a_lower_one() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (_signal, block_notifier) = BlockNotifier::manual();
    let relay = relay(dir.path(), &chain, &block_notifier).await;
    chain.show_lowest_ticket();
    let (status, answer) = relay.ticket(&ticket(by_value()[0])).await;
    assert_eq!((status, answer["forwarded"].as_bool()), (200, Some(false)), "{answer}");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ticket_is_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (_signal, block_notifier) = BlockNotifier::manual();
    let relay = relay(dir.path(), &chain, &block_notifier).await;
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
    assert!(chain.others().is_empty());
    relay.stop().await;
}
