//! Callbacks as in Archway's x/callback: reserved, paid exactly, executed once at the end of their block.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use cosmrs::Any;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::prost::Message;
use support::{Account, Options, World, config, lines};
use tendermint_rpc::Client;
use tendermint_rpc::endpoint::tx;

/// Price of each block of waiting.
const PER_BLOCK: u128 = 1_000_000_000_000;
/// The gas of a callback at the price of these chains.
const GAS_FEE: u128 = 150_000 * 2;

#[derive(Clone, PartialEq, prost::Message)]
struct MsgRequestCallback {
    #[prost(string, tag = "1")]
    sender: String,
    #[prost(string, tag = "2")]
    contract_address: String,
    #[prost(uint64, tag = "3")]
    job_id: u64,
    #[prost(int64, tag = "4")]
    callback_height: i64,
    #[prost(message, optional, tag = "5")]
    fees: Option<Coin>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct EstimateRequest {
    #[prost(int64, tag = "1")]
    block_height: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct EstimateResponse {
    #[prost(message, optional, tag = "1")]
    total_fees: Option<Coin>,
}

async fn world() -> (World, String) {
    let mut config = config();
    config.min_gas_price = 2;
    config.genesis_accounts = [1, 2].map(|seed| (Account::new(seed).id.to_string(), 10u128.pow(18))).to_vec();
    let mut world = World::with_fees(config).await;
    let contract = world.deploy().await;
    (world, contract)
}

/// Reserves a callback as the contract's admin; it is included in the next block.
async fn reserve(world: &mut World, contract: &str, job_id: u64, height: u64, fee: u128) -> tx::Response {
    let msg = MsgRequestCallback {
        sender: world.alice.id.to_string(),
        contract_address: contract.to_owned(),
        job_id,
        callback_height: height as i64,
        fees: Some(Coin { denom: "aarch".to_owned(), amount: fee.to_string() }),
    };
    let any =
        Any { type_url: "/archway.callback.v1.MsgRequestCallback".to_owned(), value: msg.encode_to_vec() };
    world.run_with(vec![any], &Options { fee: 10_000_000, ..Options::default() }).await
}

/// Returns what the chain did at the end of the next block.
async fn next_block(world: &World) -> Vec<String> {
    let height = u32::try_from(world.chain.produce_block().await.unwrap()).unwrap();
    let events = lines(&world.client.block_results(height).await.unwrap().finalize_block_events);
    let (begun, ended): (Vec<_>, Vec<_>) = events.into_iter().partition(|e| e.contains("mode=BeginBlock"));
    assert!(begun.iter().any(|event| event.starts_with("mint{")), "{begun:?}");
    ended
}

#[tokio::test]
async fn a_callback_is_made_once_and_what_its_gas_did_not_use_comes_back() {
    let (mut world, contract) = world().await;
    let target = world.chain.height() + 3;
    let exact = GAS_FEE + 2 * PER_BLOCK;
    let before = world.balance(&world.alice.id).await;
    let reserved = reserve(&mut world, &contract, 1, target, exact + 7).await;
    assert!(reserved.tx_result.code.is_ok(), "{}", reserved.tx_result.log);
    assert_eq!(world.balance(&world.alice.id).await, before - 10_000_000 - exact - 7);

    assert_eq!(next_block(&world).await, [""; 0]);
    let events = next_block(&world).await;
    assert_eq!(world.chain.height(), target);
    assert!(events[0].starts_with("sudo{_contract_address="), "{events:?}");
    assert!(events.iter().all(|event| event.contains("mode=EndBlock")), "{events:?}");
    let done =
        events.iter().find(|e| e.starts_with("archway.callback.v1.CallbackExecutedSuccessEvent{")).unwrap();
    assert!(
        done.contains(r#"job_id="1""#) && done.contains(r#"sudo_msg="{\"callback\":{\"job_id\":1}}""#),
        "{done}"
    );
    assert_eq!(world.count(&contract).await, "1");

    let used = done.split(r#"gas_used=""#).nth(1).unwrap().split('"').next().unwrap();
    let used: u128 = used.parse().unwrap();
    assert!((60_000..150_000).contains(&used), "{used}");
    let kept = 2 * PER_BLOCK + 7 + used * 2;
    assert_eq!(world.balance(&world.alice.id).await, before - 10_000_000 - kept);

    assert_eq!(next_block(&world).await, [""; 0], "it is made once");
    assert_eq!(world.count(&contract).await, "1");
}

#[tokio::test]
async fn a_callback_that_fails_loses_its_own_writes_and_stops_nobody() {
    let (mut world, contract) = world().await;
    let target = world.chain.height() + 5;
    // Executed in the order of their jobs.
    for (job, ahead) in [(3, 4), (2, 3), (4, 2)] {
        let reserved = reserve(&mut world, &contract, job, target, GAS_FEE + ahead * PER_BLOCK).await;
        assert!(reserved.tx_result.code.is_ok(), "{}", reserved.tx_result.log);
    }
    next_block(&world).await;
    let events = next_block(&world).await;
    let events: Vec<_> =
        events.iter().filter_map(|e| e.strip_prefix("archway.callback.v1.CallbackExecuted")).collect();
    assert!(events[0].starts_with("FailedEvent{") && events[0].contains("out of gas"), "{events:?}");
    assert!(events[1].starts_with("FailedEvent{") && events[1].contains("refused"), "{events:?}");
    assert!(events[2].starts_with("SuccessEvent{"), "{events:?}");
    assert_eq!(world.count(&contract).await, "1");
}

#[tokio::test]
async fn a_reservation_below_the_price_in_the_past_or_at_a_full_height_is_refused() {
    let (mut world, contract) = world().await;
    let target = world.chain.height() + 40;
    let estimate = EstimateRequest { block_height: target as i64 };
    let path = "/archway.callback.v1.Query/EstimateCallbackFees";
    let answer: EstimateResponse = world.query(path, &estimate).await.unwrap();
    assert_eq!(answer.total_fees.unwrap().amount, (GAS_FEE + 40 * PER_BLOCK).to_string());

    let price = |world: &World| GAS_FEE + u128::from(target - world.chain.height() - 1) * PER_BLOCK;
    let low = price(&world) - 1;
    let refused = reserve(&mut world, &contract, 1, target, low).await.tx_result;
    assert_eq!((refused.codespace.as_str(), refused.code.value()), ("callback", 7), "{}", refused.log);
    let now = world.chain.height() + 1;
    let refused = reserve(&mut world, &contract, 1, now, 10 * PER_BLOCK).await.tx_result;
    assert!(refused.log.contains("is not in the future"), "{}", refused.log);
    for job in 0..10 {
        let fee = price(&world);
        let reserved = reserve(&mut world, &contract, job, target, fee).await;
        assert!(reserved.tx_result.code.is_ok(), "{job}: {}", reserved.tx_result.log);
    }
    let fee = price(&world);
    let refused = reserve(&mut world, &contract, 10, target, fee).await.tx_result;
    assert!(refused.log.contains("has reached max reservation limit"), "{}", refused.log);
}
