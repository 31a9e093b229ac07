//! Which node the key belongs to, and the units it holds in an epoch. Queried from the contract once per epoch.

use gateway_api::{Epoch, NodeId, NodeKey, NodeResponse, QueryMsg};
use gateway_chain::paging::nodes;
use gateway_chain::{ChainError, GatewayQuery};
use gateway_protocol::Member;
use tokio::sync::Mutex;

/// The node's standing on the chain.
pub(crate) struct Membership {
    key: NodeKey,
    /// The contract's answer, and the epoch in which it was queried: units of an epoch are fixed once it has begun.
    known: Mutex<Option<(Epoch, Option<NodeResponse>)>>,
}

impl Membership {
    /// Creates the membership of a key, of which nothing is known yet.
    pub(crate) fn new(key: NodeKey) -> Self {
        Self { key, known: Mutex::new(None) }
    }

    /// Returns the key.
    pub(crate) const fn key(&self) -> NodeKey {
        self.key
    }

    /// Returns the units that this key draws with in an epoch: none while another of the node's keys is in force.
    fn units(&self, node: &NodeResponse, epoch: Epoch) -> u32 {
        Member::of(node, epoch).ok().filter(|member| member.key == self.key).map_or(0, |member| member.units)
    }

    /// Forgets the cached answer, as the key has just been registered.
    pub(crate) async fn forget(&self) {
        *self.known.lock().await = None;
    }

    /// Returns the node's id and its units in an epoch that has begun; `None` if the key is not registered.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be queried.
    pub(crate) async fn at(
        &self,
        query: &GatewayQuery,
        epoch: Epoch,
    ) -> Result<Option<(NodeId, u32)>, ChainError> {
        let mut known = self.known.lock().await;
        // An answer from a later epoch still holds the units of earlier ones: schedules only grow.
        if known.as_ref().is_none_or(|(asked, _)| *asked < epoch) {
            *known = Some((epoch, find(query, self.key).await?));
        }
        let node = known.as_ref().and_then(|(_, node)| node.as_ref());
        Ok(node.map(|node| (node.node, self.units(node, epoch))))
    }
}

/// Finds the node with this key. A refusal alone does not distinguish an unregistered key from any other reason, and a node
/// that wrongly believed itself unregistered would miss its draws: so the list of nodes decides.
pub(crate) async fn find(query: &GatewayQuery, key: NodeKey) -> Result<Option<NodeResponse>, ChainError> {
    match query.ask(&QueryMsg::NodeByKey { key }).await {
        Err(ChainError::Query { .. }) => {}
        answer => return answer.map(|answer| Some(answer.value)),
    }
    Ok(nodes(query).await?.into_iter().find(|node| node.keys.iter().any(|from| from.key == key)))
}
