//! Jails a node that was hardly ever seen where it was to be seen often. It loses nothing but the draws it misses: a relay
//! may have left it out, or published before it attested.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::NodeSilent;
use gateway_api::{limits, Epoch, NodeId, PresenceResponse, Settings};

use crate::error::ContractError;
use crate::operations::stake;
use crate::state::counter::EPOCHS;
use crate::state::governance::{current_settings, settings_at};
use crate::state::nodes::{node as load, NODES};
use crate::state::participation::{presence, silenced};

pub(crate) fn report_silence(
    deps: DepsMut<'_>,
    env: &Env,
    id: NodeId,
    epoch: Epoch,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    // What was asked of nodes when the epoch began.
    let Settings { silence_bps, jail_blocks, .. } =
        match EPOCHS.may_load(deps.storage, epoch.get())?.and_then(|record| record.settings_version) {
            Some(version) => settings_at(deps.storage, version)?,
            None => settings.clone(),
        };
    let mut node = load(deps.storage, id)?;
    if let Some(until) = node.jailed_until {
        return Err(ContractError::Jailed { until });
    }
    let PresenceResponse { seen, expected } = presence(deps.storage, id, &node, epoch)?;
    let bound = expected.saturating_mul(silence_bps.into());
    let enough = seen.saturating_mul(limits::BPS.into()) >= bound;
    if expected < limits::MIN_EXPECTED_SEATS || enough {
        return Err(ContractError::NotSilent { seen, expected });
    }
    silenced(deps.storage, id, epoch)?;
    let until = env.block.height.saturating_add(jail_blocks);
    node.jail(until);
    stake::follow_stake(deps.storage, &settings, id, &mut node)?;
    NODES.save(deps.storage, id.get(), &node)?;
    Ok(Response::new().add_event(NodeSilent { node: id, epoch, seen, expected, until }))
}
