//! A node with an account publishes its encryption key by itself, where the contract lets it.

use gateway_api::EncryptionKey;
use gateway_chain::Signer;

use super::fixture::{ACCOUNT_SECRET, Node, PATIENCE, Vm, World, opening_key};

const DEAD: &str = "http://127.0.0.1:9";

fn account() -> String {
    Signer::from_bytes(&ACCOUNT_SECRET, "archway").unwrap().address().to_owned()
}

async fn start(world: &World) -> Node {
    world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await
}

/// Makes blocks until the contract was sent so many encryption keys.
async fn published(world: &World, count: usize) -> Vec<EncryptionKey> {
    let wait = async {
        loop {
            world.chain.commit();
            let keys = world.chain.encryption_keys();
            if keys.len() >= count {
                return keys;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("the key is published in time")
}

#[tokio::test]
async fn a_node_publishes_its_encryption_key_where_the_contract_has_none_or_another() {
    let world = World::new();
    world.chain.allow_daemon(&account());
    let node = start(&world).await;
    assert_eq!(published(&world, 1).await, [opening_key().public()]);
    node.stop().await;

    let world = World::new();
    world.chain.allow_daemon(&account());
    world.chain.publish_encryption_key(EncryptionKey([9; 32]));
    let node = start(&world).await;
    assert_eq!(published(&world, 1).await, [opening_key().public()]);
    node.stop().await;

    // After a restart the contract has it.
    let node = start(&world).await;
    for _ in 0..3 {
        node.height(world.chain.commit()).await;
    }
    assert_eq!(published(&world, 1).await.len(), 1);
    node.stop().await;
}

#[tokio::test]
async fn an_account_that_may_not_waits_until_the_operator_allows_it() {
    let world = World::new();
    let node = start(&world).await;
    for _ in 0..3 {
        node.height(world.chain.commit()).await;
    }
    assert_eq!(world.chain.encryption_keys(), []);
    world.chain.allow_daemon(&account());
    assert_eq!(published(&world, 1).await, [opening_key().public()]);
    node.stop().await;
}
