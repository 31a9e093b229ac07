//! What nodes sign besides attestations, honest or not: evidence against themselves, and beacon tickets.

use cosmwasm_std::Binary;
use gateway_api::*;
use gateway_protocol::{body_digest, make_ticket, Domain, DrawnRequest};

use crate::world::{TestNode, World};

/// What a node signed for a body, as evidence.
pub(crate) fn signed(world: &World, node: &TestNode, request: RequestId, body: &str) -> SignedCommit {
    let attestation = world.attest(node, request, OutcomeClass::Ok, body);
    let asked: RequestResponse = world.ask(&QueryMsg::Request { request });
    let chain_id = world.chain_id();
    let domain = Domain { chain_id: &chain_id, contract: world.gateway.as_str() };
    let drawn = DrawnRequest::of(domain, &asked, asked.draw.as_ref().unwrap());
    let outcome = drawn.outcome(node.engine, OutcomeClass::Ok, body_digest(body));
    let salt = AttestationBytes::from_slice(&attestation.proof).unwrap().salt;
    let commit = drawn.commitment(&node.secret.key().public(), &outcome, &salt);
    SignedCommit { commit, proof: attestation.proof }
}

/// A node's signed outcome, as it sends it to relays.
pub(crate) fn signed_outcome(
    world: &World,
    node: &TestNode,
    request: RequestId,
    body: &str,
) -> SignedOutcome {
    let (engine, class) = (node.engine, OutcomeClass::Ok);
    let attestation = world.attest(node, request, class, body);
    SignedOutcome { request, engine, class, body: body.to_owned(), attestation }
}

pub(crate) fn evidence(world: &World, node: &TestNode, request: RequestId) -> Equivocation {
    let (first, second) = (signed(world, node, request, "3"), signed(world, node, request, "4"));
    Equivocation { request, node: node.id, first, second }
}

/// A node's ticket for a seed.
pub(crate) fn ticket(world: &World, node: &TestNode, seed: &Seed) -> Binary {
    let chain_id = world.chain_id();
    let domain = Domain { chain_id: &chain_id, contract: world.gateway.as_str() };
    make_ticket(&domain, seed, &node.secret.key()).to_binary()
}
