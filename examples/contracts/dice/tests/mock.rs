//! The contract on a mock gateway.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cosmwasm_std::{Addr, coins};
use cw_multi_test::{App, ContractWrapper, Executor};
use example_dice::{ExecuteMsg, InstantiateMsg, QueryMsg};
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
        ContractWrapper::new(example_dice::execute, example_dice::instantiate, example_dice::query)
            .with_reply(example_dice::reply),
    ));
    let init = InstantiateMsg { gateway: gateway.address().to_string(), project: ProjectId(1) };
    let contract = app.instantiate_contract(code, ada.clone(), &init, &[], "example", None).unwrap();
    (app, gateway, contract, ada)
}

fn balance(app: &App, who: &Addr) -> u128 {
    app.wrap().query_balance(who, "aarch").unwrap().amount.u128()
}

#[test]
fn a_high_throw_doubles_a_low_one_loses_and_no_throw_returns_the_bet() {
    let (mut app, gateway, contract, ada) = world();
    // The house.
    app.send_tokens(ada.clone(), contract.clone(), &coins(100_000, "aarch")).unwrap();
    let bet = |app: &mut App| {
        app.execute_contract(ada.clone(), contract.clone(), &ExecuteMsg::Bet {}, &coins(1_500, "aarch"))
            .unwrap();
        gateway.open(app).unwrap()[0]
    };
    for (shown, won) in [(Some(6), 1_000), (Some(3), 0)] {
        let request = bet(&mut app);
        let before = balance(&app, &ada);
        gateway.answer(&mut app, request, &[shown.unwrap_or(0)]).unwrap();
        assert_eq!(balance(&app, &ada) - before, won + 250, "{shown:?}, and what the fee had too much");
    }
    let request = bet(&mut app);
    let before = balance(&app, &ada);
    gateway.expire(&mut app, request).unwrap();
    assert_eq!(balance(&app, &ada) - before, 1_500, "the bet and the fee");
    let request = bet(&mut app);
    gateway.fail(&mut app, request, OutcomeClass::JsThrow, "no").unwrap();
    let last: example_dice::Throw = app.wrap().query_wasm_smart(&contract, &QueryMsg::Last {}).unwrap();
    assert_eq!((last.shown, last.paid.u128()), (None, 500));
    let request = bet(&mut app);
    assert_eq!(gateway.wrong_orders(&mut app, request, "[1]").unwrap(), []);
}
