//! Contracts through the RPC, with the clients that daemons use.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cosmrs::proto::cosmos::base::abci::v1beta1::TxMsgData;
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContractResponse;
use cosmrs::proto::prost::Message;
use support::{Options, World, coin, lines};

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_uploaded_made_executed_and_queried() {
    let mut world = World::start().await;
    let contract = world.deploy().await;
    // The first instance of the first code has the same bytes on every chain.
    assert!(
        contract.starts_with("archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9s"),
        "{contract}"
    );
    assert_eq!(world.smart(&contract, r#"{"count":{}}"#).await.unwrap(), "\"0\"");
    let tx = world.run(vec![world.execute(&contract, r#"{"a":{}}"#, vec![coin(7)])]).await;
    assert!(tx.tx_result.code.is_ok(), "{}", tx.tx_result.log);
    assert_eq!(world.smart(&contract, r#"{"count":{}}"#).await.unwrap(), "\"1\"");
    assert_eq!(world.balance(&contract).await, 7);

    let data = TxMsgData::decode(STANDARD.decode(&tx.tx_result.data).unwrap().as_slice()).unwrap();
    let [response] = data.msg_responses.as_slice() else { panic!("{data:?}") };
    assert_eq!(response.type_url, "/cosmwasm.wasm.v1.MsgExecuteContractResponse");
    assert_eq!(MsgExecuteContractResponse::decode(response.value.as_slice()).unwrap().data, b"abc");
    assert!(tx.tx_result.gas_used > 60_000 && tx.tx_result.gas_used < 200_000, "{}", tx.tx_result.gas_used);

    let alice = &world.alice.id;
    let message_events = lines(&tx.tx_result.events).split_off(3);
    assert_eq!(
        message_events,
        [
            format!(
                "message{{action=/cosmwasm.wasm.v1.MsgExecuteContract,sender={alice},module=wasm,msg_index=0}}"
            ),
            format!("coin_spent{{spender={alice},amount=7aarch,msg_index=0}}"),
            format!("coin_received{{receiver={contract},amount=7aarch,msg_index=0}}"),
            format!("transfer{{recipient={contract},sender={alice},amount=7aarch,msg_index=0}}"),
            format!("message{{sender={alice},msg_index=0}}"),
            format!("execute{{_contract_address={contract},msg_index=0}}"),
            format!("wasm{{_contract_address={contract},action=add,msg_index=0}}"),
            format!("wasm-added{{_contract_address={contract},by=1,msg_index=0}}"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_message_undoes_the_others_and_the_fee_stays_paid() {
    let mut world = World::start().await;
    let contract = world.deploy().await;
    let before = world.balance(&world.alice.id).await;
    let options = Options { fee: 1_000, ..Options::default() };
    let messages = vec![
        world.execute(&contract, r#"{"a":{}}"#, vec![coin(5)]),
        world.execute(&contract, r#"{"f":{}}"#, vec![]),
    ];
    let tx = world.run_with(messages, &options).await;
    assert_eq!((tx.tx_result.code.value(), tx.tx_result.codespace.as_str()), (5, "wasm"));
    assert_eq!(
        tx.tx_result.log,
        "failed to execute message; message index: 1: refused: execute wasm contract failed"
    );
    assert!(tx.tx_result.events.iter().all(|e| !e.kind.starts_with("wasm")), "only ante events");
    assert_eq!(world.count(&contract).await, "0");
    assert_eq!(world.balance(&world.alice.id).await, before - 1_000);
    assert_eq!(world.account(&world.alice.id).await.unwrap().sequence, world.alice.sequence);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_never_ends_runs_out_of_gas() {
    let mut world = World::start().await;
    let contract = world.deploy().await;
    let options = Options { gas: 300_000, ..Options::default() };
    let tx = world.run_with(vec![world.execute(&contract, r#"{"l":{}}"#, vec![])], &options).await;
    assert_eq!((tx.tx_result.code.value(), tx.tx_result.codespace.as_str()), (11, "sdk"));
    assert!(tx.tx_result.log.contains("gasWanted: 300000"), "{}", tx.tx_result.log);
    let (code, log) = world.smart(&contract, r#"{"l":{}}"#).await.unwrap_err();
    assert!(code == 6 && log.contains("gasWanted: 3000000"), "{code}: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_does_not_exist_is_said_so() {
    let mut world = World::start().await;
    let nobody = world.bob.id.to_string();
    let tx = world.run(vec![world.execute(&nobody, "{}", vec![])]).await;
    assert_eq!((tx.tx_result.code.value(), tx.tx_result.codespace.as_str()), (22, "wasm"));
    let (code, log) = world.smart(&nobody, "{}").await.unwrap_err();
    assert_eq!(code, 6);
    assert!(log.contains("no such contract"), "{log}");
}
