//! Registers a node with its stake. Its key draws two epochs later, so that nobody can choose one after seeing a seed.

use cosmwasm_std::{to_json_binary, DepsMut, Env, MessageInfo, Response};
use gateway_api::events::NodeRegistered;
use gateway_api::{limits, Epoch, KeyFrom, NodeId, RegisterNode};
use gateway_protocol::verify_possession;

use crate::domain::domain;
use crate::error::ContractError;
use crate::operations::funds;
use crate::state::counter::COUNTER;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::nodes::{next_id, reschedule, units_of, Node, NODES, NODE_BY_KEY};
use crate::state::requests::oldest_epoch;

pub(crate) fn register_node(
    deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    msg: RegisterNode,
) -> Result<Response, ContractError> {
    let RegisterNode { key, possession, engine, moniker, endpoint } = msg;
    let (_, settings) = current_settings(deps.storage)?;
    let stake = funds::sent(&info, &settings.denom)?;
    let units = units_of(stake, settings.stake_unit);
    if units == 0 {
        return Err(ContractError::StakeBelowUnit { unit: settings.stake_unit });
    }
    if let Some(node) = NODE_BY_KEY.may_load(deps.storage, key.as_bytes())? {
        return Err(ContractError::KeyTaken { node: NodeId(node) });
    }
    verify_possession(&domain(env), info.sender.as_str(), &key, possession.as_slice())?;

    let now = COUNTER.load(deps.storage)?.epoch;
    let oldest = oldest_epoch(deps.storage)?;
    let id = next_id(deps.storage)?;
    let operator = info.sender;
    let mut node = Node {
        operator: operator.clone(),
        keys: vec![KeyFrom { epoch: now, key }],
        engine,
        moniker,
        endpoint,
        stake,
        schedule: Vec::new(),
        unbonding: Vec::new(),
        jailed_until: None,
        rotated_at: env.block.height,
        payout: None,
        daemon: None,
        offered_to: None,
        engines: Vec::new(),
    };
    reschedule(deps.storage, &mut node, now, oldest, 0, units)?;
    NODES.save(deps.storage, id.get(), &node)?;
    NODE_BY_KEY.save(deps.storage, key.as_bytes(), &id.get())?;
    let mut book = Book::open(deps.storage)?;
    book.stake_in(stake)?;
    book.close(deps.storage)?;

    let from_epoch = Epoch(now.get().saturating_add(limits::ACTIVATION_EPOCHS));
    Ok(Response::new()
        .add_event(NodeRegistered {
            node: id,
            operator: operator.into_string(),
            key,
            engine,
            units,
            from_epoch,
        })
        .set_data(to_json_binary(&id)?))
}
