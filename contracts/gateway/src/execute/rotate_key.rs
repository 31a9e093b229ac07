//! Replaces a node's key. The new one draws two epochs later, so that nobody can choose one after seeing a seed.

use cosmwasm_std::{Binary, DepsMut, Env, Response};
use gateway_api::events::KeyRotated;
use gateway_api::{limits, Epoch, KeyFrom, NodeId, NodeKey};
use gateway_protocol::verify_possession;

use crate::domain::domain;
use crate::error::ContractError;
use crate::state::counter::COUNTER;
use crate::state::governance::current_settings;
use crate::state::nodes::{node as load, NODES, NODE_BY_KEY};
use crate::state::requests::drawn_before_is_over;

pub(crate) fn rotate_key(
    deps: DepsMut<'_>,
    env: &Env,
    id: NodeId,
    key: NodeKey,
    possession: &Binary,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let mut node = load(deps.storage, id)?;
    // Two keys are kept: the older one must be past all it can have signed, and all it can be slashed for.
    let from = node.rotated_at.saturating_add(settings.unbonding_blocks);
    if let [_, newer] = node.keys[..] {
        let height = env.block.height;
        if height < from || !drawn_before_is_over(deps.storage, newer.epoch, height)? {
            return Err(ContractError::RotationTooSoon { from });
        }
    }
    if let Some(node) = NODE_BY_KEY.may_load(deps.storage, key.as_bytes())? {
        return Err(ContractError::KeyTaken { node: NodeId(node) });
    }
    verify_possession(&domain(env), node.operator.as_str(), &key, possession.as_slice())?;
    let now = COUNTER.load(deps.storage)?.epoch;
    let from_epoch = Epoch(now.get().saturating_add(limits::ACTIVATION_EPOCHS));
    let older = node.keys.len().saturating_sub(1);
    node.keys.drain(..older);
    node.keys.push(KeyFrom { epoch: from_epoch, key });
    node.rotated_at = env.block.height;
    NODES.save(deps.storage, id.get(), &node)?;
    NODE_BY_KEY.save(deps.storage, key.as_bytes(), &id.get())?;
    Ok(Response::new().add_event(KeyRotated { node: id, key, from_epoch }))
}
