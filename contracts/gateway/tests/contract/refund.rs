//! A refund that cannot be sent, seen from inside: the chain's answer to the transfer is played by hand.

use cosmwasm_std::testing::{message_info, mock_dependencies, mock_env};
use cosmwasm_std::{coins, from_json, BankMsg, CosmosMsg, Reply, ReplyOn, SubMsgResult};
use gateway_api::events::RefundCredited;
use gateway_api::*;
use gateway_contract::contract::{execute, instantiate, query, reply};
use gateway_contract::ContractError;
use gateway_protocol::Domain;

use crate::world::{
    engine, policy, register_project, settings, SecretKeyBytes, DENOM, EPOCH_BLOCKS, TTL, UNIT,
};

/// One bad recipient wedges no sweep: what it does not take waits for it, and is owed once.
#[test]
fn attack_31_a_refund_that_is_refused_is_credited() {
    let mut deps = mock_dependencies();
    let mut env = mock_env();
    let [admin, operator, user] = ["admin", "operator", "user"].map(|name| deps.api.addr_make(name));
    let from = |who, funds: u128| message_info(who, &if funds == 0 { vec![] } else { coins(funds, DENOM) });
    let msg = InstantiateMsg { admin: None, settings: settings() };
    instantiate(deps.as_mut(), env.clone(), from(&admin, 0), msg).unwrap();
    let secret = SecretKeyBytes([5; 32]).key();
    let contract = env.contract.address.to_string();
    let possession = secret
        .prove_possession(&Domain { chain_id: &env.block.chain_id, contract: &contract }, operator.as_str())
        .to_vec()
        .into();
    let node = RegisterNode {
        key: secret.public(),
        possession,
        engine: engine(),
        moniker: Moniker::new("node").unwrap(),
        endpoint: Endpoint::new("").unwrap(),
    };
    execute(deps.as_mut(), env.clone(), from(&operator, UNIT), ExecuteMsg::RegisterNode(node)).unwrap();
    for _ in 0..2 {
        env.block.height += EPOCH_BLOCKS;
        execute(deps.as_mut(), env.clone(), from(&user, 0), ExecuteMsg::Tick {}).unwrap();
    }
    let alone = register_project(Policy { min_operators: 1, ..policy() });
    execute(deps.as_mut(), env.clone(), from(&admin, 0), alone).unwrap();
    let ask = ExecuteMsg::Request(NewRequest::new(ProjectId(1), "1"));
    execute(deps.as_mut(), env.clone(), from(&user, 100), ask).unwrap();
    env.block.height += TTL + 1;
    let ended = execute(
        deps.as_mut(),
        env.clone(),
        from(&admin, 0),
        ExecuteMsg::Expire { limit: None, requests: None },
    )
    .unwrap();

    let [transfer] = &ended.messages[..] else { panic!("{:?}", ended.messages) };
    assert_eq!(transfer.reply_on, ReplyOn::Error);
    let sent = BankMsg::Send { to_address: user.to_string(), amount: coins(100, DENOM) };
    assert_eq!(transfer.msg, CosmosMsg::Bank(sent));
    let failed = |id, error: &str| Reply {
        id,
        payload: Default::default(),
        gas_used: 0,
        result: SubMsgResult::Err(error.to_owned()),
    };
    let answer = |id| failed(id, "codespace: sdk, code: 4");
    // A transfer that was refused for the depth of the call stack was never tried: the message reverts.
    let deep = reply(deps.as_mut(), env.clone(), failed(transfer.id, "codespace: wasm, code: 30"));
    assert_eq!(deep.unwrap_err(), ContractError::CallDepth {});
    let credited = reply(deps.as_mut(), env.clone(), answer(transfer.id)).unwrap();
    let event = RefundCredited { request: RequestId(1), address: user.to_string(), amount: 100u128.into() };
    assert_eq!(credited.events, [cosmwasm_std::Event::from(event)]);
    let rewards = QueryMsg::Rewards { address: user.to_string() };
    let owed: RewardsResponse = from_json(query(deps.as_ref(), env.clone(), rewards).unwrap()).unwrap();
    assert_eq!(owed.amount.u128(), 100);
    let ledger: LedgerResponse =
        from_json(query(deps.as_ref(), env.clone(), QueryMsg::Ledger {}).unwrap()).unwrap();
    assert_eq!((ledger.reserved.u128(), ledger.claimable.u128()), (0, 100));
    // Anybody may have it paid to whom it belongs: a contract need not be able to claim.
    let claim = ExecuteMsg::Claim { r#for: Some(user.to_string()) };
    let paid = execute(deps.as_mut(), env.clone(), from(&operator, 0), claim).unwrap();
    let sent = BankMsg::Send { to_address: user.to_string(), amount: coins(100, DENOM) };
    assert_eq!(paid.messages[0].msg, CosmosMsg::Bank(sent));

    // An answer to nothing that was sent is refused.
    let stray = 9 << 56;
    assert_eq!(
        reply(deps.as_mut(), env, answer(stray)).unwrap_err(),
        ContractError::UnknownReply { id: stray }
    );
}
