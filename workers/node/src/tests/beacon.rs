//! A node's ticket is shown once an epoch, where it is needed, by the account or through a relay.

use std::ops::RangeInclusive;

use gateway_api::{AttestationBytes, Epoch, ExecuteMsg, Seed, SignedTicket};
use gateway_chain::outbox::ItemState;
use gateway_protocol::{Domain, make_ticket, ticket_value, verify_ticket};

use super::fixture::{
    CHAIN_ID, CONTRACT, EPOCH_BLOCKS, NODE, Node, Relay, TOTAL_UNITS, Vm, World, epoch_seed, secret,
};
use crate::beacon::wait;

const DEAD: &str = "http://127.0.0.1:9";
const DOMAIN: Domain<'static> = Domain { chain_id: CHAIN_ID, contract: CONTRACT };

fn ticket(epoch: u64) -> AttestationBytes {
    make_ticket(&DOMAIN, &epoch_seed(Epoch(epoch)), &secret())
}

fn value(epoch: u64) -> Seed {
    ticket_value(&ticket(epoch).output, 8).unwrap()
}

/// Epochs in which the node, active from epoch 2 on, waits so many blocks.
fn epochs(waits: RangeInclusive<u64>) -> impl Iterator<Item = u64> {
    (2..=255).filter(move |epoch| waits.contains(&wait(&value(*epoch), TOTAL_UNITS, EPOCH_BLOCKS)))
}

fn message(epoch: u64) -> ExecuteMsg {
    ExecuteMsg::SubmitTicket { node: NODE, proof: ticket(epoch).to_binary() }
}

async fn blocks(world: &World, node: &Node, count: u64) {
    for _ in 0..count {
        let height = world.chain.commit();
        node.height(height).await;
    }
}

/// Begins an epoch in which the node's ticket is needed, and sees it through.
async fn shown(world: &World, node: &Node, epoch: u64) {
    world.chain.begin_epoch(epoch);
    blocks(world, node, 1).await;
    node.until_ticket(epoch, ItemState::Signed, || ()).await;
    node.until_ticket(epoch, ItemState::Done, || _ = world.chain.commit()).await;
}

#[tokio::test]
async fn the_ticket_goes_to_the_contract_once_an_epoch_and_once_over_a_restart() {
    let world = World::new();
    let mut early = epochs(0..=0);
    let (first, second) = (early.next().unwrap(), early.next().unwrap());
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    shown(&world, &node, first).await;
    blocks(&world, &node, 1).await;
    node.stop().await;
    // The fixture's contract holds no ticket: after its restart the node submits its own again.
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    blocks(&world, &node, 2).await;
    shown(&world, &node, second).await;
    assert_eq!(world.chain.tickets(), [message(first), message(second)]);
    let seed = epoch_seed(Epoch(first));
    assert_eq!(verify_ticket(&DOMAIN, &seed, &secret().public(), &ticket(first)), Ok(()));
    node.stop().await;
}

#[tokio::test]
async fn a_ticket_that_probably_is_not_the_lowest_waits_and_is_not_shown_where_it_is_not() {
    let world = World::new();
    let late = epochs(4..=EPOCH_BLOCKS / 2).next().unwrap();
    let early = epochs(0..=0).find(|epoch| *epoch > late).unwrap();
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    world.chain.begin_epoch(late);
    blocks(&world, &node, wait(&value(late), TOTAL_UNITS, EPOCH_BLOCKS)).await;
    // The block after this one is the first at which the ticket would be shown.
    world.chain.show_ticket(Seed([0; 32]));
    blocks(&world, &node, 3).await;
    shown(&world, &node, early).await;
    assert_eq!(node.ticket(late).await, None);
    assert_eq!(world.chain.tickets(), [message(early)]);
    node.stop().await;
}

#[tokio::test]
async fn a_ticket_lower_than_the_lowest_is_shown_however_long_it_waited() {
    let world = World::new();
    let late = epochs(4..=EPOCH_BLOCKS / 2).next().unwrap();
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    world.chain.begin_epoch(late);
    world.chain.show_ticket(Seed([255; 32]));
    blocks(&world, &node, 1 + wait(&value(late), TOTAL_UNITS, EPOCH_BLOCKS)).await;
    node.until_ticket(late, ItemState::Signed, || ()).await;
    node.stop().await;
}

#[tokio::test]
async fn at_the_end_of_an_epoch_it_is_too_late() {
    let world = World::new();
    let mut early = epochs(0..=0);
    let (first, second) = (early.next().unwrap(), early.next().unwrap());
    world.chain.begin_epoch(first);
    for _ in 0..EPOCH_BLOCKS {
        world.chain.commit();
    }
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    blocks(&world, &node, 1).await;
    shown(&world, &node, second).await;
    assert_eq!(node.ticket(first).await, None);
    node.stop().await;
}

#[tokio::test]
async fn without_an_account_relays_are_tried_until_one_accepts_the_ticket() {
    let world = World::new();
    let mut early = epochs(0..=0);
    let (first, second) = (early.next().unwrap(), early.next().unwrap());
    let relay = Relay::start(1).await;
    let node = world.start(Vm::new([], 9), vec![DEAD.to_owned(), relay.url.clone()]).await;
    world.chain.begin_epoch(first);
    blocks(&world, &node, 1).await;
    relay.tickets(1).await;
    blocks(&world, &node, 1).await;
    relay.tickets(2).await;
    blocks(&world, &node, 2).await;
    world.chain.begin_epoch(second);
    blocks(&world, &node, 1).await;
    let tickets = relay.tickets(3).await;
    let of = |epoch: u64| SignedTicket { epoch: Epoch(epoch), node: NODE, proof: ticket(epoch).to_binary() };
    assert_eq!(tickets, [of(first), of(first), of(second)]);
    node.stop().await;
}

/// The lowest of many is shown at once, and the wait never outlasts half an epoch.
#[test]
fn the_wait_grows_with_the_value() {
    assert_eq!(wait(&Seed([0; 32]), 1000, 600), 0);
    assert_eq!(wait(&Seed([255; 32]), 1000, 600), 300);
    assert_eq!(wait(&Seed([255; 32]), 3, 600), 4);
    assert_eq!(wait(&Seed([255; 32]), u64::MAX, 600), 300);
    let mut tenth = [0; 32];
    tenth[0] = 26;
    assert_eq!(wait(&Seed(tenth), 100, 600), 20);
}
