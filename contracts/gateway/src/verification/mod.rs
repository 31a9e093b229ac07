//! Verifies publications: who was drawn, who agrees, and whether that is a quorum. Reads only; `Publish` acts on its verdict
//! and `CheckPublication` returns it. The rules themselves are in `gateway-protocol`.

mod agreement;
mod lookup;
mod proofs;

pub(crate) use lookup::Lookup;
use lookup::Terms;
pub(crate) use proofs::{verify_all, verify_each};

use cosmwasm_std::{Addr, StdError};
use gateway_api::{
    limits, Attempt, AttestationBytes, CodeHash, Commit, Epoch, NodeId, NodeKey, Publication, Refusal,
    RequestId, Round,
};
use gateway_protocol::{
    check_engine, check_published_body, evaluate_attestation, expected_seats, AttemptSchedule, Domain,
    DrawContext, DrawnRequest, Member, OutcomeHash, Quorum, Threshold,
};

use crate::error::ContractError;
use crate::state::counter::RoundRecord;
use crate::state::participation::ONE_SEAT;
use crate::state::projects::VersionRecord;
use crate::state::requests::{Drawn, Request, State};
use crate::state::vec_map::VecMap;

/// A refusal, or a fault of the contract's own state.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The publication is refused.
    Refused(Refusal),
    /// The state could not be read.
    Broken(ContractError),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ContractError> for Fault {
    fn from(error: ContractError) -> Self {
        Self::Broken(error)
    }
}

impl From<StdError> for Fault {
    fn from(error: StdError) -> Self {
        Self::Broken(error.into())
    }
}

/// The block in which publications are verified.
#[derive(Clone, Copy)]
pub(crate) struct BlockContext<'a> {
    /// What preimages are bound to.
    pub(crate) domain: Domain<'a>,
    /// The block's height.
    pub(crate) height: u64,
}

/// A drawn request with everything that verification reads of it.
pub(crate) struct OpenRequest {
    /// The request.
    pub(crate) request: Request,
    /// Its version.
    pub(crate) version: VersionRecord,
    /// The round that drew it.
    pub(crate) round: Round,
    /// The round's record.
    pub(crate) drawn: RoundRecord,
    /// Whether a draw of the class `beacon` had too few tickets.
    pub(crate) fallback: bool,
    /// All active units of the draw's epoch.
    pub(crate) units: u64,
    /// Blocks an attempt lasts.
    pub(crate) attempt_blocks: u64,
    /// Largest body that is published whole.
    pub(crate) inline_limit: u32,
}

/// A node whose attestation agrees with the outcome.
pub(crate) struct Agreed {
    /// The node.
    pub(crate) node: NodeId,
    /// Its operator.
    pub(crate) operator: Addr,
    /// Who earns for it.
    pub(crate) earner: Addr,
    /// Its seats.
    pub(crate) seats: u32,
}

/// What a node's proof has to prove.
pub(crate) struct Claim {
    /// The node.
    pub(crate) node: NodeId,
    /// Its key.
    pub(crate) key: NodeKey,
    /// The proof.
    pub(crate) proof: AttestationBytes,
    /// The commitment it signs.
    pub(crate) commit: Commit,
}

/// A publication that holds if its proofs do.
pub(crate) struct Evaluation {
    /// The request answered.
    pub(crate) id: RequestId,
    /// The request's record.
    pub(crate) request: Request,
    /// The round that drew it.
    pub(crate) round: Round,
    /// The attempt whose quorum was applied.
    pub(crate) attempt: Attempt,
    /// The nodes that agree.
    pub(crate) agreed: Vec<Agreed>,
    /// Their seats.
    pub(crate) seats: u32,
    /// Their operators.
    pub(crate) operators: u32,
    /// The seats of all that attest.
    pub(crate) attesting: u32,
    /// What must agree.
    pub(crate) quorum: Quorum,
    /// The draw all proofs are for.
    pub(crate) context: DrawContext,
    /// Every proof, of those that agree and of those that do not.
    pub(crate) claims: Vec<Claim>,
    /// The epoch whose units count.
    pub(crate) epoch: Epoch,
    /// What turns outputs into seats.
    pub(crate) threshold: Threshold,
    /// Seats to be expected of one unit, in millionths.
    pub(crate) expected_of_unit: u64,
    /// The first attestation's outcome; everybody's where values are not compared.
    pub(crate) outcome: OutcomeHash,
    /// Whether all attestations are for that one outcome.
    pub(crate) exact: bool,
    /// The code that the request pinned.
    pub(crate) code: CodeHash,
    /// Whether a draw of the class `beacon` had too few tickets.
    pub(crate) fallback: bool,
}

impl Evaluation {
    /// Checks whether those that agree are a quorum.
    pub(crate) fn check_quorum(&self) -> Result<(), Refusal> {
        self.quorum.check(self.seats, self.operators, self.attesting)
    }

    /// Recounts seats and operators of those that agree.
    pub(crate) fn count(&mut self) {
        self.seats = self.agreed.iter().fold(0u32, |sum, seated| sum.saturating_add(seated.seats));
        let mut operators = VecMap::new();
        for seated in &self.agreed {
            operators.insert(&seated.operator);
        }
        self.operators = u32::try_from(operators.len()).unwrap_or(u32::MAX);
    }
}

/// Verifies one publication except for its proofs.
pub(crate) fn verify_publication(
    block: BlockContext<'_>,
    lookup: &mut Lookup<'_>,
    publication: &Publication,
) -> Result<Evaluation, Fault> {
    let evaluation = evaluate(block, lookup, publication)?;
    evaluation.check_quorum()?;
    Ok(evaluation)
}

/// Evaluates attestations except for their proofs and the quorum. Checks go from cheap to expensive.
pub(crate) fn evaluate(
    block: BlockContext<'_>,
    lookup: &mut Lookup<'_>,
    publication: &Publication,
) -> Result<Evaluation, Fault> {
    let id = publication.request;
    let open = open_request(block, lookup, id)?;
    let OpenRequest { request, version, round, drawn, fallback, units, attempt_blocks, inline_limit } = open;
    let policy = &version.policy;
    let attempt = publication.attempt;
    let schedule = AttemptSchedule { drawn_at: drawn.height, blocks: attempt_blocks };
    if !schedule.has_begun(attempt, block.height) {
        return Err(Refusal::AttemptNotBegun {}.into());
    }
    check_published_body(&publication.body, policy.max_result_bytes, inline_limit)?;
    check_engine(lookup.engine(drawn.epoch, policy.profile)?, publication.engine)?;
    let attestations = &publication.attestations;
    if attestations.is_empty() || attestations.len() > limits::MAX_ATTESTATIONS {
        return Err(Refusal::AttestationCount {}.into());
    }
    let mut seen = VecMap::new();
    if let Some(twice) = attestations.iter().find(|attestation| !seen.insert(attestation.node)) {
        return Err(Refusal::DuplicateNode { node: twice.node }.into());
    }
    let mut proofs = Vec::with_capacity(attestations.len());
    for attestation in attestations {
        proofs.push(AttestationBytes::from_slice(&attestation.proof)?);
    }

    let threshold = Threshold::new(policy.committee, attempt, units);
    let mut nodes = Vec::with_capacity(attestations.len());
    let mut operators = Vec::with_capacity(attestations.len());
    for (attestation, proof) in attestations.iter().zip(&proofs) {
        let node = attestation.node;
        let record = lookup.node(node)?.ok_or(Refusal::UnknownNode { node })?;
        let member = record.member_at(node, drawn.epoch)?;
        nodes.push(evaluate_attestation(member, &threshold, proof)?);
        operators.push((record.operator.clone(), record.earner().clone()));
    }

    let draw = DrawnRequest {
        domain: block.domain,
        request: id,
        code: version.code,
        input: request.input_hash,
        seed: drawn.seed,
    };
    let outcomes = agreement::outcomes(&draw, policy, publication, &nodes)?;
    let (first, _) = *outcomes.first().ok_or(Refusal::AttestationCount {})?;
    let attesting = nodes.iter().fold(0u32, |sum, seated| sum.saturating_add(seated.seats));
    let mut claims = Vec::with_capacity(nodes.len());
    let mut agreed = Vec::with_capacity(nodes.len());
    let attested = nodes.into_iter().zip(operators).zip(proofs).zip(outcomes);
    for (((seated, (operator, earner)), proof), (outcome, agrees)) in attested {
        let Member { node, key, .. } = seated.member;
        let commit = draw.commitment(&key, &outcome, &proof.salt);
        claims.push(Claim { node, key, proof, commit });
        if agrees {
            agreed.push(Agreed { node, operator, earner, seats: seated.seats });
        }
    }
    let mut evaluation = Evaluation {
        id,
        round,
        attempt,
        agreed,
        seats: 0,
        operators: 0,
        attesting,
        quorum: Quorum::new(policy, publication.class, attempt, units),
        context: draw.context(),
        claims,
        epoch: drawn.epoch,
        threshold,
        expected_of_unit: expected_seats(policy.committee, attempt, units)
            .saturating_mul(ONE_SEAT)
            .checked_div(units)
            .unwrap_or_default(),
        outcome: first,
        exact: agreement::is_exact(policy, publication.class),
        code: version.code,
        fallback,
        request,
    };
    evaluation.count();
    Ok(evaluation)
}

/// The request, if it is open, in time and drawn.
fn open_request(
    block: BlockContext<'_>,
    lookup: &mut Lookup<'_>,
    id: RequestId,
) -> Result<OpenRequest, Fault> {
    let request = lookup.request(id)?.ok_or(Refusal::UnknownRequest {})?;
    if request.state != State::Open {
        return Err(Refusal::Closed {}.into());
    }
    if block.height > request.deadline {
        return Err(Refusal::PastDeadline {}.into());
    }
    let drawn = lookup.drawn_by(&request, block.height)?;
    let Drawn { round, record: drawn, fallback } = drawn.ok_or(Refusal::NotDrawn {})?;
    let mut version = lookup.version(request.project, request.version)?;
    request.tighten(&mut version.policy);
    let units = lookup.units(drawn.epoch)?;
    let Terms { block_time_ms, inline_limit } = lookup.terms(request.settings_version)?;
    let attempt_blocks = version.policy.attempt_blocks(block_time_ms);
    Ok(OpenRequest { request, version, round, drawn, fallback, units, attempt_blocks, inline_limit })
}
