//! What a node's operator does.

use gateway_api::{CounterResponse, EncryptionKey, ExecuteMsg, Moniker, NodeResponse, QueryMsg};
use gateway_localnet::{DevAccount, Localnet};
use gateway_protocol::{Domain, SecretKey};

use super::{People, UNIT, send};
use crate::impostor::Impostor;

/// Units that each of the other nodes adds, and the sixth node keeps: a unit wins a seat at most, and silence is reported from 200
/// expected seats on.
const UNITS: u128 = 15;

/// Everything that leaves the node with fifteen units beside sixteen of each other node.
pub(super) async fn operator_runs_its_node(net: &Localnet, people: &People, sixth: &Impostor) {
    let People { user, neighbour, .. } = people;
    for other in net.registered_nodes().await.unwrap() {
        let node = other.node;
        let operator = if node == sixth.node { "user".to_owned() } else { format!("operator-{node}") };
        let operator = DevAccount::named(&operator).unwrap();
        assert_eq!(operator.address(), other.operator);
        send(net, &operator, &ExecuteMsg::IncreaseStake { node }, UNITS * UNIT).await;
    }
    let node = sixth.node;
    send(net, user, &ExecuteMsg::Unbond { node, amount: Some(UNIT.into()) }, 0).await;
    let (moniker, endpoint) = (Moniker::new("sixth").unwrap(), "https://sixth.example".parse().unwrap());
    send(net, user, &ExecuteMsg::UpdateNode { node, engine: sixth.engine, moniker, endpoint }, 0).await;
    send(net, user, &ExecuteMsg::DeclareEngines { node, engines: vec![sixth.engine] }, 0).await;
    let key = EncryptionKey([3; 32]);
    send(net, user, &ExecuteMsg::SetEncryptionKey { node, key }, 0).await;
    for (from, to) in [(user, neighbour), (neighbour, user)] {
        send(net, from, &ExecuteMsg::OfferNode { node, to: Some(to.address().to_owned()) }, 0).await;
        send(net, to, &ExecuteMsg::AcceptNode { node }, 0).await;
    }
    let accounts =
        ExecuteMsg::SetNodeAccounts { node, payout: None, daemon: Some(neighbour.address().to_owned()) };
    send(net, user, &accounts, 0).await;
}

async fn of(net: &Localnet, sixth: &Impostor) -> NodeResponse {
    let nodes = net.registered_nodes().await.unwrap();
    nodes.into_iter().find(|node| node.node == sixth.node).expect("it is registered")
}

/// Waits for the epoch from which the node's unit draws.
pub(super) async fn until_it_draws(net: &Localnet, sixth: &Impostor) {
    let first = of(net, sixth).await.schedule.last().expect("it has a unit").epoch;
    net.until("the sixth node's first epoch", || async {
        let counter: CounterResponse = net.ask(&QueryMsg::Counter {}).await?;
        Ok((counter.epoch >= first).then_some(()))
    })
    .await
    .unwrap();
}

/// Out of jail, with another key, and with what has been unbonded for long enough.
pub(super) async fn operator_leaves(net: &Localnet, people: &People, sixth: &Impostor) {
    let (user, node) = (&people.user, sixth.node);
    send(net, user, &ExecuteMsg::IncreaseStake { node }, UNIT).await;
    send(net, &people.neighbour, &ExecuteMsg::Unjail { node }, 0).await;
    assert_eq!(of(net, sixth).await.jailed_until, None);

    let next = SecretKey::from_bytes(&[10; 32]).unwrap();
    let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
    let possession = next.prove_possession(&domain, user.address()).into();
    send(net, user, &ExecuteMsg::RotateKey { node, key: next.public(), possession }, 0).await;

    let release = of(net, sixth).await.unbonding[0].release;
    net.until("the stake's release", || async { Ok((net.height().await? >= release).then_some(())) })
        .await
        .unwrap();
    send(net, user, &ExecuteMsg::WithdrawStake { node }, 0).await;
    assert_eq!(of(net, sixth).await.unbonding, []);
}
