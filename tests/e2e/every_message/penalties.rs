//! What misconduct costs: the sixth node is silent where it was to be seen, then dissents, then signs two outcomes.

use gateway_api::events::GatewayEvent;
use gateway_api::{
    Equivocation, ExecuteMsg, NewRequest, NodeId, ProjectId, QueryMsg, RequestId, RequestResponse,
    RequestStatus, SignedCommit,
};
use gateway_localnet::{DevAccount, Localnet, example};
use serde_json::json;

use super::{People, send};
use crate::impostor::Impostor;

/// Requests of the batch: with more seats in the committee than there are units, each of fifteen units wins one every time, which
/// makes 210.
const BATCH: usize = 14;

pub(super) async fn follow_silence_dissent_and_equivocation(
    net: &Localnet,
    people: &People,
    sixth: &Impostor,
) {
    let (user, node) = (&people.user, sixth.node);
    let strict = example::addition().with_policy(|policy| {
        policy.committee = 101;
        policy.deterministic = true;
    });
    let project = net.register(&strict).await.unwrap();
    let (answered, events) = silence(net, user, project, node).await;
    assert!(matches!(events[..], [GatewayEvent::NodeSilent(_)]), "{events:?}");
    let [first, second, ..] = &answered[..] else { panic!("{BATCH} results") };

    let signed_outcome = sixth.say(net, first, "6");
    let events = send(net, &people.neighbour, &ExecuteMsg::ReportDissent { signed_outcome }, 0).await;
    assert!(matches!(events[..], [GatewayEvent::NodeDissented(_)]), "{events:?}");

    let signed = ["6", "7"].map(|body| {
        let (commit, outcome) = sixth.sign(net, second, body);
        SignedCommit { commit, proof: outcome.attestation.proof }
    });
    let [first, second_commit] = signed;
    let evidence = Equivocation { request: second.request, node, first, second: second_commit };
    let events = send(net, &people.neighbour, &ExecuteMsg::SubmitEvidence(evidence), 0).await;
    assert!(matches!(events[..], [GatewayEvent::NodeSlashed(_)]), "{events:?}");
}

/// Has a batch of requests answered by all but a node, and reports its silence.
async fn silence(
    net: &Localnet,
    user: &DevAccount,
    project: ProjectId,
    node: NodeId,
) -> (Vec<RequestResponse>, Vec<GatewayEvent>) {
    for _ in 0..5 {
        let answered = batch(net, user, project).await;
        let epoch = answered[0].draw.as_ref().unwrap().epoch;
        let report = ExecuteMsg::ReportSilence { node, epoch };
        // Silence counts until the epoch after the draw's has ended, which a busy machine may miss.
        match net.execute(user, net.contract(), &report, 0).await {
            Ok(sent) => return (answered, net.events(&sent)),
            Err(error) => assert!(format!("{error:?}").contains("seen in 0 of 0 seats"), "{error:?}"),
        }
    }
    panic!("no batch was answered within two epochs")
}

/// Sends requests that are drawn together, and waits for their results.
async fn batch(net: &Localnet, user: &DevAccount, project: ProjectId) -> Vec<RequestResponse> {
    let requests = vec![NewRequest::new(project, json!({"a": 1, "b": 4}).to_string()); BATCH];
    let fee = net.fee(project).await.unwrap();
    let opened = send(net, user, &ExecuteMsg::Requests { requests }, fee * BATCH as u128).await;
    let ids: Vec<RequestId> = opened
        .into_iter()
        .filter_map(|event| match event {
            GatewayEvent::RequestOpened(opened) => Some(opened.request),
            _ => None,
        })
        .collect();
    assert_eq!(ids.len(), BATCH, "each of the batch is opened");
    let mut answered: Vec<RequestResponse> = Vec::new();
    for request in ids {
        let what = format!("the result of request {request}");
        let ended = net.until(&what, || async {
            let found: RequestResponse = net.ask(&QueryMsg::Request { request }).await?;
            Ok((found.status == RequestStatus::Fulfilled).then_some(found))
        });
        answered.push(ended.await.unwrap());
    }
    answered
}
