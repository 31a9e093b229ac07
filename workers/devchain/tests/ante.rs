//! What the chain refuses before it executes a message, and with which codes.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use cosmrs::bank::MsgSend;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::tx::Msg;
use cosmrs::{AccountId, Any};
use gateway_devchain::DevchainConfig;
use support::{Options, RICH, World, coin, config};
use tendermint_rpc::Client;

fn send(from: &AccountId, to: &AccountId, amount: u128) -> Any {
    MsgSend { from_address: from.clone(), to_address: to.clone(), amount: vec![coin(amount)] }
        .to_any()
        .unwrap()
}

/// Signs with options and returns code and log of the check. The sequence is restored after a refusal.
async fn refused(world: &mut World, options: &Options) -> (u32, String) {
    let message = send(&world.alice.id, &world.bob.id, 1);
    let tx = world.alice.sign(vec![message], options);
    let checked = world.broadcast(tx).await;
    if checked.code.is_err() {
        world.alice.sequence -= 1;
    }
    (checked.code.value(), checked.log)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_its_code() {
    let mut world = World::with(DevchainConfig { min_gas_price: 2, ..config() }).await;
    let good = Options { gas: 100_000, fee: 200_000, ..Options::default() };
    for (options, code, text) in [
        (Options { fee: 199_999, ..good.clone() }, 13, "is less than min fee: 200000aarch"),
        (Options { chain_id: "other-1".into(), ..good.clone() }, 4, "signature verification failed"),
        (Options { gas: 100, fee: 200, ..good.clone() }, 11, "out of gas in location: txSize"),
        (Options { gas: 400_000_000, fee: RICH, ..good.clone() }, 41, "exceeds block max gas"),
        (Options { fee: RICH + 1, ..good.clone() }, 5, "insufficient funds"),
        (Options { memo: "m".repeat(257), ..good.clone() }, 12, "memo too large"),
    ] {
        let (got, log) = refused(&mut world, &options).await;
        assert_eq!(got, code, "{log}");
        assert!(log.contains(text), "{log}");
    }
    world.chain.produce_block().await.unwrap();
    let (code, log) = refused(&mut world, &Options { timeout_height: 1, ..good.clone() }).await;
    assert_eq!(code, 30, "{log}");

    world.alice.sequence += 5;
    let (code, log) = refused(&mut world, &good).await;
    assert_eq!(
        (code, log.as_str()),
        (32, "account sequence mismatch, expected 0, got 5: incorrect account sequence")
    );
    world.alice.sequence -= 5;
    assert_eq!(refused(&mut world, &good).await, (0, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_of_one_account_share_a_block_and_none_runs_twice() {
    let mut world = World::start().await;
    let mut sent = Vec::new();
    for _ in 0..5 {
        let message = send(&world.alice.id, &world.bob.id, 10);
        let tx = world.alice.sign(vec![message], &Options::default());
        let checked = world.broadcast(tx.clone()).await;
        assert!(checked.code.is_ok(), "{}", checked.log);
        sent.push((checked.hash, tx));
    }
    let again = world.client.broadcast_tx_sync(sent[0].1.clone()).await.unwrap_err().to_string();
    assert!(again.contains("tx already exists in cache"), "{again}");
    let height = world.chain.produce_block().await.unwrap();
    for (index, (hash, _)) in sent.iter().enumerate() {
        let tx = world.client.tx(*hash, false).await.unwrap();
        assert_eq!((tx.height.value(), tx.index as usize), (height, index));
    }
    assert_eq!(world.balance(&world.bob.id).await, RICH + 50);
    let again = world.client.broadcast_tx_sync(sent[0].1.clone()).await.unwrap_err().to_string();
    assert!(again.contains("tx already exists in cache"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_matches_the_run_and_changes_nothing() {
    let mut world = World::start().await;
    let contract = world.deploy().await;
    let message = world.execute(&contract, r#"{"a":{}}"#, vec![]);
    let tx = world.alice.sign(vec![message.clone()], &Options::default());
    #[allow(deprecated)] // the field exists
    let request = SimulateRequest { tx: None, tx_bytes: tx };
    let simulated: SimulateResponse =
        world.query("/cosmos.tx.v1beta1.Service/Simulate", &request).await.unwrap();
    world.alice.sequence -= 1;
    assert_eq!(world.count(&contract).await, "0");
    let ran = world.run(vec![message]).await;
    assert_eq!(world.count(&contract).await, "1");
    let estimate = simulated.gas_info.unwrap().gas_used;
    assert_eq!(estimate, u64::try_from(ran.tx_result.gas_used).unwrap());

    let failing = world.execute(&contract, r#"{"f":{}}"#, vec![]);
    let tx = world.alice.sign(vec![failing], &Options::default());
    #[allow(deprecated)] // the field exists
    let request = SimulateRequest { tx: None, tx_bytes: tx };
    let refused: Result<SimulateResponse, _> =
        world.query("/cosmos.tx.v1beta1.Service/Simulate", &request).await;
    let (code, log) = refused.unwrap_err();
    assert_eq!(code, 6);
    assert!(log.contains("refused: execute wasm contract failed with gas used: '"), "{log}");
}
