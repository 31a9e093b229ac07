//! A node submits its ticket for a round drawn by tickets: through a relay, or itself if the contract does not show it.

use gateway_api::{DrawClass, ExecuteMsg, NodeTicket, Policy, Round, limits};
use gateway_chain::outbox::ItemState;
use gateway_store::JobState;
use gateway_testkit::TestNode;

use super::fixture::{DEAD, NODE, Relay, Vm, World, blocks, tested};

/// Returns the node's ticket for the newest round.
fn ticket(world: &World) -> NodeTicket {
    NodeTicket { node: NODE, proof: tested().ticket(&world.chain.newest_round().seed).to_binary() }
}

/// Opens a request in the next block that is drawn by tickets.
fn open(world: &World, id: u64) {
    world.open(id, Policy { draw: DrawClass::Beacon, ..Policy::default() });
}

/// Opens a round drawn by tickets, and returns it.
fn begin_round(world: &World) -> Round {
    open(world, 1);
    world.chain.draw();
    world.chain.commit();
    world.chain.newest_round().round
}

#[tokio::test]
async fn a_relay_gets_the_ticket_and_the_account_pays_nothing_where_the_contract_shows_it() {
    let world = World::new();
    let relay = Relay::start(0).await;
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned(), relay.url.clone()], 3).await;
    let round = begin_round(&world).get();
    assert_eq!(relay.round_tickets(1).await, [(round, ticket(&world))]);
    world.bring_round_tickets(&[tested()]);
    blocks(&world, &node, 12).await;
    assert_eq!(node.round_ticket(round).await, None);
    assert_eq!(relay.round_tickets(1).await.len(), 1);
    node.stop().await;
}

#[tokio::test]
async fn what_a_relay_keeps_to_itself_the_node_brings_in_its_own_transaction_once() {
    let world = World::new();
    let relay = Relay::start(0).await;
    let node = world.start_funded(Vm::new([], 9), vec![relay.url.clone()], 3).await;
    let round = begin_round(&world);
    let message = ExecuteMsg::SubmitRoundTickets { round, tickets: vec![ticket(&world)] };
    relay.round_tickets(1).await;
    blocks(&world, &node, 3).await;
    node.until_round_ticket(round.get(), ItemState::Signed, || ()).await;
    node.until_round_ticket(round.get(), ItemState::Done, || _ = world.chain.commit()).await;
    assert_eq!(world.tickets(), [message]);
    node.stop().await;
}

#[tokio::test]
async fn without_an_account_another_relay_is_asked() {
    let world = World::new();
    let (silent, honest) = (Relay::start(0).await, Relay::start(0).await);
    let node = world.start(Vm::new([], 9), vec![silent.url.clone(), honest.url.clone()]).await;
    let round = begin_round(&world).get();
    silent.round_tickets(1).await;
    blocks(&world, &node, 4).await;
    assert_eq!(honest.round_tickets(1).await, [(round, ticket(&world))]);
    node.stop().await;
}

#[tokio::test]
async fn nothing_is_paid_for_a_ticket_that_others_undercut() {
    let world = World::among(&[8; 9]);
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    open(&world, 1);
    world.chain.draw_where(|seed| {
        let mine = tested().ticket_value(seed);
        let lower = |node: &&TestNode| node.ticket_value(seed) < mine;
        world.chain.nodes().iter().filter(lower).count() >= limits::BEACON_TICKETS
    });
    world.chain.commit();
    let round = world.chain.newest_round();
    let mine = tested().ticket_value(&round.seed);
    let mut lower = world.chain.nodes();
    lower.retain(|node| node.ticket_value(&round.seed) < mine);
    world.bring_round_tickets(&lower);
    blocks(&world, &node, 12).await;
    assert_eq!(node.round_ticket(round.round.get()).await, None);
    node.stop().await;
}

#[tokio::test]
async fn a_node_that_starts_after_the_rounds_block_still_submits_its_ticket() {
    let world = World::new();
    let round = begin_round(&world).get();
    let relay = Relay::start(0).await;
    let node = world.start(Vm::new([], 9), vec![relay.url.clone()]).await;
    blocks(&world, &node, 1).await;
    assert_eq!(relay.round_tickets(1).await, [(round, ticket(&world))]);
    node.stop().await;
}

/// No event reports that ticket collection has ended and the draw is complete.
#[tokio::test]
async fn a_draw_by_tickets_is_seen_without_an_event() {
    let world = World::new();
    let relay = Relay::start(0).await;
    let node = world.start(Vm::new([], 9), vec![relay.url.clone()]).await;
    begin_round(&world);
    blocks(&world, &node, 3).await;
    node.job(1, JobState::Waiting).await;
    blocks(&world, &node, limits::BEACON_FALLBACK_BLOCKS).await;
    node.job(1, JobState::Sent).await;
    node.stop().await;
}
