//! A node's ticket is submitted once per epoch, when it is needed, by the account or through a relay.

use std::ops::RangeInclusive;

use gateway_api::{Epoch, ExecuteMsg, Seed, SignedTicket};
use gateway_chain::outbox::ItemState;
use gateway_protocol::verify_ticket;
use gateway_testkit::{DOMAIN, TestNode};

use super::fixture::{DEAD, NODE, Node, Relay, Vm, World, blocks, secret, tested};
use crate::beacon::wait;

const EPOCH_BLOCKS: u64 = 12;

/// Creates a world of 80 units with short epochs.
fn world() -> World {
    World::with_epochs(&[24, 24, 24], EPOCH_BLOCKS)
}

/// Returns the blocks that the node waits in the current epoch.
fn waits(world: &World) -> u64 {
    let value = tested().ticket_value(&world.chain.epoch_seed());
    wait(&value, world.chain.counter().total_units, EPOCH_BLOCKS)
}

/// Begins epochs until one satisfies `wish`, and returns it.
fn begin_epoch_where(world: &World, wish: impl Fn(&World) -> bool) -> Epoch {
    loop {
        world.chain.next_epoch();
        if wish(world) {
            return world.chain.counter().epoch;
        }
    }
}

/// Begins an epoch in which the node waits so many blocks.
fn begin_epoch(world: &World, blocks: RangeInclusive<u64>) -> Epoch {
    begin_epoch_where(world, |world| blocks.contains(&waits(world)))
}

/// Finds another node whose ticket for the current epoch is on the given side of the tested node's.
fn other(world: &World, side: impl Fn(&Seed, &Seed) -> bool) -> Option<TestNode> {
    let value = |node: &TestNode| node.ticket_value(&world.chain.epoch_seed());
    let mine = value(&tested());
    world.chain.nodes().into_iter().find(|node| side(&value(node), &mine))
}

/// Returns what the node sends for the current epoch.
fn message(world: &World) -> ExecuteMsg {
    ExecuteMsg::SubmitTicket { node: NODE, proof: tested().ticket(&world.chain.epoch_seed()).to_binary() }
}

/// Runs an epoch in which the node's ticket is needed.
async fn shown(world: &World, node: &Node, epoch: Epoch) {
    blocks(world, node, 1).await;
    node.until_ticket(epoch.get(), ItemState::Done, || _ = world.chain.commit()).await;
}

#[tokio::test]
async fn the_ticket_goes_to_the_contract_once_an_epoch_and_once_over_a_restart() {
    let world = world();
    let first = begin_epoch(&world, 0..=0);
    let (seed, for_first) = (world.chain.epoch_seed(), message(&world));
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    shown(&world, &node, first).await;
    blocks(&world, &node, 1).await;
    node.stop().await;
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    blocks(&world, &node, 2).await;
    world.chain.next_epoch();
    let for_second = message(&world);
    shown(&world, &node, first.next()).await;
    assert_eq!(world.tickets(), [for_first, for_second]);
    assert_eq!(verify_ticket(&DOMAIN, &seed, &secret().public(), &tested().ticket(&seed)), Ok(()));
    node.stop().await;
}

#[tokio::test]
async fn a_ticket_likely_to_be_undercut_waits_and_is_dropped_when_it_is() {
    let world = world();
    let lower = |world: &World| other(world, Seed::lt);
    let late = begin_epoch_where(&world, |world| waits(world) >= 4 && lower(world).is_some());
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    blocks(&world, &node, waits(&world) - 2).await;
    // The block after this one is the first at which the ticket would be submitted.
    world.bring_ticket(&lower(&world).unwrap());
    blocks(&world, &node, 4).await;
    world.chain.next_epoch();
    shown(&world, &node, late.next()).await;
    assert_eq!(node.ticket(late.get()).await, None);
    assert_eq!(world.tickets(), [message(&world)]);
    node.stop().await;
}

#[tokio::test]
async fn a_ticket_lower_than_the_lowest_is_shown_however_long_it_waited() {
    let world = world();
    let higher = |world: &World| other(world, Seed::gt);
    let late = begin_epoch_where(&world, |world| waits(world) >= 4 && higher(world).is_some());
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    world.bring_ticket(&higher(&world).unwrap());
    blocks(&world, &node, 1 + waits(&world)).await;
    node.until_ticket(late.get(), ItemState::Signed, || ()).await;
    node.stop().await;
}

#[tokio::test]
async fn at_the_end_of_an_epoch_it_is_too_late() {
    let world = world();
    let first = begin_epoch(&world, 0..=0);
    for _ in 0..EPOCH_BLOCKS {
        world.chain.commit();
    }
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    blocks(&world, &node, 1).await;
    world.chain.next_epoch();
    shown(&world, &node, first.next()).await;
    assert_eq!(node.ticket(first.get()).await, None);
    node.stop().await;
}

#[tokio::test]
async fn without_an_account_relays_are_tried_until_one_accepts_the_ticket() {
    let world = world();
    let first = begin_epoch(&world, 0..=0);
    let of = |epoch: Epoch| {
        let proof = tested().ticket(&world.chain.epoch_seed()).to_binary();
        SignedTicket { epoch, node: NODE, proof }
    };
    let for_first = of(first);
    let relay = Relay::start(1).await;
    let node = world.start(Vm::new([], 9), vec![DEAD.to_owned(), relay.url.clone()]).await;
    blocks(&world, &node, 1).await;
    relay.tickets(1).await;
    blocks(&world, &node, 1).await;
    relay.tickets(2).await;
    blocks(&world, &node, 2).await;
    world.chain.next_epoch();
    let for_second = of(first.next());
    blocks(&world, &node, 1 + waits(&world)).await;
    assert_eq!(relay.tickets(3).await, [for_first.clone(), for_first, for_second]);
    node.stop().await;
}

/// The lowest of many is submitted at once, and the wait never exceeds half an epoch.
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
