//! What a relay asks the contract when requests are opened and drawn.

use gateway_api::{ProjectId, QueryMsg, RequestStatus};
use gateway_testkit::TestChain;

use super::{chain, database, node, relay};

/// Returns how often the relay has queried requests in full.
fn read_in_full(chain: &TestChain) -> usize {
    chain.queries().iter().filter(|(query, _)| matches!(query, QueryMsg::Requests { .. })).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_is_read_from_a_list_and_stored_as_the_contract_has_it() {
    let (chain, dir) = (chain(), tempfile::tempdir().expect("dir"));
    chain.set_keeper(false);
    let relay = relay(dir.path(), &chain).await;
    let requests: Vec<_> = (0..3).map(|_| chain.open_request(ProjectId(1), None)).collect();
    let last = requests.last().copied().expect("three");
    loop {
        let (status, view) = relay.get(&format!("/v1/requests/{last}?wait=50ms")).await;
        if status == 200 && view["request"]["status"] == "waiting" {
            break;
        }
    }
    let before = read_in_full(&chain);
    chain.draw();
    chain.commit();
    let store = database(dir.path()).await;
    for request in requests {
        let now = chain.request(request);
        assert!(now.draw.is_some());
        while store.requests().get(request).await.expect("reads").is_none_or(|row| row.seen != now) {
            relay.get(&format!("/v1/requests/{request}?wait=50ms")).await;
        }
    }
    assert_eq!(read_in_full(&chain), before);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_block_has_fulfilled_is_stored_with_its_result() {
    let (chain, dir) = (chain(), tempfile::tempdir().expect("dir"));
    chain.set_keeper(false);
    let relay = relay(dir.path(), &chain).await;
    let request = chain.open_request(ProjectId(1), None);
    let store = database(dir.path()).await;
    while store.requests().get(request).await.expect("reads").is_none() {
        relay.get(&format!("/v1/requests/{request}?wait=50ms")).await;
    }
    // The relay learns of the draw only when the request has its result.
    chain.set_away(true);
    chain.draw();
    let drawn = chain.commit();
    chain.fulfil(request, &[1, 2, 3].map(node));
    chain.commit();
    chain.set_away(false);
    let (_, view) = relay.get(&format!("/v1/requests/{request}?wait=20s")).await;
    assert_eq!(view["request"]["status"], "fulfilled", "{view}");
    let row = store.requests().get(request).await.expect("reads").expect("is there");
    assert_eq!(row.seen.status, RequestStatus::Fulfilled);
    assert!(store.results().get(request).await.expect("reads").is_some());
    let of_a_result = |query: &QueryMsg| matches!(query, QueryMsg::Result { .. } | QueryMsg::Results { .. });
    let least = chain.queries().into_iter().find(|(query, _)| of_a_result(query)).map(|(_, least)| least);
    assert_eq!(least, Some(drawn), "with the block that showed it, not with its own");
    relay.stop().await;
}
