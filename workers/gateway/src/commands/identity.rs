//! `gateway identity`: the message that registers a node, ready to be signed by its operator.

use std::path::Path;

use gateway_api::{Endpoint, EngineId, ExecuteMsg, Moniker, NodeId, RegisterNode};
use gateway_engine::{Engine, EngineConfig, Profile};
use gateway_node::{NodeConfig, VrfKey, WorkerCommand};
use gateway_protocol::Domain;

use super::CommandError;
use super::configuration::load;
use super::say::say;
use crate::arguments::{Identity, NodeIdentity};

pub(crate) async fn run(options: Identity) -> Result<(), CommandError> {
    let message = ExecuteMsg::RegisterNode(registration(options.node, &options.operator).await?);
    say(&serde_json::to_string(&message)?)
}

/// Returns the data with which the account `operator` registers a node: its key with the proof of possession, and its engine.
///
/// # Errors
/// `ConfigError` when the configuration cannot be read, [`gateway_node::NodeError`] when a setting or the key is wrong;
/// `ChainError::Invalid` when the operator's address is; [`std::io::Error`] or [`gateway_engine::EngineError`] when the VM does
/// not start; `RemoteError` when a signer gives no proof; [`CommandError`] when the moniker or the endpoint is not valid.
pub(super) async fn registration(
    options: NodeIdentity,
    operator: &str,
) -> Result<RegisterNode, CommandError> {
    let config: NodeConfig = load(&options.config)?;
    config.validate()?;
    gateway_chain::tx::address("--operator", operator, &config.chain.prefix)?;
    let key = VrfKey::load(&config.key)?;

    let mut engine = EngineConfig::new(WorkerCommand::this_executable()?);
    engine.sandbox = config.engine.sandbox;
    engine.workers = 1;
    let engine = Engine::start(engine).await?;
    let id = engine
        .engine_id(Profile::Jitless)
        .map(EngineId)
        .ok_or("the engine has no id in the profile jitless")?;
    engine.shutdown().await;

    let domain = Domain { chain_id: &config.chain.chain_id, contract: &config.chain.contract };
    Ok(RegisterNode {
        key: key.public(),
        possession: key.possession(&domain, operator).await?.into(),
        engine: id,
        moniker: Moniker::new(options.moniker).map_err(|e| format!("--moniker: {e}"))?,
        endpoint: Endpoint::new(options.endpoint).map_err(|e| format!("--endpoint: {e}"))?,
    })
}

/// Returns the message that publishes the key to which secrets for a node are sealed.
///
/// # Errors
/// [`CommandError`]: the configuration is wrong, the key cannot be read, or the signer that holds it does not answer or opens nothing.
pub(super) async fn encryption_key(node: NodeId, config: &Path) -> Result<ExecuteMsg, CommandError> {
    let config: NodeConfig = load(config)?;
    config.validate()?;
    let domain = Domain { chain_id: &config.chain.chain_id, contract: &config.chain.contract };
    let key = VrfKey::load(&config.key)?.opener(&domain).await?.ok_or(
        "the signer that holds the node's key is an older one, which opens nothing: start this release's",
    )?;
    Ok(ExecuteMsg::SetEncryptionKey { node, key: key.public() })
}
