//! Slashes a node that signed two commitments for one request. The evidence is self-contained and may come late: as
//! long as any of the stake is here.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use gateway_api::events::NodeSlashed;
use gateway_api::{AttestationBytes, Equivocation, Settings, SignedCommit};
use gateway_protocol::{verify_one, DrawContext};

use crate::domain::domain;
use crate::error::ContractError;
use crate::operations::{penalty, stake};
use crate::state::governance::{current_settings, settings_at};
use crate::state::nodes::{node as load, NODES};
use crate::state::requests::request as load_request;
use crate::state::tallies::SLASHED;

pub(crate) fn submit_evidence(
    deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    evidence: &Equivocation,
) -> Result<Response, ContractError> {
    let Equivocation { request, node: id, first, second } = evidence;
    if first.commit == second.commit {
        return Err(ContractError::SameCommit {});
    }
    if SLASHED.has(deps.storage, (id.get(), request.get())) {
        return Err(ContractError::AlreadyShown {});
    }
    let asked = load_request(deps.storage, *request)?;
    let drawn = asked.drawn_by(deps.storage, env.block.height)?;
    let round = drawn.ok_or(ContractError::NotDrawn {})?.record;
    let mut node = load(deps.storage, *id)?;
    let key = node.key_at(round.epoch).ok_or(ContractError::InactiveNode {})?;
    let context = DrawContext::new(&domain(env), &round.seed, *request);
    for SignedCommit { commit, proof } in [first, second] {
        let invalid = |reason: String| ContractError::InvalidProof { reason };
        let proof = AttestationBytes::from_slice(proof).map_err(|refusal| invalid(refusal.to_string()))?;
        verify_one(&context, &key, &proof, commit).map_err(|error| invalid(error.to_string()))?;
    }

    let (_, settings) = current_settings(deps.storage)?;
    // What it costs was known when the request was opened; what is changed later reaches no further back.
    let Settings { slash_bps, jail_blocks, reporter_bps, .. } =
        settings_at(deps.storage, asked.settings_version)?;
    let amount = penalty::take_share(&mut node, slash_bps)?;
    node.jail(env.block.height.saturating_add(jail_blocks));
    stake::follow_stake(deps.storage, &settings, *id, &mut node)?;
    NODES.save(deps.storage, id.get(), &node)?;
    SLASHED.save(deps.storage, (id.get(), request.get()), &())?;

    let reporter = penalty::Reporter { address: &info.sender, bps: reporter_bps };
    let burned = penalty::give_away(deps.storage, &settings, &node, amount, reporter)?;
    let reporter = info.sender.into_string();
    Ok(Response::new().add_messages(burned).add_event(NodeSlashed {
        node: *id,
        request: *request,
        amount,
        reporter,
    }))
}
