//! A request from a user, from a contract and through the relay's HTTP API, each to its result.

use gateway_api::{AgreementRule, MedianField, OutcomeClass, RequestStatus};
use gateway_localnet::example;
use serde_json::json;

use crate::network::start;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_ways_to_ask_end_in_three_results() {
    let (net, _home) = start().await;
    let addition = net.register(&example::addition()).await.unwrap();
    let circle = net.register(&example::circle_area()).await.unwrap();
    let reduce = net.register(&example::json_reduce()).await.unwrap();

    let by_user = net.request(addition, &json!({"a": 3, "b": 5})).await.unwrap();
    let by_contract = net.request_by_contract(circle, &json!({"radius": 2})).await.unwrap();
    let document = json!({"document": "[{\"product\":\"tea\",\"units\":3,\"price\":250}]"});
    let by_relay = net.request_through_relay(reduce, &document).await.unwrap();

    let sum = net.result(&by_user).await.unwrap();
    assert_eq!((sum.class, sum.value()), (OutcomeClass::Ok, json!(8)));
    assert!(sum.seats >= sum.quorum_seats && sum.agreed_nodes >= 3, "{sum:?}");

    let area = net.result(&by_contract).await.unwrap();
    assert_eq!(area.value(), json!(std::f64::consts::PI * 4.0));
    assert_eq!(net.consumer_answer(&by_contract).await.unwrap(), Some(area.value()), "the callback arrived");

    let total = net.result(&by_relay).await.unwrap();
    assert_eq!(total.class, OutcomeClass::Ok);
    let expected = json!({"best": "tea", "products": {"tea": {"amount": 750, "units": 3}}, "total": 750});
    assert_eq!(total.value(), expected);

    for ticket in [&by_user, &by_contract, &by_relay] {
        assert_eq!(net.status(ticket).await.unwrap(), RequestStatus::Fulfilled);
    }
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_are_compared_by_fields_and_by_seats() {
    let (net, _home) = start().await;
    let code = "export default ({ n }) => ({ prices: [n / 2, `${n}.25`], of: 'atom' });\n";
    let field = |path: &str| MedianField { path: path.to_owned(), tolerance_bps: 50 };
    let fields = vec![field("/prices/1"), field("/prices/0")];
    for rule in [AgreementRule::MedianFields { fields }, AgreementRule::Mode { min_bps: 5001 }] {
        let project = gateway_localnet::Project::new("prices", "Prices.", code).with_policy(|policy| {
            policy.rule = rule.clone();
            policy.max_result_bytes = 1024;
        });
        let project = net.register(&project).await.unwrap();
        let ticket = net.request(project, &json!({"n": 7})).await.unwrap();
        let reading = net.result(&ticket).await.unwrap();
        assert_eq!(reading.value(), json!({"of": "atom", "prices": [3.5, "7.25"]}), "{rule:?}");
        assert!(reading.seats >= reading.quorum_seats, "{reading:?}");
    }
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_is_an_agreed_result() {
    let (net, _home) = start().await;
    let project = gateway_localnet::Project::new(
        "thrower",
        "Throws.",
        "export default async function (input) {\n  throw new TypeError('no ' + input.what);\n}\n",
    );
    let project = net.register(&project).await.unwrap();
    let ticket = net.request(project, &json!({"what": "luck"})).await.unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!(reading.class, OutcomeClass::JsThrow);
    assert!(reading.value()["message"].as_str().unwrap().contains("no luck"), "{reading:?}");
    net.shutdown().await.unwrap();
}
