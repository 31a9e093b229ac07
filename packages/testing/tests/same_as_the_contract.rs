//! One suite, run on the mock and on the real contract: what a consumer sees of either is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod real;

use consumer_example::contract as example;
use consumer_example::msg::{
    AnswerResponse, ExecuteMsg as ExampleMsg, InstantiateMsg as ExampleInit, LatestResponse, PendingResponse,
    QueryMsg as ExampleQuery,
};
use cosmwasm_std::{Addr, Uint128, coins};
use cw_multi_test::{App, BankSudo, ContractWrapper, Executor, SudoMsg};
use gateway_api::{Body, CallbackStatus, OutcomeClass, ProjectId, RequestId, Resolution};
use gateway_testing::MockGateway;
use real::RealGateway;

/// What the suite needs of a gateway.
trait Gateway {
    fn address(&self) -> Addr;
    fn project(&self) -> ProjectId;
    fn answer(&mut self, app: &mut App, request: RequestId, class: OutcomeClass, text: &str);
    fn expire(&mut self, app: &mut App, request: RequestId);
    fn callback(&self, app: &App, request: RequestId) -> CallbackStatus;
}

impl Gateway for MockGateway {
    fn address(&self) -> Addr {
        MockGateway::address(self).clone()
    }
    fn project(&self) -> ProjectId {
        ProjectId(1)
    }
    fn answer(&mut self, app: &mut App, request: RequestId, class: OutcomeClass, text: &str) {
        if class == OutcomeClass::Ok {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            MockGateway::answer(self, app, request, &value).unwrap();
        } else {
            self.fail(app, request, class, "no").unwrap();
        }
    }
    fn expire(&mut self, app: &mut App, request: RequestId) {
        MockGateway::expire(self, app, request).unwrap();
    }
    fn callback(&self, app: &App, request: RequestId) -> CallbackStatus {
        MockGateway::callback(self, app, request).unwrap()
    }
}

pub(crate) fn rich(app: &mut App, who: &Addr) {
    let amount = coins(1_000_000_000, "aarch");
    app.sudo(SudoMsg::Bank(BankSudo::Mint { to_address: who.to_string(), amount })).unwrap();
}

struct Consumer(Addr);

impl Consumer {
    fn new(app: &mut App, gateway: &Addr, project: ProjectId) -> Self {
        let code = app.store_code(Box::new(
            ContractWrapper::new(example::execute, example::instantiate, example::query)
                .with_reply(example::reply),
        ));
        let who = app.api().addr_make("ada");
        let init = ExampleInit { gateway: gateway.to_string() };
        let address = app.instantiate_contract(code, who.clone(), &init, &[], "consumer", None).unwrap();
        rich(app, &address);
        let (code, max_fee) = (Some(MockGateway::code()), Uint128::new(1_000_000));
        let allow = ExampleMsg::Allow { project, code, max_fee };
        app.execute_contract(who, address.clone(), &allow, &[]).unwrap();
        Self(address)
    }

    fn ask(&self, app: &mut App, project: ProjectId) -> RequestId {
        let who = app.api().addr_make("ada");
        let message = ExampleMsg::Ask { project, input: "[1,2]".to_owned() };
        app.execute_contract(who, self.0.clone(), &message, &[]).unwrap();
        let latest: LatestResponse = app.wrap().query_wasm_smart(&self.0, &ExampleQuery::Latest {}).unwrap();
        latest.request.unwrap()
    }

    fn answer(&self, app: &App, request: RequestId) -> Option<Resolution> {
        let answer: AnswerResponse =
            app.wrap().query_wasm_smart(&self.0, &ExampleQuery::Answer { request }).unwrap();
        answer.resolution
    }

    fn pending(&self, app: &App) -> Vec<RequestId> {
        let pending: PendingResponse =
            app.wrap().query_wasm_smart(&self.0, &ExampleQuery::Pending {}).unwrap();
        pending.requests
    }

    fn balance(&self, app: &App) -> u128 {
        app.wrap().query_balance(&self.0, "aarch").unwrap().amount.u128()
    }
}

fn a_value_arrives_once_and_what_was_not_used_comes_back(app: &mut App, gateway: &mut impl Gateway) {
    let consumer = Consumer::new(app, &gateway.address(), gateway.project());
    let before = consumer.balance(app);
    let request = consumer.ask(app, gateway.project());
    assert_eq!(consumer.pending(app), [request]);
    let reserved = before - consumer.balance(app);
    assert!(reserved > 0);
    gateway.answer(app, request, OutcomeClass::Ok, "3");
    let body = Body::Inline { text: "3".to_owned() };
    assert_eq!(consumer.answer(app, request), Some(Resolution::Fulfilled { class: OutcomeClass::Ok, body }));
    assert!(consumer.pending(app).is_empty());
    assert_eq!(gateway.callback(app, request), CallbackStatus::Delivered {});
    let paid = before - consumer.balance(app);
    assert!(paid <= reserved, "{paid} of {reserved}");
}

fn an_agreed_error_arrives_as_one(app: &mut App, gateway: &mut impl Gateway) {
    let consumer = Consumer::new(app, &gateway.address(), gateway.project());
    let request = consumer.ask(app, gateway.project());
    gateway.answer(app, request, OutcomeClass::JsThrow, "{\"message\":\"no\"}");
    let body = Body::Inline { text: "{\"message\":\"no\"}".to_owned() };
    let resolution = Resolution::Fulfilled { class: OutcomeClass::JsThrow, body };
    assert_eq!(consumer.answer(app, request), Some(resolution));
}

fn an_expiry_calls_back_and_returns_everything(app: &mut App, gateway: &mut impl Gateway) {
    let consumer = Consumer::new(app, &gateway.address(), gateway.project());
    let before = consumer.balance(app);
    let request = consumer.ask(app, gateway.project());
    gateway.expire(app, request);
    assert_eq!(consumer.answer(app, request), Some(Resolution::Expired {}));
    assert_eq!(consumer.balance(app), before);
}

fn requests_end_each_for_itself(app: &mut App, gateway: &mut impl Gateway) {
    let consumer = Consumer::new(app, &gateway.address(), gateway.project());
    let first = consumer.ask(app, gateway.project());
    let second = consumer.ask(app, gateway.project());
    assert_ne!(first, second);
    gateway.answer(app, second, OutcomeClass::Ok, "2");
    assert_eq!(consumer.pending(app), [first]);
    gateway.answer(app, first, OutcomeClass::Ok, "1");
    assert!(consumer.pending(app).is_empty());
}

fn suite<G: Gateway>(make: impl Fn(&mut App) -> G) {
    let run = |case: &dyn Fn(&mut App, &mut G)| {
        let mut app = App::default();
        let mut gateway = make(&mut app);
        case(&mut app, &mut gateway);
    };
    run(&|app, gateway| a_value_arrives_once_and_what_was_not_used_comes_back(app, gateway));
    run(&|app, gateway| an_agreed_error_arrives_as_one(app, gateway));
    run(&|app, gateway| an_expiry_calls_back_and_returns_everything(app, gateway));
    run(&|app, gateway| requests_end_each_for_itself(app, gateway));
}

#[test]
fn the_suite_holds_for_the_mock() {
    suite(|app| MockGateway::deploy(app).unwrap());
}

#[test]
fn the_suite_holds_for_the_real_contract() {
    suite(RealGateway::deploy);
}

#[test]
fn the_example_takes_nothing_out_of_order() {
    let mut app = App::default();
    let gateway = MockGateway::deploy(&mut app).unwrap();
    let consumer = Consumer::new(&mut app, gateway.address(), ProjectId(1));
    let request = consumer.ask(&mut app, ProjectId(1));
    assert_eq!(gateway.input(&app, request).unwrap(), "[1,2]");
    assert_eq!(gateway.wrong_orders(&mut app, request, "3").unwrap(), []);
}

#[test]
fn a_callback_out_of_gas_leaves_the_result_and_is_retried() {
    let mut app = App::default();
    let gateway = MockGateway::deploy(&mut app).unwrap();
    let consumer = Consumer::new(&mut app, gateway.address(), ProjectId(1));
    let request = consumer.ask(&mut app, ProjectId(1));
    gateway.answer_out_of_gas(&mut app, request, &3).unwrap();
    assert_eq!(consumer.answer(&app, request), None);
    assert!(matches!(gateway.callback(&app, request), Ok(CallbackStatus::Failed { tries: 1, .. })));
    gateway.retry(&mut app, request).unwrap();
    assert!(consumer.answer(&app, request).is_some());
    assert!(gateway.retry(&mut app, request).is_err(), "it has arrived");
}

#[test]
fn a_body_kept_off_the_chain_comes_as_its_hash() {
    let mut app = App::default();
    let gateway = MockGateway::deploy(&mut app).unwrap();
    let consumer = Consumer::new(&mut app, gateway.address(), ProjectId(1));
    let request = consumer.ask(&mut app, ProjectId(1));
    let text = gateway.answer_hashed(&mut app, request, &[1, 2, 3]).unwrap();
    assert_eq!(text, "[1,2,3]");
    let Some(Resolution::Fulfilled { body: Body::Hashed { size, .. }, .. }) = consumer.answer(&app, request)
    else {
        panic!("no hash")
    };
    assert_eq!(size, 7);
}
