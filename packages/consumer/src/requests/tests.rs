//! A contract's requests from asking to the answer, with the gateway's replies and callbacks made by hand.

use cosmwasm_std::testing::{MockApi, MockQuerier, MockStorage, message_info, mock_dependencies};
use cosmwasm_std::{
    Binary, Coin, ContractResult, CosmosMsg, OwnedDeps, SubMsgResponse, SubMsgResult, SystemResult, Uint128,
    WasmMsg, coins, to_json_binary,
};
use gateway_api::{Body, DrawClass, OutcomeClass, Resolution};

use super::*;

const REQUESTS: Requests<String> = Requests::new("requests");
const PROJECT: ProjectId = ProjectId(4);

/// A contract whose gateway takes five coins for a request.
fn contract() -> (OwnedDeps<MockStorage, MockApi, MockQuerier>, Addr) {
    let mut deps = mock_dependencies();
    deps.querier.update_wasm(|_| {
        let (amount, zero) = (Uint128::new(5), Uint128::zero());
        let denom = "aarch".to_owned();
        let fee = FeeResponse {
            denom,
            total: amount,
            committee: amount,
            relay: zero,
            keepers: zero,
            project: zero,
        };
        SystemResult::Ok(ContractResult::Ok(to_json_binary(&fee).unwrap()))
    });
    let gateway = Addr::unchecked("gateway");
    REQUESTS.set_gateway(&mut deps.storage, &gateway).unwrap();
    (deps, gateway)
}

/// The gateway's reply that names a request of one digit.
fn reply(id: u64, request: u8) -> Reply {
    #[allow(deprecated)]
    let response = SubMsgResponse {
        events: Vec::new(),
        data: Some(Binary::from([0x0a, 1, b'0' + request])),
        msg_responses: Vec::new(),
    };
    Reply { id, payload: Binary::default(), gas_used: 0, result: SubMsgResult::Ok(response) }
}

fn result(request: u64, code: u8) -> GatewayResult {
    let body = Body::Inline { text: "1".to_owned() };
    GatewayResult {
        request: RequestId(request),
        project: PROJECT,
        version: Version(1),
        code: CodeHash([code; 32]),
        draw: DrawClass::Normal,
        schedule: None,
        resolution: Resolution::Fulfilled { class: OutcomeClass::Ok, body },
    }
}

fn funds(message: &SubMsg) -> Vec<Coin> {
    match &message.msg {
        CosmosMsg::Wasm(WasmMsg::Execute { funds, .. }) => funds.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_requests_of_one_message_are_kept_apart_and_each_is_answered_once() {
    let (mut deps, gateway) = contract();
    for (id, about) in [(1, "ada"), (2, "bob")] {
        let asked = REQUESTS.ask(deps.as_mut(), Ask::new(PROJECT, "1"), id, about.to_owned()).unwrap();
        assert_eq!((asked.id, funds(&asked)), (id, coins(5, "aarch")));
    }
    assert_eq!(REQUESTS.waiting(&deps.storage, 10), Ok(Vec::new()), "neither has an id");
    assert_eq!(REQUESTS.opened(&mut deps.storage, reply(1, 7)), Ok(RequestId(7)));
    assert_eq!(REQUESTS.opened(&mut deps.storage, reply(2, 8)), Ok(RequestId(8)));
    let again = REQUESTS.opened(&mut deps.storage, reply(1, 9));
    assert_eq!(again, Err(ConsumerError::NoRequestId {}), "a reply to nothing that was sent");
    assert_eq!(REQUESTS.waiting(&deps.storage, 10), Ok(vec![RequestId(7), RequestId(8)]));
    assert_eq!(REQUESTS.waiting(&deps.storage, 1), Ok(vec![RequestId(7)]));

    let other = REQUESTS.take(&mut deps.storage, &Addr::unchecked("other"), result(8, 0));
    assert_eq!(other.err(), Some(ConsumerError::NotTheGateway {}));
    let (answer, about) = REQUESTS.take(&mut deps.storage, &gateway, result(8, 0)).unwrap();
    assert_eq!((answer.value::<u8>(), about.as_str()), (Ok(1), "bob"));
    let twice = REQUESTS.take(&mut deps.storage, &gateway, result(8, 0));
    assert_eq!(twice.err(), Some(ConsumerError::NotWaitedFor { request: RequestId(8) }));
    assert_eq!(REQUESTS.waiting(&deps.storage, 10), Ok(vec![RequestId(7)]));
}

#[test]
fn an_answer_of_other_code_than_was_asked_for_is_refused() {
    let (mut deps, gateway) = contract();
    let ask = Ask { code: Some(CodeHash([3; 32])), ..Ask::new(PROJECT, "1") };
    REQUESTS.ask(deps.as_mut(), ask, 1, String::new()).unwrap();
    REQUESTS.opened(&mut deps.storage, reply(1, 7)).unwrap();
    let refused = REQUESTS.take(&mut deps.storage, &gateway, result(7, 4));
    assert_eq!(refused.err(), Some(ConsumerError::Unexpected { request: RequestId(7) }));
    assert!(REQUESTS.take(&mut deps.storage, &gateway, result(7, 3)).is_ok());
}

#[test]
fn whoever_asks_pays_with_all_that_it_sent_and_what_is_not_used_returns_to_it() {
    let (mut deps, _) = contract();
    let ada = deps.api.addr_make("ada");
    let info = message_info(&ada, &coins(4, "aarch"));
    let poor = REQUESTS.ask_for(deps.as_mut(), &info, Ask::new(PROJECT, "1"), 1, String::new());
    let needed = Uint128::new(5);
    assert_eq!(poor.err(), Some(ConsumerError::Fee { needed, denom: "aarch".to_owned() }));
    let info = message_info(&ada, &coins(9, "aarch"));
    let asked = REQUESTS.ask_for(deps.as_mut(), &info, Ask::new(PROJECT, "1"), 1, String::new()).unwrap();
    assert_eq!(funds(&asked), coins(9, "aarch"));
    let CosmosMsg::Wasm(WasmMsg::Execute { msg, .. }) = asked.msg else { panic!("another message") };
    assert!(String::from_utf8(msg.to_vec()).unwrap().contains(&format!("\"refund_to\":\"{ada}\"")));
}
