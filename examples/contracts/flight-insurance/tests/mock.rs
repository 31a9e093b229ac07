//! The contract on a mock gateway.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cosmwasm_std::{Addr, coins};
use cw_multi_test::{App, ContractWrapper, Executor};
use example_flight_insurance::{ExecuteMsg, InstantiateMsg, QueryMsg};
use gateway_consumer::{OutcomeClass, ProjectId};
use gateway_testing::MockGateway;

/// An app in which Ada has coins, the mock, and the contract.
fn world() -> (App, MockGateway, Addr, Addr) {
    let mut app = App::new(|router, api, storage| {
        let ada = api.addr_make("ada");
        router.bank.init_balance(storage, &ada, coins(1_000_000, "aarch")).unwrap();
    });
    let ada = app.api().addr_make("ada");
    let gateway = MockGateway::deploy(&mut app).unwrap();
    let code = app.store_code(Box::new(
        ContractWrapper::new(
            example_flight_insurance::execute,
            example_flight_insurance::instantiate,
            example_flight_insurance::query,
        )
        .with_reply(example_flight_insurance::reply),
    ));
    let init = InstantiateMsg { gateway: gateway.address().to_string(), project: ProjectId(1) };
    let contract = app.instantiate_contract(code, ada.clone(), &init, &[], "example", None).unwrap();
    (app, gateway, contract, ada)
}

fn paid(app: &App, contract: &Addr, holder: &Addr) -> Option<u128> {
    let query = QueryMsg::Policy { holder: holder.to_string() };
    let policy: example_flight_insurance::Insurance = app.wrap().query_wasm_smart(contract, &query).unwrap();
    policy.paid.map(|paid| paid.u128())
}

#[test]
fn a_late_flight_pays_once_and_one_in_the_air_is_asked_for_again() {
    let (mut app, gateway, contract, ada) = world();
    app.send_tokens(ada.clone(), contract.clone(), &coins(100_000, "aarch")).unwrap();
    let insure = ExecuteMsg::Insure { flight: "DLH400".to_owned(), day: "2026-01-01".to_owned() };
    app.execute_contract(ada.clone(), contract.clone(), &insure, &coins(200, "aarch")).unwrap();
    let settle = ExecuteMsg::Settle { holder: ada.to_string() };
    let ask =
        |app: &mut App| app.execute_contract(ada.clone(), contract.clone(), &settle, &coins(1_000, "aarch"));
    ask(&mut app).unwrap();
    let request = gateway.open(&app).unwrap()[0];
    gateway.fail(&mut app, request, OutcomeClass::JsThrow, "DLH400 has not landed").unwrap();
    assert_eq!(paid(&app, &contract, &ada), None);
    ask(&mut app).unwrap();
    let request = gateway.open(&app).unwrap()[0];
    let late = r#"{"flight":"DLH400","day":"2026-01-01","cancelled":false,"delay_minutes":121}"#;
    assert_eq!(gateway.wrong_orders(&mut app, request, late).unwrap(), []);
    assert_eq!(paid(&app, &contract, &ada), Some(1_000));
    assert!(ask(&mut app).is_err(), "it is settled");
}

#[test]
fn an_answer_about_one_flight_settles_no_policy_for_another() {
    let (mut app, gateway, contract, ada) = world();
    app.send_tokens(ada.clone(), contract.clone(), &coins(100_000, "aarch")).unwrap();
    let insure = |app: &mut App, flight: &str, premium: u128| {
        let insure = ExecuteMsg::Insure { flight: flight.to_owned(), day: "2026-01-01".to_owned() };
        app.execute_contract(ada.clone(), contract.clone(), &insure, &coins(premium, "aarch"))
    };
    insure(&mut app, "DLH400", 100).unwrap();
    assert!(insure(&mut app, "DLH401", 10_000).is_err(), "the first is not settled");
    let settle = ExecuteMsg::Settle { holder: ada.to_string() };
    for _ in 0..2 {
        app.execute_contract(ada.clone(), contract.clone(), &settle, &coins(1_000, "aarch")).unwrap();
    }
    let open = gateway.open(&app).unwrap();
    let late = serde_json::json!({"cancelled": false, "delay_minutes": 121});
    gateway.answer(&mut app, open[0], &late).unwrap();
    assert_eq!(paid(&app, &contract, &ada), Some(500));
    insure(&mut app, "DLH401", 10_000).unwrap();
    gateway.answer(&mut app, open[1], &late).unwrap();
    assert_eq!(paid(&app, &contract, &ada), None, "the second answer is about the first flight");
}
