//! Takes over a node that was offered. The accounts that the old operator named act and earn no longer.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use gateway_api::events::NodeTransferred;
use gateway_api::NodeId;

use crate::error::ContractError;
use crate::state::counter::COUNTER;
use crate::state::nodes::{hand_over, node as load, NODES};
use crate::state::requests::oldest_epoch;

pub(crate) fn accept_node(
    deps: DepsMut<'_>,
    info: MessageInfo,
    id: NodeId,
) -> Result<Response, ContractError> {
    let mut node = load(deps.storage, id)?;
    let (now, oldest) = (COUNTER.load(deps.storage)?.epoch, oldest_epoch(deps.storage)?);
    hand_over(deps.storage, &mut node, now, oldest, info.sender.clone())?;
    (node.offered_to, node.payout, node.daemon) = (None, None, None);
    NODES.save(deps.storage, id.get(), &node)?;
    Ok(Response::new().add_event(NodeTransferred { node: id, operator: info.sender.into_string() }))
}
