//! What repositories store, and what they never change.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use gateway_api::{
    Body, BodyHash, CallbackStatus, Commit, DrawClass, EngineId, NodeId, OutcomeClass, ProjectId, RequestId,
    RequestStatus, ResultResponse, Round, Version, limits,
};
use gateway_store::{
    AttestationRow, Inserted, JobRow, JobState, PublicationMark, RequestCount, RequestFilter, SponsoredRow,
};
use samples::{attestation, databases, node, request};

#[tokio::test]
async fn a_mirrored_request_only_moves_forward() {
    for store in databases("a_mirrored_request_only_moves_forward").await.stores {
        let work = store.begin().await.expect("begins");
        use RequestStatus::{Drawn, Expired, Fulfilled, Waiting};
        for (seen, then) in [
            (Waiting, Waiting),
            (Drawn, Drawn),
            (Waiting, Drawn),
            (Fulfilled, Fulfilled),
            (Drawn, Fulfilled),
            (Expired, Fulfilled),
            (Waiting, Fulfilled),
        ] {
            work.requests().upsert(&[request(1, seen)]).await.expect("stores");
            let row = work.requests().get(RequestId(1)).await.expect("reads").expect("is there");
            assert_eq!(row.seen.status, then, "after {seen:?}");
            assert_eq!(row.seen, request(1, then), "the whole row moves, or none of it");
        }
        work.commit().await.expect("commits");
    }
}

#[tokio::test]
async fn lists_are_paged_and_filtered() {
    for store in databases("lists_are_paged_and_filtered").await.stores {
        let work = store.begin().await.expect("begins");
        for id in 1..=6 {
            let status = if id < 3 { RequestStatus::Drawn } else { RequestStatus::Waiting };
            work.requests().upsert(&[request(id, status)]).await.expect("stores");
        }
        work.nodes().upsert(&node(1)).await.expect("stores");
        work.nodes().upsert(&node(2)).await.expect("stores");
        work.commit().await.expect("commits");
        let ids = |filter, after, limit| {
            let store = store.clone();
            async move {
                let rows = store.requests().list(filter, RequestId(after), limit).await.expect("lists");
                rows.into_iter().map(|row| row.seen.request.get()).collect::<Vec<_>>()
            }
        };
        assert_eq!(ids(RequestFilter::default(), 2, 3).await, [3, 4, 5]);
        let odd = RequestFilter { project: Some(ProjectId(2)), status: None };
        assert_eq!(ids(odd, 0, 10).await, [1, 3, 5]);
        let drawn = RequestFilter { project: None, status: Some(RequestStatus::Drawn) };
        assert_eq!(ids(drawn, 0, 10).await, [1, 2]);
        assert_eq!(store.requests().waiting_ids(RequestId(0), 1).await.expect("lists"), [RequestId(3)]);
        assert_eq!(store.requests().open_ids(RequestId(5), 10).await.expect("lists"), [RequestId(6)]);
        let nodes = store.nodes().list(NodeId(1), 10).await.expect("lists");
        assert_eq!(nodes, [node(2)]);
        assert_eq!(
            store.nodes().by_key(&node(2).newest_key().expect("a key")).await.expect("finds"),
            Some(node(2))
        );
    }
}

#[tokio::test]
async fn a_publication_is_offered_again_only_from_its_height_on() {
    for store in databases("a_publication_is_offered_again_only_from").await.stores {
        let work = store.begin().await.expect("begins");
        work.requests().upsert(&[request(1, RequestStatus::Drawn)]).await.expect("stores");
        work.requests().upsert(&[request(2, RequestStatus::Fulfilled)]).await.expect("stores");
        let marks = [(RequestId(1), "f".to_owned()), (RequestId(2), "g".to_owned())];
        work.requests().publishing(4, &marks).await.expect("marks");
        work.commit().await.expect("commits");
        let offered = |height| {
            let store = store.clone();
            async move { store.requests().publishable(height, RequestId(0), 10).await.expect("lists") }
        };
        assert_eq!(offered(50).await, [], "one is under way");
        let under_way = store.requests().in_publication(RequestId(0), 10).await.expect("lists");
        assert_eq!(under_way, [(RequestId(1), 4)]);
        let row = store.requests().get(RequestId(1)).await.expect("reads").expect("is there");
        assert_eq!(row.publication, Some(PublicationMark { item: 4, fingerprint: "f".to_owned() }));

        let work = store.begin().await.expect("begins");
        work.requests().not_published(RequestId(1), "refused", 60).await.expect("notes");
        work.commit().await.expect("commits");
        let once_failed = vec![(RequestId(1), 1)];
        assert_eq!([offered(59).await, offered(60).await, offered(111).await], [vec![], once_failed, vec![]]);
        let row = store.requests().get(RequestId(1)).await.expect("reads").expect("is there");
        assert_eq!((row.tries, row.publication, row.why.as_deref()), (1, None, Some("refused")));
    }
}

#[tokio::test]
async fn the_first_attestation_of_a_node_stays() {
    for store in databases("the_first_attestation_of_a_node_stays").await.stores {
        let work = store.begin().await.expect("begins");
        let attestations = work.attestations();
        assert_eq!(attestations.insert(&[attestation(1, 1, "a")]).await.expect("stores"), [Inserted::New]);
        assert_eq!(attestations.insert(&[attestation(1, 1, "a")]).await.expect("stores"), [Inserted::Same]);
        assert_eq!(attestations.insert(&[attestation(1, 1, "b")]).await.expect("stores"), [Inserted::Other]);
        let proven_otherwise = AttestationRow { proof: vec![5; 160], ..attestation(1, 1, "a") };
        assert_eq!(attestations.insert(&[proven_otherwise]).await.expect("stores"), [Inserted::Other]);
        let together =
            [attestation(1, 2, "b"), attestation(1, 1, "a"), attestation(1, 2, "b"), attestation(1, 2, "c")];
        let became = [Inserted::New, Inserted::Same, Inserted::Same, Inserted::Other];
        assert_eq!(attestations.insert(&together).await.expect("stores"), became);
        let rows = attestations.of(RequestId(1)).await.expect("lists");
        assert_eq!(rows, [attestation(1, 1, "a"), attestation(1, 2, "b")]);
        attestations.insert(&[attestation(2, 1, "c")]).await.expect("stores");
        attestations.drop_bodies(&[RequestId(1)]).await.expect("drops");
        let bodies =
            |rows: Vec<gateway_store::AttestationRow>| rows.into_iter().map(|r| r.body).collect::<Vec<_>>();
        assert_eq!(bodies(attestations.of(RequestId(1)).await.expect("lists")), ["", ""]);
        assert_eq!(bodies(attestations.of(RequestId(2)).await.expect("lists")), ["c"]);
    }
}

#[tokio::test]
async fn a_body_too_large_for_the_chain_is_kept_once_and_the_agreed_one_stays() {
    for store in databases("a_body_too_large_for_the_chain").await.stores {
        let large = |node: u32, digest: u8, letter: &str| {
            let body = letter.repeat(limits::MAX_INLINE_RESULT_BYTES as usize + 1);
            AttestationRow { digest: BodyHash([digest; 32]), body, ..attestation(1, node, letter) }
        };
        let work = store.begin().await.expect("begins");
        for row in [large(1, 1, "a"), large(2, 1, "a"), large(3, 2, "b")] {
            assert_eq!(work.attestations().insert(&[row]).await.expect("stores"), [Inserted::New]);
        }
        work.bodies().keep(RequestId(2), &BodyHash([1; 32]), "another request's").await.expect("keeps");
        let rows = work.attestations().of(RequestId(1)).await.expect("lists");
        assert!(rows.iter().all(|row| row.body.is_empty()));
        let get = async |request, digest: u8| {
            work.bodies().get(RequestId(request), &BodyHash([digest; 32])).await.expect("reads")
        };
        assert_eq!(
            (get(1, 1).await, get(1, 2).await),
            (Some(large(1, 1, "a").body), Some(large(1, 2, "b").body))
        );
        work.bodies().drop_but(RequestId(1), Some(&BodyHash([2; 32]))).await.expect("drops");
        assert_eq!((get(1, 1).await, get(1, 2).await), (None, Some(large(1, 2, "b").body)));
        work.bodies().drop_but(RequestId(1), None).await.expect("drops");
        assert_eq!((get(1, 2).await, get(2, 1).await.as_deref()), (None, Some("another request's")));
    }
}

#[tokio::test]
async fn a_job_never_stores_a_second_attestation() {
    for store in databases("a_job_never_stores_a_second_attestation").await.stores {
        let mut job = JobRow {
            seen: request(1, RequestStatus::Drawn),
            state: JobState::Attested,
            attempt: Some(1.into()),
            seats: 2,
            class: Some(gateway_api::OutcomeClass::Ok),
            commit: Some(Commit([1; 32])),
            message: None,
            tries: 0,
            reason: None,
        };
        let work = store.begin().await.expect("begins");
        work.jobs().put(&job).await.expect("stores");
        job.commit = Some(Commit([2; 32]));
        job.state = JobState::Sent;
        work.jobs().put(&job).await.expect("stores");
        work.commit().await.expect("commits");
        let kept = store.jobs().get(RequestId(1)).await.expect("reads").expect("is there");
        assert_eq!((kept.state, kept.commit), (JobState::Sent, Some(Commit([1; 32]))));
        assert_eq!(store.jobs().count(JobState::Sent).await.expect("counts"), 1);
        assert!(store.jobs().list(JobState::Attested, RequestId(0), 10).await.expect("lists").is_empty());
    }
}

#[tokio::test]
async fn a_run_is_stored_once_and_jobs_move_on_together() {
    for store in databases("a_run_is_stored_once_and_jobs_move_on").await.stores {
        let seated = |id: u64| JobRow {
            seen: request(id, RequestStatus::Drawn),
            state: JobState::Seated,
            attempt: Some(0.into()),
            seats: 2,
            class: None,
            commit: None,
            message: None,
            tries: 0,
            reason: None,
        };
        let ids = [1, 2, 3].map(RequestId);
        let ran = |id: u64, word: u8| JobRow {
            state: JobState::Attested,
            class: Some(gateway_api::OutcomeClass::Ok),
            commit: Some(Commit([word; 32])),
            ..seated(id)
        };
        let work = store.begin().await.expect("begins");
        for id in 1..=3 {
            work.jobs().put(&seated(id)).await.expect("stores");
        }
        assert!(work.jobs().store_run(&ran(1, 1)).await.expect("stores"));
        assert!(!work.jobs().store_run(&ran(1, 2)).await.expect("stores"), "it is not seated any more");
        let unattested = work.jobs().unattested(&ids).await.expect("lists");
        assert_eq!(unattested, [seated(2), seated(3)]);
        let moved = work.jobs().advance(&ids, &[JobState::Attested], JobState::Sent).await.expect("moves");
        assert_eq!(moved, 1);
        let ended =
            work.jobs().advance(&ids[..2], &[JobState::Seated], JobState::Ended).await.expect("moves");
        assert_eq!(ended, 1);
        let states: Vec<_> =
            work.jobs().among(&ids).await.expect("reads").into_iter().map(|job| job.state).collect();
        assert_eq!(states, [JobState::Sent, JobState::Ended, JobState::Seated]);
        assert_eq!(
            work.jobs().ids(&[JobState::Sent, JobState::Seated]).await.expect("lists"),
            [ids[0], ids[2]]
        );
        let kept = work.jobs().get(ids[0]).await.expect("reads").expect("is there");
        assert_eq!(kept.commit, Some(Commit([1; 32])));
    }
}

#[tokio::test]
async fn a_sponsored_request_is_found_by_its_key_and_its_item() {
    for store in databases("a_sponsored_request_is_found_by_its_key_").await.stores {
        let row = SponsoredRow {
            payer: "shop".into(),
            key: "order-1".into(),
            fingerprint: "f".into(),
            item: 5,
            request: None,
        };
        let work = store.begin().await.expect("begins");
        work.sponsored().insert(std::slice::from_ref(&row)).await.expect("stores");
        assert!(work.sponsored().insert(std::slice::from_ref(&row)).await.is_err(), "a key is used once");
        drop(work);
        let work = store.begin().await.expect("begins");
        work.sponsored().insert(std::slice::from_ref(&row)).await.expect("stores");
        work.sponsored()
            .insert(&[SponsoredRow { payer: "bank".into(), item: 6, ..row.clone() }])
            .await
            .expect("stores");
        work.sponsored().known(&[(6, RequestId(10)), (5, RequestId(9))]).await.expect("notes");
        work.commit().await.expect("commits");
        let known = SponsoredRow { request: Some(RequestId(9)), ..row };
        assert_eq!(store.sponsored().get("shop", "order-1").await.expect("reads"), Some(known));
        let carried = store.sponsored().among(&[7, 6, 5]).await.expect("reads");
        assert_eq!(carried.into_iter().collect::<Vec<_>>(), [5, 6]);
        // The other one was requested, but nothing containing it was executed.
        assert!(store.sponsored().unmatched(99, 10).await.expect("lists").is_empty());
    }
}

#[tokio::test]
async fn a_message_is_queued_once_signed_once_and_settled_once() {
    use gateway_chain::outbox::{ItemState, NewItem, OutboxStore, OutboxTx, TxEnd};
    for store in databases("outbox").await.stores {
        let new =
            |key: &str| NewItem { key: key.into(), msg: b"{}".to_vec(), funds: Vec::new(), reserved_gas: 0 };
        let one = store.enqueue(&new("tick/1")).await.expect("queues").id;
        assert_eq!(store.enqueue(&new("tick/1")).await.expect("queues").id, one);
        let two = store.enqueue(&new("expire/1")).await.expect("queues").id;
        let both = store.outbox().items(&[two, 99, one]).await.expect("reads");
        assert_eq!(both.iter().map(|item| item.id).collect::<Vec<_>>(), [two, one], "in the order asked for");
        assert!(store.outbox().has_unsettled("tick/").await.expect("looks"));
        let tx = |hash: &str, items: Vec<i64>| OutboxTx {
            hash: hash.into(),
            bytes: vec![0, 255],
            sequence: 1,
            signed_height: 2,
            timeout_height: 9,
            items,
        };
        store.record_signed(&tx("A", vec![two, one])).await.expect("signs");
        assert!(store.record_signed(&tx("B", vec![one])).await.is_err(), "it is in another");
        assert_eq!(store.in_flight().await.expect("lists"), [tx("A", vec![two, one])]);
        assert_eq!(store.outbox().items_of("A").await.expect("reads"), Some(vec![two, one]));
        let end = TxEnd::Failed { error: "out of gas".into(), blamed: vec![one, two], give_up: vec![two] };
        store.settle("A", &end).await.expect("settles");
        store
            .settle("A", &TxEnd::Included { height: 5, refused: Vec::new() })
            .await
            .expect("changes nothing");
        let states = [store.item(one).await, store.item(two).await].map(|item| {
            let item = item.expect("reads").expect("is there");
            (item.state, item.attempts, item.height)
        });
        assert_eq!(states, [(ItemState::Queued, 1, None), (ItemState::Failed, 1, None)]);
        assert_eq!(store.outbox().depth().await.expect("counts"), 1);
        store.record_signed(&tx("C", vec![one])).await.expect("signs again");
        store.settle("C", &TxEnd::Included { height: 7, refused: Vec::new() }).await.expect("settles");
        let item = store.item(one).await.expect("reads").expect("is there");
        assert_eq!(
            (item.state, item.height, item.error),
            (ItemState::Done, Some(7), Some("out of gas".into()))
        );
        assert!(!store.outbox().has_unsettled("tick/").await.expect("looks"));
    }
}

#[tokio::test]
async fn what_the_contract_refuses_fails_alone_in_a_transaction_that_is_executed() {
    use gateway_chain::outbox::{ItemState, NewItem, OutboxStore, OutboxTx, TxEnd};
    for store in databases("outbox_refused").await.stores {
        let mut ids = Vec::new();
        for key in ["request/1", "request/2"] {
            let new = NewItem { key: key.into(), msg: b"{}".to_vec(), funds: Vec::new(), reserved_gas: 0 };
            ids.push(store.enqueue(&new).await.expect("queues").id);
        }
        let tx = OutboxTx {
            hash: "A".into(),
            bytes: vec![1],
            sequence: 1,
            signed_height: 2,
            timeout_height: 9,
            items: ids.clone(),
        };
        store.record_signed(&tx).await.expect("signs");
        let refused = vec![(ids[1], "paused".to_owned())];
        store.settle("A", &TxEnd::Included { height: 5, refused }).await.expect("settles");
        let mut ends = Vec::new();
        for id in ids {
            let item = store.item(id).await.expect("reads").expect("is there");
            ends.push((item.state, item.error, item.height));
        }
        assert_eq!(
            ends,
            [(ItemState::Done, None, Some(5)), (ItemState::Failed, Some("paused".to_owned()), Some(5))]
        );
    }
}

#[tokio::test]
async fn statistics_count_requests_and_rank_latencies() {
    for store in databases("statistics_count_requests_and_rank").await.stores {
        assert_eq!(store.statistics().latency().await.expect("ranks"), None);
        let work = store.begin().await.expect("begins");
        // Request n, opened at height 10, took n blocks.
        for n in 1..=200u64 {
            work.requests().upsert(&[request(n, RequestStatus::Fulfilled)]).await.expect("stores");
            let result = ResultResponse {
                request: RequestId(n),
                project: ProjectId(1),
                version: Version(1),
                draw: DrawClass::Normal,
                fallback: false,
                class: OutcomeClass::Ok,
                body: Body::Inline { text: "3".into() },
                engine: EngineId([3; 32]),
                round: Round(1),
                attempt: 0,
                agreed: Vec::new(),
                seats: 3,
                quorum_seats: 3,
                publisher: "archway1relay".into(),
                height: 10 + n,
                callback: CallbackStatus::None {},
            };
            work.results().upsert(&[result]).await.expect("stores");
        }
        for (n, status) in
            [(201, RequestStatus::Expired), (202, RequestStatus::Waiting), (203, RequestStatus::Drawn)]
        {
            work.requests().upsert(&[request(n, status)]).await.expect("stores");
        }
        work.commit().await.expect("commits");
        let count = RequestCount { fulfilled: 200, expired: 1, open: 2 };
        assert_eq!(store.statistics().requests().await.expect("counts"), count);
        assert_eq!(store.statistics().latency().await.expect("ranks"), Some([100, 190, 198]));
    }
}
