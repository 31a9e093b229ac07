//! A node shows its ticket for a round that draws by tickets: through a relay, or itself where the contract does not show it.

use gateway_api::{DrawClass, ExecuteMsg, NodeId, NodeTicket, Policy, Round, Seed};
use gateway_chain::outbox::ItemState;
use gateway_protocol::{Domain, make_ticket};
use gateway_store::JobState;

use super::fixture::{CHAIN_ID, CONTRACT, NODE, Node, Relay, Vm, World, round_seed, secret};

const DEAD: &str = "http://127.0.0.1:9";

fn ticket(round: u64) -> NodeTicket {
    let domain = Domain { chain_id: CHAIN_ID, contract: CONTRACT };
    NodeTicket { node: NODE, proof: make_ticket(&domain, &round_seed(round), &secret()).to_binary() }
}

fn message(round: u64) -> ExecuteMsg {
    ExecuteMsg::SubmitRoundTickets { round: Round(round), tickets: vec![ticket(round)] }
}

async fn blocks(world: &World, node: &Node, count: u64) {
    for _ in 0..count {
        let height = world.chain.commit();
        node.height(height).await;
    }
}

#[tokio::test]
async fn a_relay_gets_the_ticket_and_the_account_pays_nothing_where_the_contract_shows_it() {
    let world = World::new();
    let relay = Relay::start(0).await;
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned(), relay.url.clone()], 3).await;
    world.chain.open_beacon_round(7);
    blocks(&world, &node, 1).await;
    assert_eq!(relay.round_tickets(1).await, [(7, ticket(7))]);
    world.chain.show_round_ticket(7, NODE, Seed([0; 32]));
    blocks(&world, &node, 12).await;
    assert_eq!(node.round_ticket(7).await, None);
    assert_eq!(relay.round_tickets(1).await.len(), 1);
    node.stop().await;
}

#[tokio::test]
async fn what_a_relay_keeps_to_itself_the_node_brings_in_its_own_transaction_once() {
    let world = World::new();
    let relay = Relay::start(0).await;
    let node = world.start_funded(Vm::new([], 9), vec![relay.url.clone()], 3).await;
    world.chain.open_beacon_round(7);
    blocks(&world, &node, 1).await;
    relay.round_tickets(1).await;
    blocks(&world, &node, 3).await;
    node.until_round_ticket(7, ItemState::Signed, || ()).await;
    node.until_round_ticket(7, ItemState::Done, || _ = world.chain.commit()).await;
    assert_eq!(world.chain.tickets(), [message(7)]);
    node.stop().await;
}

#[tokio::test]
async fn without_an_account_another_relay_is_asked() {
    let world = World::new();
    let (silent, honest) = (Relay::start(0).await, Relay::start(0).await);
    let node = world.start(Vm::new([], 9), vec![silent.url.clone(), honest.url.clone()]).await;
    world.chain.open_beacon_round(7);
    blocks(&world, &node, 1).await;
    silent.round_tickets(1).await;
    blocks(&world, &node, 4).await;
    assert_eq!(honest.round_tickets(1).await, [(7, ticket(7))]);
    node.stop().await;
}

#[tokio::test]
async fn nothing_is_paid_for_a_ticket_that_others_undercut() {
    let world = World::new();
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    world.chain.open_beacon_round(7);
    // Two operators are enough here.
    world.chain.show_round_ticket(7, NodeId(98), Seed([0; 32]));
    world.chain.show_round_ticket(7, NodeId(99), Seed([0; 32]));
    blocks(&world, &node, 12).await;
    assert_eq!(node.round_ticket(7).await, None);
    node.stop().await;
}

#[tokio::test]
async fn a_node_that_starts_after_the_rounds_block_shows_its_ticket_all_the_same() {
    let world = World::new();
    world.chain.open_beacon_round(7);
    world.chain.commit();
    let relay = Relay::start(0).await;
    let node = world.start(Vm::new([], 9), vec![relay.url.clone()]).await;
    blocks(&world, &node, 1).await;
    assert_eq!(relay.round_tickets(1).await, [(7, ticket(7))]);
    node.stop().await;
}

/// No event reports that the tickets have come to an end and the draw stands.
#[tokio::test]
async fn a_draw_by_tickets_is_seen_without_an_event() {
    let world = World::new();
    let relay = Relay::start(0).await;
    let node = world.start(Vm::new([], 9), vec![relay.url.clone()]).await;
    world.chain.open(1, Policy { draw: DrawClass::Beacon, ..Policy::default() });
    world.chain.open_beacon_round(7);
    blocks(&world, &node, 3).await;
    node.job(1, JobState::Waiting).await;
    world.chain.draw_by_tickets(1, Seed([9; 32]), 5);
    blocks(&world, &node, 3).await;
    node.job(1, JobState::Sent).await;
    node.stop().await;
}
