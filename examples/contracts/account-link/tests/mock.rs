//! The contract on a mock gateway.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cosmwasm_std::{Addr, coins};
use cw_multi_test::{App, ContractWrapper, Executor};
use example_account_link::{ExecuteMsg, InstantiateMsg, QueryMsg};
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
            example_account_link::execute,
            example_account_link::instantiate,
            example_account_link::query,
        )
        .with_reply(example_account_link::reply),
    ));
    let init = InstantiateMsg { gateway: gateway.address().to_string(), project: ProjectId(1) };
    let contract = app.instantiate_contract(code, ada.clone(), &init, &[], "example", None).unwrap();
    (app, gateway, contract, ada)
}

fn linked(app: &App, contract: &Addr, address: &Addr) -> Option<u64> {
    let query = QueryMsg::Linked { address: address.to_string() };
    let link: Result<example_account_link::Link, _> = app.wrap().query_wasm_smart(contract, &query);
    link.ok().map(|link| link.id)
}

#[test]
fn an_address_is_linked_where_the_profile_names_it_and_not_otherwise() {
    let (mut app, gateway, contract, ada) = world();
    let link = ExecuteMsg::Link { user: "ada".to_owned() };
    let ask = |app: &mut App| {
        app.execute_contract(ada.clone(), contract.clone(), &link, &coins(1_000, "aarch")).unwrap();
        gateway.open(app).unwrap()[0]
    };
    let profile = |address: &str, verified: bool| serde_json::json!({"user": "ada", "id": 42, "address": address, "verified": verified});
    for wrong in [profile(ada.as_str(), false), profile("archway1other", true)] {
        let request = ask(&mut app);
        gateway.answer(&mut app, request, &wrong).unwrap();
        assert_eq!(linked(&app, &contract, &ada), None);
    }
    let request = ask(&mut app);
    gateway.fail(&mut app, request, OutcomeClass::HttpStatus, "404").unwrap();
    let request = ask(&mut app);
    let right = profile(ada.as_str(), true).to_string();
    assert_eq!(gateway.wrong_orders(&mut app, request, &right).unwrap(), []);
    assert_eq!(linked(&app, &contract, &ada), Some(42));
}
