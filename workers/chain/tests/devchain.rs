//! The chain edge against the development chain: real signatures, real wasm, HTTP and websocket, and faults.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use gateway_chain::outbox::{ItemState, NewItem};
use gateway_chain::testing::MemoryStore;
use gateway_chain::tx::GasPrice;
use gateway_chain::{
    BlockNotifier, Chain, ChainConfig, ChainError, Coin, Deployer, Endpoints, Follower, GatewayQuery, Outbox,
    OutboxConfig, OutboxStore, Outcome, Signer,
};
use gateway_daemon_runtime::health::Health;
use gateway_daemon_runtime::{CancellationToken, TaskGroup};
use gateway_devchain::{Devchain, DevchainConfig};

const RICH: u128 = 1_000_000_000_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

fn signer(seed: u8) -> Signer {
    Signer::from_bytes(&[seed; 32], "archway").expect("signer")
}

struct World {
    devchain: Devchain,
    chain: Arc<dyn Chain>,
    config: ChainConfig,
    alice: Deployer,
}

impl World {
    async fn start() -> Self {
        let genesis_accounts = [1, 2].map(|seed| (signer(seed).address().to_owned(), RICH)).into();
        let block_time = Duration::from_millis(100);
        let options = DevchainConfig { block_time, genesis_accounts, min_gas_price: 2, ..Default::default() };
        let devchain = Devchain::start(options).await.expect("devchain");
        let mut config = ChainConfig::new(devchain.rpc_url(), "devchain-1", "");
        config.gas_price = GasPrice::from_integer(2).into();
        config.poll_interval = Duration::from_millis(500);
        let chain: Arc<dyn Chain> = Arc::new(Endpoints::connect(&config).await.expect("connect"));
        let alice = Deployer::new(chain.clone(), signer(1), &config).expect("deployer");
        Self { devchain, chain, config, alice }
    }

    /// Deploys the test contract and points the configuration at it.
    async fn deploy(&mut self) {
        let wasm = wat::parse_str(include_str!("echo.wat")).expect("wasm");
        let code = self.alice.store_code(wasm).await.expect("stored");
        let made = self.alice.instantiate(code.code_id, "echo", b"{}".to_vec(), None, &[]).await;
        self.config.contract = made.expect("instantiated").address;
    }
}

#[tokio::test]
async fn deploy_execute_query_send_and_what_goes_wrong() {
    let mut world = World::start().await;
    world.deploy().await;
    let contract = world.config.contract.clone();

    let done = world.alice.execute(&contract, b"{\"a\":1}".to_vec(), &[Coin::new(7, "aarch")]).await;
    let done = done.expect("executed");
    assert!(done.tx.events.iter().any(|event| event.ty == "wasm-echo"), "{:?}", done.tx.events);
    assert!(done.tx.gas_used > 0 && done.tx.gas_used <= done.tx.gas_wanted);
    assert_eq!(world.chain.balance(&contract, "aarch").await, Ok(7));
    let block = world.chain.block(done.tx.height).await.expect("block");
    let same = block.txs.iter().find(|tx| tx.hash == done.tx.hash).expect("the block holds it");
    assert_eq!(same.events, done.tx.events);

    let refused = world.alice.execute(&contract, b"{\"f\":1}".to_vec(), &[]).await.expect_err("refused");
    assert!(matches!(&refused, ChainError::Query { log, .. } if log.contains("refused")), "{refused}");

    let query = GatewayQuery::new(world.chain.clone(), contract);
    let answer = query.ask::<serde_json::Value, _>(&serde_json::json!({ "any": {} })).await.expect("answer");
    assert!(answer.height >= done.tx.height);
    let answer = answer.value;
    let later =
        query.at_least(1_000_000).ask::<serde_json::Value, _>(&serde_json::json!({ "any": {} })).await;
    assert!(matches!(later, Err(ChainError::NodeBehind { need: 1_000_000, .. })), "{later:?}");
    assert_eq!(answer["n"], 7);

    let stranger = signer(9);
    let missing = world.chain.account(stranger.address(), 0).await;
    assert_eq!(missing, Err(ChainError::NoAccount { address: stranger.address().into() }));
    world.alice.send(stranger.address(), &[Coin::new(5, "aarch")]).await.expect("sent");
    assert_eq!(world.chain.balance(stranger.address(), "aarch").await, Ok(5));
    assert_eq!(world.chain.account(stranger.address(), 0).await.expect("exists").value.sequence, 0);

    let height = world.chain.status().await.expect("status").height;
    let ahead = world.chain.block(height + 1000).await;
    assert_eq!(ahead, Err(ChainError::NotYet { height: height + 1000 }));
    let other = ChainConfig { chain_id: "another-1".into(), ..world.config.clone() };
    let wrong = Endpoints::connect(&other).await.expect_err("wrong chain");
    assert!(matches!(wrong, ChainError::WrongChain { .. }), "{wrong}");
    world.devchain.shutdown().await.expect("clean end");
}

#[tokio::test]
async fn the_follower_uses_the_websocket_and_survives_its_loss() {
    let world = World::start().await;
    let cancel = CancellationToken::new();
    let mut group = TaskGroup::new(&cancel);
    let block_notifier = BlockNotifier::websocket(&mut group, &world.config).expect("a notifier");
    let mut connections = block_notifier.connections();
    // The poll interval is too long to matter, so every block below was announced.
    let mut follower =
        Follower::new(world.chain.clone(), block_notifier.clone(), 1).poll_every(Duration::from_secs(3600));
    tokio::time::timeout(PATIENCE, connections.wait_for(|n| *n == 1))
        .await
        .expect("in time")
        .expect("the notifier lives");
    let mut expected = 0;
    let mut follow = async |blocks: u64| {
        for _ in 0..blocks {
            let block = tokio::time::timeout(PATIENCE, follower.next(&cancel)).await.expect("in time");
            expected += 1;
            assert_eq!(block.expect("block").height, expected);
        }
    };
    follow(5).await;
    world.devchain.faults().swallow_blocks(2);
    follow(5).await;
    world.devchain.faults().drop_websockets();
    tokio::time::timeout(PATIENCE, connections.wait_for(|n| *n == 2))
        .await
        .expect("in time")
        .expect("the notifier lives");
    follow(10).await;
    cancel.cancel();
    group.run(Duration::from_secs(5)).await.expect("clean end");
    world.devchain.shutdown().await.expect("clean end");
}

#[tokio::test]
async fn the_outbox_gets_every_message_through_faults_and_a_restart_once() {
    const MESSAGES: usize = 40;
    let mut world = World::start().await;
    world.deploy().await;
    let store = Arc::new(MemoryStore::new());
    let options =
        OutboxConfig { max_items: 6, poll_interval: Duration::from_millis(50), ..Default::default() };
    let faults = world.devchain.faults();
    for n in 0..MESSAGES {
        let msg = format!("{{\"m\":{n}}}").into_bytes();
        let new = NewItem { key: format!("k{n}"), msg, funds: vec![Coin::new(1, "aarch")], reserved_gas: 0 };
        store.enqueue(&new).await.expect("queued");
    }
    let cancel = CancellationToken::new();
    for run in 0..3 {
        let mut group = TaskGroup::new(&cancel);
        let outbox = Outbox::spawn(
            &mut group,
            world.chain.clone(),
            signer(2),
            store.clone(),
            &world.config,
            options.clone(),
            Health::new().register("outbox"),
        );
        let client = outbox.expect("outbox");
        match run {
            0 => faults.refuse_broadcasts(2),
            1 => faults.wrong_sequence_once(),
            _ => faults.delay_results(2),
        }
        // The first two runs end once part of the work is done, wherever the rest stands.
        let until = if run == 2 { MESSAGES } else { (run + 1) * 8 };
        for id in 1..=until as i64 {
            let outcome = tokio::time::timeout(PATIENCE, client.wait(id)).await.expect("in time");
            assert!(matches!(outcome, Ok(Outcome::Done { .. })), "{outcome:?}");
        }
        if run == 2 {
            let bad = client.enqueue("bad", b"{\"f\":1}".to_vec(), Vec::new()).await.expect("queued");
            let outcome = tokio::time::timeout(PATIENCE, client.wait(bad)).await.expect("in time");
            assert!(
                matches!(&outcome, Ok(Outcome::Failed { error }) if error.contains("refused")),
                "{outcome:?}"
            );
        }
        group.token().cancel();
        group.run(Duration::from_secs(5)).await.expect("clean end");
    }
    assert!(store.items().iter().all(|item| (item.state == ItemState::Done) != (item.key == "bad")));
    // Each message carried one unit, so the contract's balance counts executions.
    assert_eq!(world.chain.balance(&world.config.contract, "aarch").await, Ok(MESSAGES as u128));
    faults.delay_results(0);
    world.devchain.shutdown().await.expect("clean end");
}
