//! The recipients of what the command line seals, and the message that sets a secret: for `gateway secret`, `gateway code` and
//! the demo.

use gateway_api::{
    EncryptionKeyResponse, EncryptionKeysResponse, ExecuteMsg, NodeId, NodeResponse, ProjectId, QueryMsg,
    SealedValue, SecretId, limits,
};
use gateway_chain::{GatewayQuery, paging};
use gateway_daemon_runtime::SecretString;
use gateway_protocol::Domain;

use crate::commands::CommandError;

/// The nodes that a value is sealed to, and those with stake that have published no key or for which there is no room.
pub(in crate::commands) struct Recipients {
    /// The keys, in ascending order of their nodes.
    pub(in crate::commands) keys: Vec<EncryptionKeyResponse>,
    /// The nodes that cannot open what is sealed.
    pub(in crate::commands) without: Vec<NodeId>,
}

/// Returns the staked nodes' keys, in order of their ids: those with the most stake if there are more than fit in a secret.
///
/// # Errors
/// [`CommandError`] with the text of a `ChainError` when the chain does not answer.
pub(in crate::commands) async fn recipients(query: &GatewayQuery) -> Result<Recipients, CommandError> {
    let mut keys: Vec<EncryptionKeyResponse> = Vec::new();
    loop {
        let start_after = keys.last().map(|last| last.node);
        let question = QueryMsg::EncryptionKeys { start_after, limit: Some(limits::MAX_PAGE) };
        let page: EncryptionKeysResponse = query.ask(&question).await?.value;
        if page.keys.is_empty() {
            break;
        }
        keys.extend(page.keys);
    }
    let mut nodes = paging::nodes(query).await?;
    nodes.retain(|node| !node.stake.is_zero());
    nodes.sort_by_key(|node| std::cmp::Reverse(node.stake));
    let published = |node: &NodeResponse| keys.iter().find(|key| key.node == node.node).copied();
    let mut chosen: Vec<_> = nodes.iter().filter_map(published).take(limits::MAX_SEALED_NODES).collect();
    chosen.sort_by_key(|key| key.node);
    let mut without: Vec<_> = nodes.iter().map(|node| node.node).collect();
    without.retain(|node| chosen.binary_search_by_key(node, |key| key.node).is_err());
    without.sort();
    Ok(Recipients { keys: chosen, without })
}

/// Returns the message that sets a secret of a project, sealed to keys.
///
/// # Errors
/// [`CommandError`] when there is no key, or with the text of a `SealingError`.
pub(in crate::commands) fn set_secret(
    domain: &Domain<'_>,
    project: ProjectId,
    id: &SecretId,
    keys: &[EncryptionKeyResponse],
    value: &SecretString,
) -> Result<ExecuteMsg, CommandError> {
    require(keys)?;
    let sealed = keys.iter().map(|EncryptionKeyResponse { node, key, .. }| {
        let info = domain.secret_info(project, id, *node);
        let ciphertext = gateway_sealing::seal(key, &info, value.expose().as_bytes())
            .map_err(|error| format!("sealing to node {node}: {error}"))?;
        Ok(SealedValue { node: *node, key: *key, ciphertext: ciphertext.into() })
    });
    let sealed = sealed.collect::<Result<Vec<_>, CommandError>>()?;
    Ok(ExecuteMsg::SetSecret { project, name: id.name.clone(), host: id.host.clone(), sealed })
}

/// Refuses to seal to no recipient.
///
/// # Errors
/// [`CommandError`] when there is no key.
pub(in crate::commands) fn require(keys: &[EncryptionKeyResponse]) -> Result<(), CommandError> {
    if keys.is_empty() {
        let cause =
            "no node has published an encryption key: operators do with `gateway node encryption-key`";
        return Err(cause.into());
    }
    Ok(())
}

/// Names the nodes that cannot open what was sealed.
pub(super) fn unable(nodes: &[NodeId]) -> String {
    let ids = nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("nodes that cannot open it, and abstain: {ids}")
}
