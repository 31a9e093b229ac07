//! Which node the key is, and the units it holds in an epoch. Asked of the contract once an epoch.

use gateway_api::{Epoch, NodeId, NodeKey, NodeResponse, QueryMsg};
use gateway_chain::paging::nodes;
use gateway_chain::{ChainError, GatewayQuery};
use gateway_protocol::Member;
use tokio::sync::Mutex;

/// The node's standing on the chain.
pub(crate) struct Membership {
    key: NodeKey,
    /// What the contract said, and in which epoch it was asked: units of an epoch are fixed once it has begun.
    known: Mutex<Option<(Epoch, Option<NodeResponse>)>>,
}

impl Membership {
    /// The standing of a key; nothing is known of it yet.
    pub(crate) fn new(key: NodeKey) -> Self {
        Self { key, known: Mutex::new(None) }
    }

    /// The key.
    pub(crate) const fn key(&self) -> NodeKey {
        self.key
    }

    /// Returns the units that this key draws with in an epoch: none where another of the node's keys is in force.
    fn units(&self, node: &NodeResponse, epoch: Epoch) -> u32 {
        Member::of(node, epoch).ok().filter(|member| member.key == self.key).map_or(0, |member| member.units)
    }

    /// Forgets what is known: the key was registered just now.
    pub(crate) async fn forget(&self) {
        *self.known.lock().await = None;
    }

    /// The node's id and its units in an epoch that has begun; `None` where the key is not registered.
    ///
    /// # Errors
    /// [`ChainError`] where the chain cannot be asked.
    pub(crate) async fn at(
        &self,
        query: &GatewayQuery,
        epoch: Epoch,
    ) -> Result<Option<(NodeId, u32)>, ChainError> {
        let mut known = self.known.lock().await;
        // A response of a later epoch still holds an earlier one's units: schedules only grow.
        if known.as_ref().is_none_or(|(asked, _)| *asked < epoch) {
            *known = Some((epoch, find(query, self.key).await?));
        }
        let node = known.as_ref().and_then(|(_, node)| node.as_ref());
        Ok(node.map(|node| (node.node, self.units(node, epoch))))
    }
}

/// The node with this key. A refusal alone does not distinguish an unregistered key from any other reason, and a node
/// that took itself for not registered would sleep through its draws: so the list of nodes decides.
pub(crate) async fn find(query: &GatewayQuery, key: NodeKey) -> Result<Option<NodeResponse>, ChainError> {
    match query.ask(&QueryMsg::NodeByKey { key }).await {
        Err(ChainError::Query { .. }) => {}
        answer => return answer.map(|answer| Some(answer.value)),
    }
    Ok(nodes(query).await?.into_iter().find(|node| node.keys.iter().any(|from| from.key == key)))
}
