//! The contract on a mock gateway.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cosmwasm_std::{Addr, coins};
use cw_multi_test::{App, ContractWrapper, Executor};
use example_price_feed::{ExecuteMsg, InstantiateMsg, QueryMsg};
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
            example_price_feed::execute,
            example_price_feed::instantiate,
            example_price_feed::query,
        )
        .with_reply(example_price_feed::reply),
    ));
    let init = InstantiateMsg { gateway: gateway.address().to_string(), project: ProjectId(1) };
    let contract = app.instantiate_contract(code, ada.clone(), &init, &[], "example", None).unwrap();
    (app, gateway, contract, ada)
}

fn price(app: &App, contract: &Addr) -> Option<String> {
    let query = QueryMsg::Price { coin: "ATOM".to_owned() };
    let price: Result<example_price_feed::Price, _> = app.wrap().query_wasm_smart(contract, &query);
    price.ok().map(|price| price.value.to_string())
}

#[test]
fn a_price_is_refreshed_for_its_fee_and_errors_leave_it_as_it_is() {
    let (mut app, gateway, contract, ada) = world();
    let refresh = ExecuteMsg::Refresh { coin: "ATOM".to_owned() };
    assert!(app.execute_contract(ada.clone(), contract.clone(), &refresh, &[]).is_err(), "without the fee");
    let ask = |app: &mut App| {
        app.execute_contract(ada.clone(), contract.clone(), &refresh, &coins(1_000, "aarch")).unwrap();
        gateway.open(app).unwrap()[0]
    };
    let request = ask(&mut app);
    assert_eq!(gateway.input(&app, request).unwrap(), "{\"coin\":\"ATOM\"}");
    assert_eq!(price(&app, &contract), None);
    let order = gateway.wrong_orders(&mut app, request, "4.715").unwrap();
    assert!(order.is_empty(), "{order:?}");
    assert_eq!(price(&app, &contract).as_deref(), Some("4.715"));
    let request = ask(&mut app);
    gateway.fail(&mut app, request, OutcomeClass::HttpStatus, "429").unwrap();
    let request = ask(&mut app);
    gateway.expire(&mut app, request).unwrap();
    assert_eq!(price(&app, &contract).as_deref(), Some("4.715"));
}
