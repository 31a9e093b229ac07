//! Tickets of nodes for a round: gathered, verified, and brought to the contract together.

use gateway_api::{ExecuteMsg, NodeId, NodeTicket, Round};
use gateway_chain::BlockNotifier;
use gateway_protocol::{make_ticket, ticket_value};

use super::chain::{BEACON_ROUND, PLAIN_ROUND, ROUND_SEED, TestChain};
use super::miner::Miner;
use super::{DOMAIN, relay, secret};

fn ticket(node: u8) -> NodeTicket {
    let proof = make_ticket(&DOMAIN, &ROUND_SEED, &secret(node)).to_binary();
    NodeTicket { node: NodeId(node.into()), proof }
}

fn path(round: Round) -> String {
    format!("/v1/rounds/{round}/tickets")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tickets_of_all_operators_are_one_message() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (block_signal, block_notifier) = BlockNotifier::manual();
    let relay = relay(dir.path(), &chain, &block_notifier).await;
    // A relay that is still catching up sees blocks pass between tickets, and brings the first of them alone.
    while relay.get("/ready").await.0 != 200 {}
    for (node, forwarded) in [(3, true), (1, true), (5, true), (1, false), (2, true), (4, true)] {
        let (status, answer) = relay.post(&path(BEACON_ROUND), &ticket(node)).await;
        assert_eq!((status, answer["forwarded"].as_bool()), (200, Some(forwarded)), "{answer}");
    }
    let _miner = Miner::start(chain.clone(), block_signal);
    while chain.others().is_empty() {
        relay.get("/v1/nodes").await;
    }
    let mut nodes = [1, 2, 3, 4, 5];
    nodes.sort_by_key(|node| ticket_value(&make_ticket(&DOMAIN, &ROUND_SEED, &secret(*node)).output, 1));
    let tickets = nodes.map(ticket).to_vec();
    assert_eq!(chain.others(), [ExecuteMsg::SubmitRoundTickets { round: BEACON_ROUND, tickets }]);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ticket_for_the_round_is_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (_signal, block_notifier) = BlockNotifier::manual();
    let relay = relay(dir.path(), &chain, &block_notifier).await;
    let stolen = NodeTicket { node: NodeId(2), ..ticket(1) };
    let unknown = NodeTicket { node: NodeId(77), ..ticket(1) };
    let short = NodeTicket { proof: vec![0; 159].into(), ..ticket(1) };
    for (round, ticket, status) in [
        (BEACON_ROUND, stolen, 400),
        (BEACON_ROUND, unknown, 404),
        (BEACON_ROUND, short, 400),
        (PLAIN_ROUND, ticket(1), 409),
        (Round(999), ticket(1), 404),
    ] {
        let (found, problem) = relay.post(&path(round), &ticket).await;
        assert_eq!(found, status, "{problem}");
    }
    assert!(chain.others().is_empty());
    relay.stop().await;
}
