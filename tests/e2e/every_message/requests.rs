//! Requests: ended by their requester, by their deadline, and drawn by tickets.

use gateway_api::events::GatewayEvent;
use gateway_api::{DrawClass, ExecuteMsg, NewRequest, ProjectId, RequestId, RequestStatus};
use gateway_chain::Coin;
use gateway_chain::tx::Msg;
use gateway_localnet::{Localnet, example};
use serde_json::json;

use super::{People, send};
use crate::impostor::{Impostor, publication};

/// One that is opened and cancelled in one transaction: a block later a round may have drawn it.
pub(super) async fn is_cancelled_in_its_own_block(net: &Localnet, people: &People, project: ProjectId) {
    let fee = net.fee(project).await.unwrap();
    let newest = net.request(project, &json!({"a": 1, "b": 1})).await.unwrap().request;
    let (sender, contract) = (people.user.address(), net.contract());
    let messages = [
        ExecuteMsg::Request(NewRequest::new(project, r#"{"a":1,"b":2}"#)),
        ExecuteMsg::Cancel { request: RequestId(newest.get() + 1) },
    ];
    let funds = [vec![Coin::new(fee, "aarch")], Vec::new()];
    let messages = messages
        .iter()
        .zip(&funds)
        .map(|(message, funds)| Msg::execute(sender, contract, serde_json::to_vec(message).unwrap(), funds));
    let found = net.submit(&people.user, messages.collect()).await.unwrap();
    let ended = net.events(&found).into_iter().any(|event| {
        matches!(event, GatewayEvent::RequestExpired(expired) if expired.request.get() == newest.get() + 1)
    });
    assert!(ended, "{:?}", net.events(&found));
}

/// Nobody answers: one attestation gathers on the chain, the deadlines pass, and a keeper expires both requests and delivers the
/// callback.
pub(super) async fn expires_and_calls_back(
    net: &mut Localnet,
    people: &People,
    sixth: &Impostor,
    project: ProjectId,
) {
    let wide = example::addition().with_policy(|policy| policy.committee = 101);
    let wide = net.register(&wide).await.unwrap();
    net.pause_nodes().await;
    let ticket = net.request(wide, &json!({"a": 2, "b": 2})).await.unwrap();
    let by_contract = net.request_by_contract(project, &json!({"a": 3, "b": 3})).await.unwrap();
    let drawn = net.until_drawn(&ticket).await.unwrap();
    let attest = ExecuteMsg::Attest { publication: publication(&sixth.say(net, &drawn, "4")) };
    let events = send(net, &people.user, &attest, 0).await;
    assert!(matches!(events[..], [GatewayEvent::AttestationsKept(_)]), "{events:?}");
    for ticket in [&ticket, &by_contract] {
        net.until_status(ticket, RequestStatus::Expired).await.unwrap();
    }
    net.resume_nodes().await.unwrap();
}

/// Relays bring the tickets of nodes.
pub(super) async fn beacon_draws(net: &Localnet) {
    let drawn_by_tickets = example::addition().with_policy(|policy| policy.draw = DrawClass::Beacon);
    let project = net.register(&drawn_by_tickets).await.unwrap();
    let ticket = net.request(project, &json!({"a": 4, "b": 4})).await.unwrap();
    assert_eq!(net.result(&ticket).await.unwrap().value(), json!(8));
}
