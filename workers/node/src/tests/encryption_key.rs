//! A node with an account publishes its encryption key by itself, if the contract lets it.

use gateway_api::{EncryptionKey, ExecuteMsg};
use gateway_chain::Signer;

use super::fixture::{ACCOUNT_SECRET, DEAD, NODE, Node, PATIENCE, Vm, World, opening_key, tested};

/// Allows, as the operator, the node's account to send for its daemon.
fn allow_account(world: &World) {
    let account = Signer::from_bytes(&ACCOUNT_SECRET, "archway").unwrap().address().to_owned();
    let allow = ExecuteMsg::SetNodeAccounts { node: NODE, payout: None, daemon: Some(account) };
    world.chain.send(&tested().operator(), &allow, 0);
}

/// Returns the encryption keys that the node has sent to the contract.
fn sent(world: &World) -> Vec<EncryptionKey> {
    let key = |msg| match msg {
        ExecuteMsg::SetEncryptionKey { node: NODE, key } => Some(key),
        _ => None,
    };
    world.chain.executed().into_iter().filter_map(key).collect()
}

async fn start(world: &World) -> Node {
    world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 3).await
}

/// Makes blocks until the contract has been sent so many encryption keys.
async fn published(world: &World, count: usize) -> Vec<EncryptionKey> {
    let wait = async {
        loop {
            world.chain.commit();
            let keys = sent(world);
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
    allow_account(&world);
    let node = start(&world).await;
    assert_eq!(published(&world, 1).await, [opening_key().public()]);
    node.stop().await;

    let world = World::new();
    allow_account(&world);
    let another = ExecuteMsg::SetEncryptionKey { node: NODE, key: EncryptionKey([9; 32]) };
    world.chain.send(&tested().operator(), &another, 0);
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
    assert_eq!(sent(&world), []);
    allow_account(&world);
    assert_eq!(published(&world, 1).await, [opening_key().public()]);
    node.stop().await;
}
