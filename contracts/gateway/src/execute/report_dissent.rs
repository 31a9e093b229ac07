//! Takes the attestation of a seated node against the result of a request whose code is declared deterministic. One of the two
//! is wrong, and the result has the quorum: the node loses what the settings of the request say, once for each request, and
//! only while its stake of that time can still be on its way out.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use gateway_api::events::NodeDissented;
use gateway_api::{AttestationBytes, Settings, SignedOutcome};
use gateway_protocol::{body_digest, evaluate_attestation, BodyDigest, DrawnRequest, Member, Threshold};

use crate::domain::domain;
use crate::error::ContractError;
use crate::operations::treasury::part;
use crate::operations::{penalty, stake};
use crate::state::counter::EPOCHS;
use crate::state::governance::{current_settings, settings_at};
use crate::state::nodes::{node as load, NODES};
use crate::state::participation::{dissents, DISSENTED};
use crate::state::projects::version;
use crate::state::requests::{request as load_request, Drawn};
use crate::state::results::RESULTS;

pub(crate) fn report_dissent(
    deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    signed_outcome: SignedOutcome,
) -> Result<Response, ContractError> {
    let SignedOutcome { request: id, engine, class, body, attestation } = signed_outcome;
    let not = |reason: &'static str| Err(ContractError::NotDissent { reason });
    let request = load_request(deps.storage, id)?;
    let Settings {
        dissent_slash_bps,
        dissent_jail_after,
        stake_unit,
        jail_blocks,
        reporter_bps,
        unbonding_blocks,
        ..
    } = settings_at(deps.storage, request.settings_version)?;
    if dissent_slash_bps == 0 && dissent_jail_after == 0 {
        return not("it costs nothing under the request's settings");
    }
    let mut version = version(deps.storage, request.project, request.version)?;
    request.tighten(&mut version.policy);
    if !version.policy.deterministic {
        return not("the code is not declared deterministic");
    }
    let drawn = request.drawn_by(deps.storage, env.block.height)?;
    let (Some(result), Some(Drawn { record: round, .. })) =
        (RESULTS.may_load(deps.storage, id.get())?, drawn)
    else {
        return not("the request has no result");
    };
    if env.block.height > result.height.saturating_add(unbonding_blocks) {
        return not("it is older than the unbonding time");
    }
    if result.engine != engine {
        return not("the result is another engine's");
    }
    let body = body_digest(&body);
    if result.class == class && BodyDigest::of(&result.body) == body {
        return not("it is the result");
    }
    let key = (attestation.node.get(), id.get());
    if DISSENTED.has(deps.storage, key) {
        return Err(ContractError::AlreadyShown {});
    }

    let mut node = load(deps.storage, attestation.node)?;
    // Also a node that has been jailed since answers for what it attested.
    let member = Member::at(attestation.node, &node.keys, &node.schedule, false, round.epoch)
        .map_err(|_| ContractError::InactiveNode {})?;
    let invalid = |reason: String| ContractError::InvalidProof { reason };
    let proof =
        AttestationBytes::from_slice(&attestation.proof).map_err(|refusal| invalid(refusal.to_string()))?;
    let all = EPOCHS.load(deps.storage, round.epoch.get())?.units;
    let threshold = Threshold::new(version.policy.committee, result.attempt, all);
    if evaluate_attestation(member, &threshold, &proof).is_err() {
        return not("the node had no seat");
    }
    let (domain, input) = (domain(env), request.input_hash);
    let drawn = DrawnRequest { domain, request: id, code: version.code, input, seed: round.seed };
    drawn
        .verify(&member.key, &proof, &drawn.outcome(engine, class, body))
        .map_err(|error| invalid(error.to_string()))?;

    DISSENTED.save(deps.storage, key, &())?;
    let (_, settings) = current_settings(deps.storage)?;
    let taken = part(stake_unit, dissent_slash_bps)?;
    let amount = penalty::take_amount(&mut node, taken)?;
    // In the epoch of the draw: reports that are saved up count where they happened.
    let count = dissents(deps.storage, attestation.node, round.epoch)?;
    let jailed = dissent_jail_after > 0 && count >= dissent_jail_after;
    if jailed {
        node.jail(env.block.height.saturating_add(jail_blocks));
    }
    stake::follow_stake(deps.storage, &settings, attestation.node, &mut node)?;
    NODES.save(deps.storage, attestation.node.get(), &node)?;
    let reporter = penalty::Reporter { address: &info.sender, bps: reporter_bps };
    let burned = penalty::give_away(deps.storage, &settings, &node, amount, reporter)?;
    let reporter = info.sender.into_string();
    let event = NodeDissented { node: attestation.node, request: id, amount, jailed, reporter };
    Ok(Response::new().add_messages(burned).add_event(event))
}
