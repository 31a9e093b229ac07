//! What a node asks the contract when requests are opened and drawn.

use std::collections::BTreeSet;

use gateway_api::{Policy, QueryMsg, RequestId};
use gateway_store::JobState;

use super::fixture::{Relay, Vm, World};

/// Returns the requests that the node has queried in full so far, each as often as it did.
fn read_in_full(world: &World) -> Vec<RequestId> {
    let asked = world.chain.queries().into_iter().map(|(query, _)| query);
    let ids = asked
        .filter_map(|query| if let QueryMsg::Requests { requests } = query { Some(requests) } else { None });
    ids.flatten().collect()
}

#[tokio::test]
async fn a_request_is_read_in_full_once_and_its_draw_from_a_list() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    // Lists of two entries: three pages, and the last one is not full.
    world.chain.set_page(2);
    for id in 1..=5 {
        world.open(id, Policy::default());
    }
    world.chain.commit();
    for id in 1..=5 {
        node.job(id, JobState::Waiting).await;
    }
    let opened = read_in_full(&world);
    assert_eq!(opened.iter().copied().collect::<BTreeSet<_>>(), (1..=5).map(RequestId).collect());
    world.chain.draw();
    world.chain.commit();
    for id in 1..=5 {
        let job = node.job(id, JobState::Sent).await;
        assert_eq!(job.seen, world.chain.request(RequestId(id)), "the contract's own answer");
    }
    assert_eq!(read_in_full(&world), opened);
    node.stop().await;
}
