//! Takes attestations straight from nodes. They are verified once, kept, and end the request when they are a quorum:
//! no relay is needed for a result.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response, Storage};
use gateway_api::events::{AttestationsKept, PublicationRefused};
use gateway_api::{limits, NodeId, Publication, Refusal};

use crate::domain::domain;
use crate::error::ContractError;
use crate::operations::settle;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::requests::{Ends, REQUESTS};
use crate::state::tallies::{self, Member, Tally};
use crate::verification::{evaluate, verify_all, Agreed, BlockContext, Evaluation, Fault, Lookup};

pub(crate) fn attest(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    publication: Publication,
) -> Result<Response, ContractError> {
    let request = publication.request;
    let block = BlockContext { domain: domain(env), height: env.block.height };
    let mut lookup = Lookup::new(deps.storage);
    let mut verdicts = [match evaluate(block, &mut lookup, &publication) {
        // Values that are compared are aggregated together; there is no tally per value.
        Ok(evaluation) if !evaluation.exact => Err(Refusal::NotTheMedian {}),
        Ok(evaluation) => Ok(evaluation),
        Err(Fault::Refused(refusal)) => Err(refusal),
        Err(Fault::Broken(error)) => return Err(error),
    }];
    drop(lookup);
    verify_all(&mut verdicts);
    let [verdict] = verdicts;
    let gathered = match verdict {
        Ok(evaluation) => gather(deps.storage, evaluation, &publication)?,
        Err(refusal) => Err(refusal),
    };
    let (evaluation, tally) = match gathered {
        Ok(gathered) => gathered,
        Err(refusal) => {
            let reason = refusal.code().to_owned();
            return Ok(Response::new().add_event(PublicationRefused { request, reason }));
        }
    };
    if evaluation.check_quorum().is_err() {
        return keep(deps.storage, evaluation, &tally);
    }
    let (_, settings) = current_settings(deps.storage)?;
    let (mut book, mut ends) = (Book::open(deps.storage)?, Ends::new());
    let end = settle::Settlement {
        evaluation,
        publication,
        publisher: &info.sender,
        height: env.block.height,
        settings: &settings,
    };
    let response = settle::settle(deps.storage, &mut book, &mut ends, Response::new(), end)?;
    ends.close(deps.storage)?;
    book.close(deps.storage)?;
    Ok(response)
}

/// Adds the tally so far. A node attests one outcome of a request: one that is in another tally is refused.
fn gather(
    storage: &dyn Storage,
    mut evaluation: Evaluation,
    publication: &Publication,
) -> Result<Result<(Evaluation, Tally), Refusal>, ContractError> {
    let known = if evaluation.request.tallied { tallies::of(storage, evaluation.id)? } else { Vec::new() };
    let full = known.len() >= limits::MAX_TALLIES;
    let own: Vec<NodeId> = evaluation.claims.iter().map(|claim| claim.node).collect();
    let mut tally = None;
    for (outcome, other) in known {
        if outcome == evaluation.outcome.0 {
            tally = Some(other);
        } else if let Some(twice) = other.members.iter().find(|member| own.contains(&member.node)) {
            return Ok(Err(Refusal::DuplicateNode { node: twice.node }));
        }
    }
    if tally.is_none() && full {
        return Ok(Err(Refusal::AttestationCount {}));
    }
    let Publication { engine, class, body, .. } = publication.clone();
    let mut tally = tally.unwrap_or(Tally { engine, class, body, members: Vec::new() });
    let mut lookup = Lookup::new(storage);
    for member in &tally.members {
        if own.contains(&member.node) {
            continue;
        }
        let Some(node) = lookup.node(member.node)? else { continue };
        // In the attempt that is asked for, and none if it has been jailed meanwhile.
        let units = node.member_at(member.node, evaluation.epoch).map_or(0, |member| member.units);
        let seats = evaluation.threshold.seats(&member.output, units);
        if seats > 0 {
            let (operator, earner) = (node.operator.clone(), node.earner().clone());
            evaluation.agreed.push(Agreed { node: member.node, operator, earner, seats });
        }
    }
    let known: Vec<NodeId> = tally.members.iter().map(|member| member.node).collect();
    let new = evaluation.claims.iter().filter(|claim| !known.contains(&claim.node));
    tally.members.extend(new.map(|claim| Member { node: claim.node, output: claim.proof.output }));
    if tally.members.len() > limits::MAX_ATTESTATIONS {
        return Ok(Err(Refusal::AttestationCount {}));
    }
    evaluation.count();
    Ok(Ok((evaluation, tally)))
}

fn keep(storage: &mut dyn Storage, evaluation: Evaluation, tally: &Tally) -> Result<Response, ContractError> {
    let Evaluation { id, mut request, outcome, seats, quorum, .. } = evaluation;
    tallies::save(storage, id, &outcome, tally)?;
    if !request.tallied {
        request.tallied = true;
        REQUESTS.save(storage, id.get(), &request)?;
    }
    let nodes = u32::try_from(tally.members.len()).unwrap_or(u32::MAX);
    Ok(Response::new().add_event(AttestationsKept { request: id, nodes, seats, quorum_seats: quorum.seats }))
}
