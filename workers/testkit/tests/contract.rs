//! The chain under the daemons' tests answers as the contract does.

use gateway_api::events::GatewayEvent;
use gateway_api::{
    CounterResponse, ExecuteMsg, ProjectId, QueryMsg, RequestId, RequestStatus, ResultResponse,
};
use gateway_chain::{ChainError, ChainReader, GatewayQuery};
use gateway_testkit::{CONTRACT, Setup, TestChain, account};

#[tokio::test]
async fn a_request_is_drawn_and_ends_with_the_result_of_a_quorum_that_the_contract_verified() {
    let chain = TestChain::start(Setup::default());
    let request = chain.open_request(ProjectId(1), None);
    chain.draw();
    chain.commit();
    let nodes = chain.nodes();
    let too_few = vec![chain.publication(request, &nodes[..2], "3")];
    let events = chain.send(&account("relay"), &ExecuteMsg::Publish { publications: too_few }, 0);
    let refused = |event: &GatewayEvent| matches!(event, GatewayEvent::PublicationRefused(_));
    assert!(events.iter().any(refused), "{events:?}");
    chain.fulfil(request, &nodes[..3]);
    let height = chain.commit();
    let block = chain.block(height).await.expect("the block");
    assert!(block.events().any(|(_, event)| event.ty == "wasm-gateway-request-fulfilled"), "{block:?}");
    let query = GatewayQuery::new(chain.clone(), CONTRACT);
    let result: ResultResponse = query.ask(&QueryMsg::Result { request }).await.expect("a result").value;
    assert_eq!((result.seats, result.quorum_seats, result.height), (3, 3, height));
}

#[tokio::test]
async fn refusals_have_the_contracts_own_text() {
    let chain = TestChain::start(Setup::default());
    let query = GatewayQuery::new(chain.clone(), CONTRACT);
    let unknown = query.ask::<ResultResponse, _>(&QueryMsg::Result { request: RequestId(9) }).await;
    assert!(
        matches!(&unknown, Err(ChainError::Query { log, .. }) if log.contains("no result of this request")),
        "{unknown:?}"
    );
    chain.script(|query| matches!(query, QueryMsg::Counter {}).then(|| serde_json::json!("scripted")));
    assert!(query.ask::<CounterResponse, _>(&QueryMsg::Counter {}).await.is_err());
    chain.unscript();
    assert!(query.ask::<CounterResponse, _>(&QueryMsg::Counter {}).await.is_ok());
}

#[test]
fn a_round_has_a_seed_as_wished_for() {
    let chain = TestChain::start(Setup::default());
    let request = chain.open_request(ProjectId(1), None);
    chain.draw_where(|seed| seed.0[0] == 77);
    chain.commit();
    let asked = chain.request(request);
    assert_eq!((asked.status, asked.draw.expect("a draw").seed.0[0]), (RequestStatus::Drawn, 77));
}
