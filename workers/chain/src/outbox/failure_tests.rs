//! Shortcomings of a node, a price or an account lose no message, and nothing is paid twice.

use super::*;

impl World {
    fn blocks(&mut self, count: u64) {
        for _ in 0..count {
            self.chain.commit();
            self.pass();
        }
    }
}

#[test]
fn a_refusal_while_another_node_has_taken_it_opens_nothing_twice() {
    let mut world = World::new();
    let id = world.enqueue_with("a", "ok", 5);
    world.chain.fault(before_broadcast(Fault::RefusedYetTaken));
    world.pass();
    assert_eq!(world.state(id), ItemState::Signed);
    world.settle();
    assert_eq!((world.state(id), world.executions().values().sum::<usize>()), (ItemState::Done, 1));
}

#[test]
fn taken_and_refused_in_every_broadcast_it_is_still_opened_once() {
    let mut world = World::new();
    let id = world.enqueue_with("a", "ok", 5);
    world.pass();
    for _ in 0..10 {
        world.chain.fault(before_broadcast(Fault::RefusedYetTaken));
        let _ = run(world.engine.pass());
        world.chain.heal();
        world.chain.commit();
    }
    world.settle();
    assert_eq!((world.state(id), world.executions().values().sum::<usize>()), (ItemState::Done, 1));
}

#[test]
fn a_price_below_the_minimum_is_raised_with_the_same_sequence() {
    let mut world = World::new();
    let id = world.enqueue_with("a", "ok", 5);
    // Above the configured 140000000000, below ten times that.
    world.chain.set_min_price(200_000_000_000);
    world.pass();
    let flights = run(world.store.in_flight()).expect("flights");
    assert_eq!(
        flights.iter().map(|tx| tx.sequence).collect::<Vec<_>>(),
        [0, 0],
        "both may be taken, one executed"
    );
    world.blocks(2);
    let item = world.item(id);
    assert_eq!((item.state, item.attempts), (ItemState::Done, 0));
    world.settle();
    world.blocks(6);
    assert!(run(world.store.in_flight()).expect("flights").is_empty(), "what was replaced is settled too");
    assert_eq!(world.executions().values().sum::<usize>(), 1);
}

#[test]
fn a_price_above_the_cap_waits_without_using_up_attempts_and_says_so() {
    let health = Health::new();
    let mut world = World::new();
    (world.engine, world.client) = built(&world.chain, &world.store, &health);
    let id = world.enqueue("a", "ok");
    world.chain.set_min_price(2_000_000_000_000);
    for _ in 0..30 {
        world.pass();
        world.engine.report.pass(None, world.engine.fees.problem());
        world.chain.commit();
    }
    assert!(!health.is_ready());
    assert_eq!(world.item(id).attempts, 0);
    assert!(world.engine.fees.problem().is_some_and(|problem| problem.contains("max_gas_price")));
    world.chain.set_min_price(0);
    world.settle();
    assert_eq!(world.state(id), ItemState::Done);
    world.engine.report.pass(None, world.engine.fees.problem());
    assert!(health.is_ready());
}

#[test]
fn a_node_that_cannot_load_its_state_fails_no_message() {
    let mut world = World::new();
    let ids: Vec<_> = (0..5).map(|n| world.enqueue(&format!("m{n}"), "ok")).collect();
    for _ in 0..8 {
        world.chain.fault([
            Fault::Fine,
            Fault::Fine,
            Fault::Fine,
            Fault::NoState,
            Fault::NoState,
            Fault::NoState,
        ]);
        let _ = run(world.engine.pass());
        world.chain.heal();
        world.chain.commit();
    }
    world.settle();
    for id in ids {
        assert_eq!((world.state(id), world.item(id).attempts), (ItemState::Done, 0));
    }
}

#[test]
fn a_message_that_no_node_can_simulate_delays_no_other() {
    let mut world = World::new();
    let riddle = world.enqueue("r", "riddle");
    let good: Vec<_> = (0..3).map(|n| world.enqueue(&format!("m{n}"), "ok")).collect();
    for _ in 0..12 {
        let _ = run(world.engine.pass());
        world.chain.commit();
    }
    assert_eq!((world.state(riddle), world.item(riddle).attempts), (ItemState::Queued, 0));
    for id in good {
        assert_eq!(world.state(id), ItemState::Done);
    }
}

#[test]
fn what_the_account_cannot_pay_holds_up_nothing_else() {
    let mut world = World::new();
    let balance = 10_000_000_000_000_000_000;
    world.chain.set_balance(balance);
    let costly = world.enqueue_with("costly", "ok", balance);
    let cheap = world.enqueue("cheap", "ok");
    world.blocks(2);
    assert_eq!((world.state(costly), world.state(cheap)), (ItemState::Queued, ItemState::Done));
    world.chain.set_balance(u128::MAX);
    world.settle();
    assert_eq!((world.state(costly), world.item(costly).attempts), (ItemState::Done, 0));
}

#[test]
fn without_an_index_transactions_are_found_in_the_blocks() {
    let mut world = World::new();
    world.chain.set_index(false);
    let ids: Vec<_> = (0..20).map(|n| world.enqueue_with(&format!("m{n}"), "ok", 1)).collect();
    world.blocks(8);
    for id in ids {
        assert_eq!(world.state(id), ItemState::Done);
    }
    assert!(world.executions().values().all(|n| *n == 1));
}

#[test]
fn without_an_index_a_message_that_fails_in_its_block_is_named_after_all() {
    let mut world = World::new();
    world.chain.set_index(false);
    let trap = world.enqueue("trap", "trap");
    let good = world.enqueue("good", "ok");
    world.settle();
    assert_eq!((world.state(trap), world.state(good)), (ItemState::Failed, ItemState::Done));
    assert_eq!(world.executions().values().sum::<usize>(), 1);
}

#[test]
fn where_its_fate_is_unknown_coins_are_not_sent_again() {
    let mut world = World::new();
    let paid = world.enqueue_with("paid", "ok", 5);
    let free = world.enqueue("free", "ok");
    world.pass();
    world.chain.commit();
    // A node restored from a snapshot: neither index nor blocks.
    while world.state(paid) == ItemState::Signed {
        let height = world.chain.commit();
        world.chain.prune_below(height);
        world.chain.forget_index();
        world.pass();
    }
    world.settle();
    let item = world.item(paid);
    assert_eq!(item.state, ItemState::Failed);
    assert!(item.error.expect("why").contains("not known whether it was executed"));
    assert_eq!(world.state(free), ItemState::Done);
    let executions = world.executions();
    assert_eq!(executions[r#"{"ok":"paid"}"#], 1);
    assert_eq!(executions[r#"{"ok":"free"}"#], 2, "harmless, and better than never");
}

#[test]
fn a_lagging_node_does_not_make_a_transaction_dead() {
    let mut world = World::new();
    world.chain.set_index_lag(50);
    let id = world.enqueue_with("a", "ok", 5);
    world.pass();
    world.chain.commit();
    world.chain.set_behind(7);
    for _ in 0..6 {
        world.chain.commit();
        let _ = run(world.engine.pass());
    }
    assert_eq!(world.state(id), ItemState::Signed);
    world.chain.set_behind(0);
    world.settle();
    assert_eq!((world.state(id), world.executions().values().sum::<usize>()), (ItemState::Done, 1));
}

#[test]
fn bytes_that_were_lost_are_sent_again_after_a_restart() {
    let mut world = World::new();
    let id = world.enqueue("a", "ok");
    world.chain.fault(before_broadcast(Fault::Forgotten));
    world.pass();
    let hash = world.item(id).tx_hash;
    world.restart();
    world.pass();
    world.blocks(3);
    let item = world.item(id);
    assert_eq!((item.state, item.tx_hash), (ItemState::Done, hash));
}

#[test]
fn a_database_from_an_old_copy_sends_no_coins_again() {
    let mut world = World::new();
    let first = world.enqueue_with("first", "ok", 5);
    world.settle();
    // What the copy still holds as queued was executed after the copy was made.
    let (paid, free) = (world.enqueue_with("paid", "ok", 5), world.enqueue("free", "ok"));
    world.chain.use_sequence();
    world.restart();
    world.settle();
    assert_eq!(world.state(first), ItemState::Done);
    assert_eq!((world.state(paid), world.state(free)), (ItemState::Failed, ItemState::Done));
}

#[test]
fn a_sequence_used_by_another_program_is_found_out_at_once() {
    let mut world = World::patient();
    let id = world.enqueue("a", "ok");
    world.chain.fault(before_broadcast(Fault::Forgotten));
    world.pass();
    world.chain.use_sequence();
    world.chain.commit();
    world.blocks(5);
    let item = world.item(id);
    assert_eq!((item.state, item.attempts), (ItemState::Done, 0));
    assert_eq!(world.executions().values().sum::<usize>(), 1);
}

#[test]
fn what_is_too_large_is_split_and_a_single_one_given_up() {
    let mut world = World::new();
    world.chain.set_largest(1_200);
    let ids: Vec<_> = (0..8).map(|n| world.enqueue(&format!("m{n}"), "ok")).collect();
    let huge = world.enqueue(&"h".repeat(190), "ok");
    world.chain.set_largest(520);
    for _ in 0..20 {
        let _ = run(world.engine.pass());
        world.chain.commit();
    }
    for id in ids {
        assert_eq!(world.state(id), ItemState::Done);
    }
    assert_eq!(world.state(huge), ItemState::Failed);
}
