//! The node as a daemon sees it: blocks, search, websocket, faults, restart.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use cosmrs::cosmwasm::MsgMigrateContract;
use cosmrs::tx::Msg;
use futures::StreamExt;
use gateway_devchain::{Devchain, DevchainConfig};
use support::{World, attribute, config};
use tendermint_rpc::client::CompatMode;
use tendermint_rpc::event::EventData;
use tendermint_rpc::query::{EventType, Query};
use tendermint_rpc::{Client, Order, SubscriptionClient, WebSocketClient};

const SOON: Duration = Duration::from_secs(20);

async fn websocket(chain: &Devchain) -> (WebSocketClient, tokio::task::JoinHandle<()>) {
    let url = chain.websocket_url().parse().unwrap();
    let (client, driver) =
        WebSocketClient::builder(url).compat_mode(CompatMode::V0_38).build().await.unwrap();
    let driver = tokio::spawn(async move { drop(driver.run().await) });
    (client, driver)
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_link_up_and_transactions_are_found_again() {
    let mut world = World::start().await;
    let contract = world.deploy().await;
    let tx = world.run(vec![world.execute(&contract, r#"{"a":{}}"#, vec![])]).await;
    let client = &world.client;
    client.health().await.unwrap();
    let status = client.status().await.unwrap();
    assert_eq!(status.sync_info.latest_block_height.value(), world.chain.height());
    assert_eq!(status.node_info.network.as_str(), "devchain-1");
    let info = client.abci_info().await.unwrap();
    assert_eq!(info.last_block_height, status.sync_info.latest_block_height);

    let block = client.block(tx.height).await.unwrap();
    assert_eq!(block.block.data, vec![tx.tx.clone()]);
    assert_eq!(block.block_id.hash, block.block.header.hash());
    let before = client.block(tx.height.value() as u32 - 1).await.unwrap();
    assert_eq!(block.block.header.last_block_id, Some(before.block_id));
    assert!(block.block.header.time > before.block.header.time);
    let results = client.block_results(tx.height).await.unwrap();
    assert_eq!(results.txs_results.unwrap(), vec![tx.tx_result.clone()]);

    for query in [
        Query::eq("tx.height", tx.height.value()),
        Query::eq("tx.hash", tx.hash.to_string()),
        Query::eq("wasm._contract_address", contract.clone()),
        Query::gt("tx.height", tx.height.value() - 1).and_eq("wasm.action", "add"),
    ] {
        let found = client.tx_search(query.clone(), false, 1, 10, Order::Ascending).await.unwrap();
        assert_eq!((found.total_count, found.txs[0].hash), (1, tx.hash), "{query}");
    }
    let none = Query::eq("wasm.action", "nothing");
    assert_eq!(client.tx_search(none, false, 1, 10, Order::Ascending).await.unwrap().total_count, 0);
    assert!(client.block(tx.height.value() as u32 + 1).await.is_err());

    let by_url = reqwest::get(format!("{}/block?height={}", world.chain.rpc_url(), tx.height));
    let by_url: serde_json::Value = by_url.await.unwrap().json().await.unwrap();
    assert_eq!(by_url["result"]["block"]["header"]["height"], tx.height.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_receive_blocks_and_transactions_until_cut_off() {
    let mut world = World::start().await;
    let contract = world.deploy().await;
    let (client, driver) = websocket(&world.chain).await;
    let mut blocks = client.subscribe(EventType::NewBlock.into()).await.unwrap();
    let query = Query::from(EventType::Tx).and_eq("wasm._contract_address", contract.clone());
    let mut txs = client.subscribe(query).await.unwrap();

    world.chain.faults().swallow_blocks(1);
    world.chain.produce_block().await.unwrap();
    let tx = world.run(vec![world.execute(&contract, r#"{"a":{}}"#, vec![])]).await;
    let event = tokio::time::timeout(SOON, blocks.next()).await.unwrap().unwrap().unwrap();
    let EventData::NewBlock { block, result_finalize_block, .. } = event.data else { panic!("{event:?}") };
    assert_eq!(block.unwrap().header.height, tx.height, "the block before was swallowed");
    assert_eq!(result_finalize_block.unwrap().tx_results, vec![tx.tx_result.clone()]);
    let event = tokio::time::timeout(SOON, txs.next()).await.unwrap().unwrap().unwrap();
    let EventData::Tx { tx_result } = event.data else { panic!("{event:?}") };
    assert_eq!(tx_result.tx, tx.tx);

    world.chain.faults().drop_websockets();
    tokio::time::timeout(SOON, driver).await.unwrap().unwrap();
    let (again, _driver) = websocket(&world.chain).await;
    again.subscribe(EventType::NewBlock.into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_refuse_and_delay() {
    let mut world = World::start().await;
    let contract = world.deploy().await;
    let message = world.execute(&contract, r#"{"a":{}}"#, vec![]);
    let tx = world.alice.sign(vec![message], &support::Options::default());
    world.chain.faults().refuse_broadcasts(1);
    let full = world.client.broadcast_tx_sync(tx.clone()).await.unwrap_err().to_string();
    assert!(full.contains("mempool is full"), "{full}");
    world.chain.faults().wrong_sequence_once();
    assert_eq!(world.broadcast(tx.clone()).await.code.value(), 32);
    let checked = world.broadcast(tx).await;
    assert!(checked.code.is_ok());
    world.chain.faults().delay_results(1);
    world.chain.produce_block().await.unwrap();
    assert!(world.client.tx(checked.hash, false).await.is_err());
    world.chain.faults().delay_results(0);
    assert!(world.client.tx(checked.hash, false).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_come_by_themselves_and_stop_for_a_pause() {
    let timed = DevchainConfig { manual_blocks: false, block_time: Duration::from_millis(10), ..config() };
    let world = World::with(timed).await;
    let (client, _driver) = websocket(&world.chain).await;
    let mut blocks = client.subscribe(EventType::NewBlock.into()).await.unwrap();
    for _ in 0..3 {
        tokio::time::timeout(SOON, blocks.next()).await.unwrap().unwrap().unwrap();
    }
    world.chain.faults().pause_blocks(true);
    let first = world.chain.produce_block().await.unwrap();
    assert_eq!(world.chain.produce_block().await.unwrap(), first + 1, "none in between");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_goes_on_where_it_was() {
    let home = tempfile::tempdir().unwrap();
    let kept = DevchainConfig { home: Some(home.path().to_owned()), ..config() };
    let mut world = World::with(kept.clone()).await;
    let contract = world.deploy().await;
    let tx = world.run(vec![world.execute(&contract, r#"{"a":{}}"#, vec![])]).await;
    let (height, sequence) = (world.chain.height(), world.alice.sequence);
    let World { chain, client, .. } = world;
    drop(client);
    chain.shutdown().await.unwrap();

    let other = DevchainConfig { chain_id: "other-1".into(), ..kept.clone() };
    assert!(Devchain::start(other).await.is_err(), "another chain's home");
    let mut world = World::with(kept).await;
    assert_eq!((world.chain.height(), world.alice.sequence), (height, sequence));
    assert_eq!(world.client.tx(tx.hash, false).await.unwrap().tx_result, tx.tx_result);
    let migrate = MsgMigrateContract {
        sender: world.alice.id.clone(),
        contract: contract.parse().unwrap(),
        code_id: 1,
        msg: b"{}".to_vec(),
    };
    let migrated = world.run(vec![migrate.to_any().unwrap()]).await;
    assert!(migrated.tx_result.code.is_ok(), "{}", migrated.tx_result.log);
    assert_eq!(attribute(&migrated, "migrate", "code_id"), "1");
    assert_eq!(world.count(&contract).await, "2");
}

#[tokio::test]
async fn what_a_node_pruned_or_never_kept_is_refused_with_its_text() {
    let mut world = World::start().await;
    let contract = world.deploy().await;
    let tx = world.run(vec![world.execute(&contract, r#"{"a":{}}"#, vec![])]).await;
    let (client, faults) = (&world.client, world.chain.faults());
    let error_of_tx = async || client.tx(tx.hash, false).await.unwrap_err().to_string();

    faults.delay_index(1);
    let error = error_of_tx().await;
    assert!(error.contains("not found"), "{error}");
    assert!(client.block_results(tx.height).await.is_ok(), "the results are there before the index");
    world.chain.produce_block().await.unwrap();
    assert_eq!(client.tx(tx.hash, false).await.unwrap().height, tx.height);

    faults.switch_index_off(true);
    let error = error_of_tx().await;
    assert!(error.contains("transaction indexing is disabled"), "{error}");
    faults.discard_results(true);
    let error = client.block_results(tx.height).await.unwrap_err().to_string();
    assert!(error.contains("node is not persisting finalize block responses"), "{error}");
    faults.prune_below(2);
    let error = client.block(1u32).await.unwrap_err().to_string();
    assert!(error.contains("height 1 is not available, lowest height is 2"), "{error}");
    assert_eq!(client.status().await.unwrap().sync_info.earliest_block_height.value(), 2);
}
