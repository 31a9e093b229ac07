//! Schedules with a keeper that is killed: each firing is made once or said to be missed, none is lost, none doubled; and the
//! commands on schedules.
//!
//! `E2E_SCHEDULES="100 60 10 2 500"` makes it an hour of blocks: schedules, blocks between firings, firings of each, kills,
//! milliseconds of a block. All kills but the last are followed by a start at once; after the last one the keeper stays away for two
//! and a half firings.

use std::collections::BTreeSet;
use std::time::Duration;

use gateway_api::events::GatewayEvent;
use gateway_api::{NewRequest, NewSchedule, QueryMsg, RequestId, RequestResponse, RequestStatus};
use gateway_localnet::{Localnet, LocalnetConfig, example};
use serde_json::{Value, json};

use crate::cli::{ends, gateway_in, stderr};
use crate::network::{start, start_with};
use crate::operate::{json_of, write_network};

/// What is tried.
#[derive(Clone, Copy, Debug)]
struct Plan {
    schedules: u64,
    every: u64,
    firings: u64,
    kills: u64,
    block_time: Option<Duration>,
}

impl Plan {
    /// What the environment names, or twenty schedules and one kill.
    fn chosen() -> Self {
        let text = std::env::var("E2E_SCHEDULES").unwrap_or_else(|_| "20 20 5 1".to_owned());
        let numbers: Vec<u64> =
            text.split_whitespace().map(|n| n.parse().expect("E2E_SCHEDULES takes numbers")).collect();
        let (&[schedules, every, firings, kills] | &[schedules, every, firings, kills, _]) =
            numbers.as_slice()
        else {
            panic!("E2E_SCHEDULES takes four numbers or five, not {text:?}")
        };
        let block_time = numbers.get(4).map(|ms| Duration::from_millis(*ms));
        Self { schedules, every, firings, kills, block_time }
    }

    fn span(self) -> u64 {
        self.every * self.firings
    }
}

async fn until_height(net: &Localnet, height: u64) {
    loop {
        let now = net.height().await.unwrap();
        if now >= height {
            return;
        }
        let next = height.min(now + 20);
        net.until("blocks", || async { Ok((net.height().await? >= next).then_some(())) }).await.unwrap();
    }
}

/// The heights that a schedule's missed firings were due at.
fn missed(every: u64, missed: &[(u64, u64, String)]) -> Vec<u64> {
    missed.iter().flat_map(|(due, firings, _)| (0..*firings).map(move |n| due + n * every)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_firing_is_lost_or_doubled_by_a_keeper_that_is_killed() {
    let plan = Plan::chosen();
    let change = |config: &mut LocalnetConfig| {
        config.block_time = plan.block_time.unwrap_or(config.block_time);
    };
    let (mut net, _home) = start_with(change).await;
    let project = net.register(&example::addition()).await.unwrap();
    let fee = net.fee(project).await.unwrap();
    let from = net.height().await.unwrap();
    // A transaction takes two blocks or three.
    let first = from + 4 * plan.schedules + 10;
    let mut expected = Vec::new();
    for number in 0..plan.schedules {
        let at = first + number % plan.every;
        let dues: Vec<u64> = (0..plan.firings).map(|n| at + n * plan.every).collect();
        let new = NewSchedule {
            request: NewRequest::new(project, json!({"a": number, "b": 1}).to_string()),
            at: Some(at),
            every_blocks: Some(plan.every),
            // A keeper comes a few blocks after a firing is due.
            until: dues.last().map(|last| last + plan.every - 1),
        };
        expected.push((net.schedule(new, fee * u128::from(plan.firings)).await.unwrap(), dues));
    }
    assert!(net.height().await.unwrap() < first, "the schedules stand before the first of them is due");

    for kill in 1..=plan.kills {
        until_height(&net, first + kill * plan.span() / (plan.kills + 2)).await;
        net.global_mut().kill().await;
        if kill == plan.kills {
            let now = net.height().await.unwrap();
            until_height(&net, now + 5 * plan.every / 2).await;
        }
        net.start_global().await.unwrap();
    }
    until_height(&net, first + plan.span()).await;
    net.until("the schedules' end", || async { Ok((!net.any_schedule().await?).then_some(())) })
        .await
        .unwrap();

    let mut found = net.firings(from).await.unwrap();
    let (mut requests, mut late, mut lost) = (BTreeSet::new(), Vec::new(), 0);
    for (schedule, dues) in &expected {
        let firings = found.remove(schedule).unwrap_or_default();
        let away = missed(plan.every, &firings.missed);
        lost += away.len();
        let mut seen: Vec<u64> = firings.made.iter().map(|firing| firing.due).chain(away).collect();
        seen.sort_unstable();
        assert_eq!(
            seen, *dues,
            "each firing of schedule {schedule} is made once or said to be missed: {firings:?}"
        );
        assert_eq!(firings.ended, ["done"], "schedule {schedule}");
        late.extend(firings.made.iter().map(|firing| firing.height - firing.due));
        requests.extend(firings.made.iter().map(|firing| firing.request));
    }
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(requests.len(), late.len(), "each firing has a request of its own");
    assert!(lost > 0, "the keeper was away for more than two firings of each schedule");
    assert!(requests.len() as u64 >= plan.schedules, "and there for others");

    let (opened, fulfilled, expired) = outcome(&net, from, &requests).await;
    assert_eq!(opened, requests.len(), "no request was opened that no firing explains");
    assert_eq!(fulfilled + expired, opened, "each request has ended once");
    net.check_ledger().await.unwrap();
    late.sort_unstable();
    println!(
        "{} schedules over {} blocks, {} kills: {} firings, {opened} made (median {} and at most {} blocks after they were \
         due), {lost} missed and said so; {fulfilled} fulfilled, {expired} expired",
        plan.schedules,
        plan.span(),
        plan.kills,
        plan.schedules * plan.firings,
        late[late.len() / 2],
        late.last().unwrap(),
    );
    net.shutdown().await.unwrap();
}

/// Waits until every request has ended; how many were opened, fulfilled and expired since a height.
async fn outcome(net: &Localnet, from: u64, requests: &BTreeSet<RequestId>) -> (usize, usize, usize) {
    for request in requests {
        let query = QueryMsg::Request { request: *request };
        net.until("the requests' end", || async {
            let seen: RequestResponse = net.ask(&query).await?;
            Ok((!matches!(seen.status, RequestStatus::Waiting | RequestStatus::Drawn)).then_some(()))
        })
        .await
        .unwrap();
    }
    let (mut opened, mut fulfilled, mut expired) = (0, 0, 0);
    for height in from..=net.height().await.unwrap() {
        for event in net.events_at(height).await.unwrap() {
            match event {
                GatewayEvent::RequestOpened(_) => opened += 1,
                GatewayEvent::RequestFulfilled(_) => fulfilled += 1,
                GatewayEvent::RequestExpired(_) => expired += 1,
                _ => {}
            }
        }
    }
    (opened, fulfilled, expired)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_from_its_first_coins_to_its_last() {
    let (net, home) = start().await;
    let folder = home.path();
    let relay = net.relay_url();
    write_network(&net, folder, &format!("relay = \"{relay}\""));
    let project = net.register(&example::addition()).await.unwrap().to_string();
    let client = reqwest::Client::new();
    let get = async |path: &str| -> (u16, Value) {
        let answer = client.get(format!("{relay}{path}")).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let far = ["--in-blocks", "100000", "--every-blocks", "50", "--firings", "3"];
    let create = [&["schedule", "create", &project, "--input", "{\"a\":1,\"b\":2}"][..], &far].concat();
    let (id, budget) = tokio::task::block_in_place(|| {
        let dry =
            json_of(&ends(folder, 0, &[&create[..], &["--generate-only", "--output", "json"]].concat()));
        let schedule = &dry["message"]["schedule"];
        assert_eq!(schedule["every_blocks"], 50, "{dry}");
        let end = schedule["until"].as_u64().unwrap() - schedule["at"].as_u64().unwrap();
        assert_eq!(end, 149, "three firings, and time for the last");
        assert!(dry["archwayd"].as_str().unwrap().contains("wasm execute"), "{dry}");
        let created = json_of(&ends(folder, 0, &[&create[..], &["--output", "json"]].concat()));
        let budget: u128 = created["budget"].as_str().unwrap().parse().unwrap();
        (created["schedule"].to_string(), budget)
    });
    assert_eq!(budget, 3 * net.fee(gateway_api::ProjectId(project.parse().unwrap())).await.unwrap());
    assert_eq!(get(&format!("/v1/schedules/{id}")).await.1["budget"], budget.to_string());
    let (status, page) = get("/v1/schedules").await;
    assert_eq!((status, &page["items"][0]["every_blocks"]), (200, &json!(50)), "{page}");
    tokio::task::block_in_place(|| {
        let text = ends(folder, 0, &["schedule", "list"]);
        assert!(text.contains("its budget") && text.contains("50"), "{text}");
        let text = ends(folder, 0, &["schedule", "show", &id]);
        assert!(text.contains("every 50 blocks") && text.contains("missed   0 firings"), "{text}");
        let funded = json_of(&ends(folder, 0, &["schedule", "fund", &id, "7", "--output", "json"]));
        assert_eq!(funded["budget"], (budget + 7).to_string());
        assert!(ends(folder, 0, &["schedule", "run", &id]).contains("nothing was due"));
        let ended = json_of(&ends(folder, 0, &["schedule", "cancel", &id, "--output", "json"]));
        assert_eq!(ended["returned"], (budget + 7).to_string());
        let refused = gateway_in(folder, &["schedule", "show", &id]);
        assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
        let refused = gateway_in(folder, &["schedule", "create", &project, "--subscription", "999"]);
        assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    });
    assert_eq!(get(&format!("/v1/schedules/{id}")).await.0, 404);
    net.until("the relay to have the end", || async {
        let (_, history) = get(&format!("/v1/history?schedule={id}&event=gateway-schedule-ended")).await;
        Ok((history["items"].as_array().map(Vec::len) == Some(1)).then_some(()))
    })
    .await
    .unwrap();

    // One that fires once, in the next block, out of the budget of one firing.
    let once = tokio::task::block_in_place(|| {
        let create = ["schedule", "create", &project, "--input", "{\"a\":1,\"b\":2}", "--output", "json"];
        json_of(&ends(folder, 0, &create))["schedule"].to_string()
    });
    net.until("its firing in the relay's history", || async {
        let (_, history) = get(&format!("/v1/history?schedule={once}&event=gateway-schedule-ended")).await;
        Ok((history["items"].as_array().map(Vec::len) == Some(1)).then_some(()))
    })
    .await
    .unwrap();
    tokio::task::block_in_place(|| {
        let text = ends(folder, 0, &["schedule", "history", &once]);
        assert!(text.contains("schedule-fired") && text.contains("reason done"), "{text}");
        let text = ends(folder, 0, &["schedule", "history", &id, "--relay", &relay]);
        assert!(text.contains("reason cancelled"), "{text}");
    });
    net.shutdown().await.unwrap();
}
