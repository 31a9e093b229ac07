//! Nodes' tickets for a round: gathered, verified, and submitted to the contract together.

use gateway_api::{DrawClass, ExecuteMsg, NodeId, NodeTicket, Policy, ProjectId, Round, Seed};
use gateway_testkit::{Miner, TestChain, code};

use super::{chain, node, others, relay};

fn ticket(seed: &Seed, number: u8) -> NodeTicket {
    NodeTicket { node: NodeId(number.into()), proof: node(number).ticket(seed).to_binary() }
}

fn path(round: Round) -> String {
    format!("/v1/rounds/{round}/tickets")
}

/// Opens a round that draws by tickets, and returns it with its seed.
fn open_beacon_round(chain: &TestChain) -> (Round, Seed) {
    chain.register_project(code(), Policy { draw: DrawClass::Beacon, ..Policy::default() });
    chain.commit();
    chain.open_request(ProjectId(2), None);
    chain.commit();
    let round = chain.newest_round();
    assert!(round.beacon.is_some(), "{round:?}");
    (round.round, round.seed)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tickets_of_all_operators_are_one_message() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let (round, seed) = open_beacon_round(&chain);
    let relay = relay(dir.path(), &chain).await;
    // A relay that is still catching up would see blocks pass between tickets, and submit the first of them alone.
    while relay.get("/ready").await.0 != 200 {}
    for (number, forwarded) in [(3, true), (1, true), (5, true), (1, false), (2, true), (4, true)] {
        let (status, answer) = relay.post(&path(round), &ticket(&seed, number)).await;
        assert_eq!((status, answer["forwarded"].as_bool()), (200, Some(forwarded)), "{answer}");
    }
    let _miner = Miner::start(&chain);
    while others(&chain).is_empty() {
        relay.get("/v1/nodes").await;
    }
    let mut nodes = [1, 2, 3, 4, 5];
    nodes.sort_by_key(|number| node(*number).ticket_value(&seed));
    let tickets = nodes.map(|number| ticket(&seed, number)).to_vec();
    assert_eq!(others(&chain), [ExecuteMsg::SubmitRoundTickets { round, tickets }]);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ticket_for_the_round_is_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let plain = chain.newest_round().round;
    let (beacon, seed) = open_beacon_round(&chain);
    let relay = relay(dir.path(), &chain).await;
    let stolen = NodeTicket { node: NodeId(2), ..ticket(&seed, 1) };
    let unknown = NodeTicket { node: NodeId(77), ..ticket(&seed, 1) };
    let short = NodeTicket { proof: vec![0; 159].into(), ..ticket(&seed, 1) };
    for (round, ticket, status) in [
        (beacon, stolen, 400),
        (beacon, unknown, 404),
        (beacon, short, 400),
        (plain, ticket(&seed, 1), 409),
        (Round(999), ticket(&seed, 1), 404),
    ] {
        let (found, problem) = relay.post(&path(round), &ticket).await;
        assert_eq!(found, status, "{problem}");
    }
    assert!(others(&chain).is_empty());
    relay.stop().await;
}
