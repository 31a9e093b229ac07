//! Publishes the key to which owners seal secrets for this node, if the contract has none or another: once after each start,
//! from the node's account. Nothing is published after that, so that an operator may still choose otherwise.

use gateway_api::{
    EncryptionKey, EncryptionKeyResponse, EncryptionKeysResponse, Epoch, ExecuteMsg, KeyFrom,
    NodeAccountsResponse, NodeId, NodeResponse, QueryMsg,
};
use gateway_chain::outbox::{ItemState, NewItem};
use gateway_chain::{ChainError, GatewayQuery};

use crate::account::Account;
use crate::context::Context;
use crate::error::NodeError;

/// Most transactions, failed ones included, for replacing one key by another.
const ATTEMPTS: u8 = 4;

/// Progress of the publication since the start.
#[derive(Debug, Default)]
pub(crate) struct KeyPublication {
    /// The contract has the key, or the node cannot publish it.
    settled: bool,
    /// The operator has been informed of what to do.
    said: bool,
}

impl KeyPublication {
    /// Checks the contract's key, and publishes the node's key if they differ. Reporting an unresponsive chain is up to the
    /// chain watch.
    ///
    /// # Errors
    /// [`NodeError::Store`], [`NodeError::Message`].
    pub(crate) async fn look(
        &mut self,
        context: &Context,
        node: &NodeResponse,
        epoch: Epoch,
    ) -> Result<(), NodeError> {
        if self.settled {
            return Ok(());
        }
        match self.step(context, node, epoch).await {
            Ok(settled) => self.settled = settled,
            Err(NodeError::Chain(error)) => {
                tracing::debug!(%error, "cannot read the node's encryption key")
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Returns whether nothing is left to do.
    async fn step(
        &mut self,
        context: &Context,
        node: &NodeResponse,
        epoch: Epoch,
    ) -> Result<bool, NodeError> {
        let Some(key) = context.sealed_secrets.key() else {
            tracing::info!(
                "the node's signer opens nothing: sealed secrets and private code are not for this node"
            );
            return Ok(true);
        };
        // After a rotation the old key keeps drawing at first, and its encryption key opens what is sealed.
        if KeyFrom::at(&node.keys, epoch) != Some(context.membership.key()) {
            return Ok(false);
        }
        let node_id = node.node;
        let published = published(&context.query, node_id).await?;
        if published.map(|published| published.key) == Some(key) {
            tracing::info!(node = %node_id, %key, "secrets can be sealed to this node");
            return Ok(true);
        }
        let by_hand = format!("publish it with `gateway node encryption-key {node_id} --config FILE`");
        let Some(account) = &context.account else {
            tracing::warn!(node = %node_id, "no secret can be sealed to this node's key: {by_hand}");
            return Ok(true);
        };
        if !may_send(&context.query, node, account.address()).await? {
            if !self.said {
                let address = account.address();
                tracing::warn!(
                    node = %node_id,
                    "no secret can be sealed to this node's key, and its account may not publish it: allow that with `gateway node \
                     accounts {node_id} --daemon {address}`, or {by_hand}"
                );
            }
            self.said = true;
            return Ok(false);
        }
        queue(context, account, node_id, key, published.map_or(0, |published| published.height)).await?;
        Ok(false)
    }
}

/// Returns the key that a node has published.
async fn published(query: &GatewayQuery, node: NodeId) -> Result<Option<EncryptionKeyResponse>, ChainError> {
    let start_after = node.get().checked_sub(1).map(NodeId);
    let asked = QueryMsg::EncryptionKeys { start_after, limit: Some(1) };
    let page: EncryptionKeysResponse = query.ask(&asked).await?.value;
    Ok(page.keys.into_iter().find(|published| published.node == node))
}

/// Returns whether the contract lets an account send for a node's daemon.
async fn may_send(query: &GatewayQuery, node: &NodeResponse, address: &str) -> Result<bool, ChainError> {
    if node.operator == address {
        return Ok(true);
    }
    let asked = QueryMsg::NodeAccounts { node: node.node };
    let accounts: NodeAccountsResponse = query.ask(&asked).await?.value;
    Ok(accounts.daemon.as_deref() == Some(address))
}

/// Queues the message that publishes a key in place of the one of `height`: once, and again if the transaction failed.
async fn queue(
    context: &Context,
    account: &Account,
    node: NodeId,
    key: EncryptionKey,
    height: u64,
) -> Result<(), NodeError> {
    let msg = serde_json::to_vec(&ExecuteMsg::SetEncryptionKey { node, key })?;
    let work = context.store.begin().await?;
    for attempt in 0..ATTEMPTS {
        let name = format!("encryption-key:{key}:{height}:{attempt}");
        match work.outbox().by_key(&name).await? {
            Some(item) if item.state == ItemState::Failed => {
                tracing::warn!(%node, error = item.error, "the node's encryption key was not published");
            }
            Some(_) => return Ok(()),
            None => {
                let new = NewItem { key: name, msg, funds: Vec::new(), reserved_gas: 0 };
                let item = work.outbox().enqueue(&new).await?;
                work.commit().await?;
                account.nudge();
                tracing::info!(%node, %key, item = item.id, "encryption key queued for the contract");
                return Ok(());
            }
        }
    }
    Ok(())
}
