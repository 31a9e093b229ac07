//! If no relay accepts an attestation, the node submits it to the contract: late enough, once, and with the same bytes.

use gateway_api::{AgreementRule, Body, Policy, RequestId};
use gateway_chain::outbox::ItemState;
use gateway_protocol::body_digest;
use gateway_store::JobState;
use tokio::net::TcpListener;

use super::fixture::{Answer, DEAD, Relay, Vm, World, attestation, blocks};

/// Opens a request that the node is seated for at the first attempt, and returns the height of its draw.
fn ask(world: &World, id: u64) -> u64 {
    world.open(id, Policy::default());
    world.chain.draw();
    world.chain.commit()
}

#[tokio::test]
async fn an_attestation_that_no_relay_accepts_is_submitted_once() {
    let world = World::new();
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    ask(&world, 1);
    node.reason(1, DEAD).await;
    blocks(&world, &node, 2).await;
    assert_eq!(node.item(1).await, None);
    blocks(&world, &node, 1).await;
    node.until_item(1, ItemState::Signed, || ()).await;
    node.until_item(1, ItemState::Done, || _ = world.chain.commit()).await;
    let job = node.job(1, JobState::Sent).await;
    assert_eq!(job.reason, None);
    // The second attempt begins at the third block: queued a block earlier, the attestation would name the first.
    assert_eq!(world.attested(), [attestation(job, 1)]);
    node.stop().await;
}

/// A relay would publish a large body by its hash, and so does the node.
#[tokio::test]
async fn a_large_body_is_submitted_by_its_hash() {
    let world = World::new();
    let text: &'static str = format!("\"{}\"", "x".repeat(5000)).leak();
    let node = world.start_funded(Vm::new([Answer::Value(text)], 9), vec![DEAD.to_owned()], 1).await;
    world.open(1, Policy { max_result_bytes: 6000, ..Policy::default() });
    world.chain.draw();
    world.chain.commit();
    node.reason(1, DEAD).await;
    blocks(&world, &node, 1).await;
    node.until_item(1, ItemState::Signed, || ()).await;
    node.until_item(1, ItemState::Done, || _ = world.chain.commit()).await;
    let digest = body_digest(text);
    let body = Body::Hashed { sha256: digest.sha256, size: digest.size };
    assert_eq!(world.attested().remove(0).body, body);
    node.stop().await;
}

#[tokio::test]
async fn a_relay_that_never_answers_is_a_relay_that_refuses() {
    let world = World::new();
    // The system accepts connections, but nothing reads from them.
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = format!("http://{}", mute.local_addr().unwrap());
    let node = world.start_funded(Vm::new([], 9), vec![relay], 2).await;
    ask(&world, 1);
    // The blocks count from the delivery's beginning.
    node.reason(1, "no answer yet").await;
    blocks(&world, &node, 2).await;
    node.until_item(1, ItemState::Signed, || ()).await;
    node.until_item(1, ItemState::Done, || _ = world.chain.commit()).await;
    node.job(1, JobState::Sent).await;
    assert_eq!(world.attested().len(), 1);
    node.stop().await;
}

#[tokio::test]
async fn a_relay_that_answers_in_time_means_no_transaction() {
    let world = World::new();
    let relay = Relay::start(2).await;
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned(), relay.url.clone()], 3).await;
    ask(&world, 1);
    relay.calls(1).await;
    blocks(&world, &node, 2).await;
    node.job(1, JobState::Sent).await;
    blocks(&world, &node, 6).await;
    // The same node does submit an attestation that no relay accepts: the account works.
    drop(relay);
    ask(&world, 2);
    node.reason(2, DEAD).await;
    blocks(&world, &node, 3).await;
    node.until_item(2, ItemState::Signed, || ()).await;
    node.until_item(2, ItemState::Done, || _ = world.chain.commit()).await;
    assert_eq!(node.item(1).await, None);
    let attested: Vec<RequestId> = world.attested().iter().map(|sent| sent.request).collect();
    assert_eq!(attested, [RequestId(2)]);
    node.stop().await;
}

#[tokio::test]
async fn without_an_account_there_is_no_transaction() {
    let world = World::new();
    let node = world.start(Vm::new([], 9), vec![DEAD.to_owned()]).await;
    ask(&world, 1);
    blocks(&world, &node, 9).await;
    node.reason(1, DEAD).await;
    assert_eq!(node.item(1).await, None);
    node.stop().await;
}

/// Killed with the message queued and with the transaction sent: the next start finishes the work.
#[tokio::test]
async fn killed_between_queueing_and_inclusion_it_is_included_once() {
    for at in [ItemState::Queued, ItemState::Signed] {
        let world = World::new();
        let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 1).await;
        ask(&world, 1);
        let attested = node.reason(1, DEAD).await;
        if at == ItemState::Queued {
            // The chain's accounts are unreachable: nothing can be signed.
            world.chain.set_accounts_away(true);
        }
        blocks(&world, &node, 1).await;
        let queued = node.until_item(1, at, || ()).await;
        node.kill().await;
        world.chain.set_accounts_away(false);
        world.chain.commit();

        let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 1).await;
        let done = node.until_item(1, ItemState::Done, || _ = world.chain.commit()).await;
        assert_eq!((done.id, &done.msg), (queued.id, &queued.msg));
        let sent = node.job(1, JobState::Sent).await;
        assert_eq!((sent.commit, &sent.message), (attested.commit, &attested.message));
        assert_eq!(world.attested(), [attestation(sent, 0)], "killed when {at:?}");
        node.stop().await;
    }
}

/// An attestation that waited before a restart does not start waiting anew.
#[tokio::test]
async fn the_wait_goes_on_over_a_restart() {
    let world = World::new();
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    ask(&world, 1);
    node.reason(1, DEAD).await;
    blocks(&world, &node, 2).await;
    node.stop().await;
    let height = world.chain.commit();
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await;
    node.height(height).await;
    node.until_item(1, ItemState::Signed, || ()).await;
    node.stop().await;
}

#[tokio::test]
async fn a_refusal_of_the_contract_is_recorded_and_a_relay_may_still_accept() {
    let world = World::new();
    world.chain.refuse_publications(u32::MAX, "no_seat");
    // It refuses long enough for the transaction to complete.
    let relay = Relay::start(u32::MAX).await;
    let node = world.start_funded(Vm::new([], 9), vec![relay.url.clone()], 1).await;
    ask(&world, 1);
    node.reason(1, "later").await;
    blocks(&world, &node, 1).await;
    node.until_item(1, ItemState::Signed, || ()).await;
    let item = node.until_item(1, ItemState::Done, || _ = world.chain.commit()).await;
    let job = node.reason(1, "refused, no_seat").await;
    assert_eq!(job.state, JobState::Attested);
    assert!(job.reason.unwrap().contains(&item.tx_hash.unwrap()));
    relay.relent();
    node.job(1, JobState::Sent).await;
    assert_eq!(world.attested().len(), 1);
    node.stop().await;
}

#[tokio::test]
async fn a_decimal_under_the_median_rule_is_left_to_the_relays() {
    let world = World::new();
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 1).await;
    let policy = Policy { rule: AgreementRule::Median { tolerance_bps: 100 }, ..Policy::default() };
    world.open(1, policy);
    world.chain.draw();
    world.chain.commit();
    node.reason(1, DEAD).await;
    blocks(&world, &node, 2).await;
    node.reason(1, "only a relay can publish").await;
    assert_eq!(node.item(1).await, None);
    node.stop().await;
}
