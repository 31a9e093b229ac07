//! Dishonest nodes: a wrong result does not win; a forged proof and an attestation without a seat are refused.
//!
//! False attestations are signed with the real key of a registered node whose daemon is not running, and sent to the relay over HTTP and to the
//! contract directly.

use gateway_api::events::GatewayEvent;
use gateway_api::{Attempt, ExecuteMsg, Publication, RequestStatus, SignedOutcome};
use gateway_localnet::{DevAccount, Localnet, example};
use serde_json::json;

use crate::impostor::{Impostor, publication, together};
use crate::network::start;

/// Publishes straight to the contract and says why it was refused; `None` where it was not.
async fn publish(net: &Localnet, publication: Publication) -> Option<String> {
    let stranger = DevAccount::named("developer").unwrap();
    let message = ExecuteMsg::Publish { publications: vec![publication] };
    let found = net.execute(&stranger, net.contract(), &message, 0).await.unwrap();
    net.events(&found).into_iter().find_map(|event| match event {
        GatewayEvent::PublicationRefused(refused) => Some(refused.reason),
        _ => None,
    })
}

/// Posts to the relay and returns its status and answer.
async fn post_to_relay(net: &Localnet, outcome: &SignedOutcome) -> (u16, String) {
    let url = format!("{}/v1/attestations", net.relay_url());
    let answer = reqwest::Client::new().post(url).json(outcome).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_result_from_one_node_does_not_win() {
    let (mut net, _home) = start().await;
    let project = net.register(&example::addition()).await.unwrap();
    let liar = Impostor::instead_of(&mut net, 4).await;
    let ticket = net.request(project, &json!({"a": 2, "b": 2})).await.unwrap();
    let drawn = net.until_drawn(&ticket).await.unwrap();
    let lie = liar.say(&net, &drawn, "5");
    let (status, answer) = post_to_relay(&net, &lie).await;
    assert!(status == 200 || status == 202, "its proof is valid, so it is accepted: {status} {answer}");
    let refusal = publish(&net, publication(&lie)).await;
    assert!(matches!(refusal.as_deref(), Some("below_quorum" | "closed")), "{refusal:?}");

    let reading = net.result(&ticket).await.unwrap();
    assert_eq!(reading.value(), json!(4));
    assert!(reading.record.agreed.iter().all(|agreed| agreed.node != liar.node));
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_proof_counts_for_nothing() {
    let (mut net, _home) = start().await;
    let project = net.register(&example::addition()).await.unwrap();
    let mut forgers = Vec::new();
    for index in 2..5 {
        forgers.push(Impostor::instead_of(&mut net, index).await);
    }
    net.pause_nodes().await;
    let ticket = net.request(project, &json!({"a": 2, "b": 3})).await.unwrap();
    let drawn = net.until_drawn(&ticket).await.unwrap();
    let false_outcomes: Vec<_> = forgers.iter().map(|forger| forger.say(&net, &drawn, "5")).collect();

    // The commitments say one thing and the outcome another.
    let forged: Vec<_> = false_outcomes
        .iter()
        .map(|signed| SignedOutcome { body: "6".to_owned(), ..signed.clone() })
        .collect();
    let (status, answer) = post_to_relay(&net, &forged[0]).await;
    assert!((400..500).contains(&status), "{status} {answer}");
    assert_eq!(publish(&net, together(&forged).unwrap()).await.as_deref(), Some("invalid_proof"));

    // Another node's name under a proof that is not its own.
    let mut stolen = false_outcomes.clone();
    let names: Vec<_> = false_outcomes.iter().map(|signed| signed.attestation.node).collect();
    for (signed, name) in stolen.iter_mut().zip(names.iter().cycle().skip(1)) {
        signed.attestation.node = *name;
    }
    let (status, answer) = post_to_relay(&net, &stolen[0]).await;
    assert!((400..500).contains(&status), "{status} {answer}");
    assert_eq!(publish(&net, together(&stolen).unwrap()).await.as_deref(), Some("invalid_proof"));
    assert_eq!(net.status(&ticket).await.unwrap(), RequestStatus::Drawn);

    net.resume_nodes().await.unwrap();
    assert_eq!(net.result(&ticket).await.unwrap().value(), json!(5));
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_outside_the_draw_is_refused() {
    let (mut net, _home) = start().await;
    // A small committee, so that the first attempt leaves nodes without a seat.
    let project = example::addition().with_policy(|policy| {
        policy.committee = 2;
        policy.min_operators = 1;
        policy.wall_ms = 10_000;
    });
    let project = net.register(&project).await.unwrap();
    let node = Impostor::instead_of(&mut net, 4).await;
    net.pause_nodes().await;
    let mut unseated = None;
    for a in 0..40 {
        let ticket = net.request(project, &json!({"a": a, "b": 1})).await.unwrap();
        let drawn = net.until_drawn(&ticket).await.unwrap();
        if node.seats(&net, &drawn, Attempt(0)) == 0 {
            unseated = Some((ticket, drawn));
            break;
        }
    }
    let (ticket, drawn) = unseated.expect("forty draws, each with six chances in ten to leave the node out");
    let signed = node.say(&net, &drawn, "1");
    assert_eq!(publish(&net, publication(&signed)).await.as_deref(), Some("no_seat"));
    assert_eq!(net.status(&ticket).await.unwrap(), RequestStatus::Drawn);

    // A node registered after the request has no units in the draw's epoch.
    let newcomer = Impostor::registers(&net, &DevAccount::named("user").unwrap()).await;
    let signed = newcomer.say(&net, &drawn, "1");
    let (status, answer) = post_to_relay(&net, &signed).await;
    assert!((400..500).contains(&status), "{status} {answer}");
    assert_eq!(publish(&net, publication(&signed)).await.as_deref(), Some("inactive_node"));
    net.shutdown().await.unwrap();
}
