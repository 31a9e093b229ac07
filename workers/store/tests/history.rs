//! Events resume where they broke off, the newest abstention counts, and old rows are deleted with everything that belongs to
//! them.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use gateway_api::{AbstentionReason, NodeId, ProjectId, RequestId, RequestStatus, ScheduleId};
use gateway_store::{AbstentionRow, EventFilter, NewEvent};
use samples::{attestation, databases, request};

fn event(height: u64, request: u64) -> NewEvent {
    NewEvent {
        height,
        time_ms: height * 1000,
        event: "gateway-request-opened".to_owned(),
        project: Some(ProjectId(1 + request % 2)),
        request: Some(RequestId(request)),
        schedule: (request > 3).then_some(ScheduleId(9)),
        attributes: [("request".to_owned(), request.to_string())].into(),
    }
}

#[tokio::test]
async fn events_are_listed_in_order_after_any_of_them() {
    for store in databases("events_are_listed_in_order_after_any_of_them").await.stores {
        assert_eq!(store.events().newest().await.expect("reads"), 0);
        let work = store.begin().await.expect("begins");
        work.events().add(&(1..=5).map(|id| event(10 + id, id)).collect::<Vec<_>>()).await.expect("stores");
        work.commit().await.expect("commits");
        let all = store.events().list(&EventFilter::default(), 0, 10).await.expect("lists");
        assert_eq!(all.iter().map(|row| row.event.height).collect::<Vec<_>>(), [11, 12, 13, 14, 15]);
        assert_eq!(store.events().newest().await.expect("reads"), all[4].id);
        // What is read from the chain again is not stored again; older events sort first.
        let work = store.begin().await.expect("begins");
        work.events().add(&[event(12, 2), event(9, 9), event(9, 10), event(13, 3)]).await.expect("stores");
        work.commit().await.expect("commits");
        let more = store.events().list(&EventFilter::default(), 0, 10).await.expect("lists");
        assert_eq!(more[2..], all, "the ids stay");
        let at = |row: &gateway_store::EventRow| (row.id, row.event.height, row.event.request);
        let old = [0, 1].map(|place| ((9 << 20) + place, 9, Some(RequestId(9 + place))));
        assert_eq!([at(&more[0]), at(&more[1])], old);
        let odd = EventFilter { project: Some(ProjectId(2)), ..EventFilter::default() };
        let rest = store.events().list(&odd, all[1].id, 10).await.expect("lists");
        assert_eq!(
            rest.iter().map(|row| row.event.request).collect::<Vec<_>>(),
            [3, 5].map(|id| Some(RequestId(id)))
        );
        let heights = async |range, after| {
            let rows =
                store.events().at_heights(range, &EventFilter::default(), after, 10).await.expect("lists");
            rows.iter().map(|row| row.event.height).collect::<Vec<_>>()
        };
        assert_eq!(heights(12..=14, 0).await, [12, 13, 14]);
        assert_eq!(heights(12..=u64::MAX, all[2].id).await, [14, 15], "the page after the third");
        let scheduled = EventFilter { schedule: Some(ScheduleId(9)), ..EventFilter::default() };
        let rows = store.events().list(&scheduled, 0, 10).await.expect("lists");
        assert_eq!(rows.iter().map(|row| row.event.height).collect::<Vec<_>>(), [9, 9, 14, 15]);
        assert_eq!(rows[0].event.schedule, Some(ScheduleId(9)));
        let other = EventFilter { event: Some("gateway-round-opened".into()), ..EventFilter::default() };
        assert!(store.events().list(&other, 0, 10).await.expect("lists").is_empty());
    }
}

#[tokio::test]
async fn the_newest_abstention_of_a_node_counts() {
    for store in databases("the_newest_abstention_of_a_node_counts").await.stores {
        let work = store.begin().await.expect("begins");
        for (node, reason) in [
            (2, AbstentionReason::CodeNotFound),
            (1, AbstentionReason::SecretMissing),
            (2, AbstentionReason::LimitExceeded),
        ] {
            let row = AbstentionRow {
                request: RequestId(1),
                node: NodeId(node),
                reason,
                detail: format!("of {node}"),
            };
            work.abstentions().put(&row).await.expect("stores");
        }
        work.commit().await.expect("commits");
        let rows = store.abstentions().of(RequestId(1)).await.expect("lists");
        let reasons: Vec<_> = rows.iter().map(|row| (row.node.get(), row.reason)).collect();
        assert_eq!(reasons, [(1, AbstentionReason::SecretMissing), (2, AbstentionReason::LimitExceeded)]);
    }
}

#[tokio::test]
async fn old_ended_requests_go_with_what_belongs_to_them_and_open_ones_stay() {
    for store in databases("old_ended_requests_go_with_what_belongs_to_them_and_open_ones_stay").await.stores
    {
        let work = store.begin().await.expect("begins");
        work.requests().upsert(&[request(1, RequestStatus::Drawn)]).await.expect("stores");
        work.attestations().insert(&[attestation(1, 1, "1")]).await.expect("stores");
        work.requests().upsert(&[request(1, RequestStatus::Expired)]).await.expect("stores");
        work.requests().upsert(&[request(2, RequestStatus::Drawn)]).await.expect("stores");
        work.events().add(&[event(11, 1), event(200, 2)]).await.expect("stores");
        work.commit().await.expect("commits");
        // The samples' deadline is 110.
        for (height, deleted) in [(110, 1), (111, 1), (111, 0)] {
            let work = store.begin().await.expect("begins");
            assert_eq!(
                work.retention().prune_below(height).await.expect("deletes"),
                deleted,
                "below {height}"
            );
            work.commit().await.expect("commits");
        }
        assert_eq!(store.requests().get(RequestId(1)).await.expect("reads"), None);
        assert!(store.attestations().of(RequestId(1)).await.expect("lists").is_empty());
        assert!(store.requests().get(RequestId(2)).await.expect("reads").is_some(), "an open request stays");
        assert_eq!(store.events().list(&EventFilter::default(), 0, 10).await.expect("lists").len(), 1);
    }
}
