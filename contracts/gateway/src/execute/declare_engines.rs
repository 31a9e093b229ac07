//! Says which engines a node can run. What it attests with is what each draw requires; this only counts who is ready.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::EnginesDeclared;
use gateway_api::{limits, EngineId, NodeId};

use crate::error::ContractError;
use crate::state::engines::move_units;
use crate::state::nodes::{node as load, NODES};

pub(crate) fn declare_engines(
    deps: DepsMut<'_>,
    id: NodeId,
    engines: Vec<EngineId>,
) -> Result<Response, ContractError> {
    let twice =
        engines.iter().enumerate().any(|(at, engine)| engines.iter().skip(at + 1).any(|e| e == engine));
    if engines.len() > limits::MAX_NODE_ENGINES || twice {
        return Err(ContractError::InvalidEngine { fault: "a node declares at most 4 engines, each once" });
    }
    let mut node = load(deps.storage, id)?;
    let units = node.coming_units();
    move_units(deps.storage, &node.engines, units, 0)?;
    move_units(deps.storage, &engines, 0, units)?;
    node.engines = engines;
    NODES.save(deps.storage, id.get(), &node)?;
    let engines: Vec<String> = node.engines.iter().map(EngineId::to_string).collect();
    let engines = if engines.is_empty() { "none".to_owned() } else { engines.join(",") };
    Ok(Response::new().add_event(EnginesDeclared { node: id, engines, units }))
}
