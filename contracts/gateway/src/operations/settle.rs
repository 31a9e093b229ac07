//! Ends a request with its result: stores it, pays the seats that agreed alike, the publisher and, for a value, the owner,
//! returns what is left, and calls back.

use cosmwasm_std::{Addr, Response, Storage, Uint128};
use gateway_api::events::RequestFulfilled;
use gateway_api::{AgreedNode, Body, OutcomeClass, Publication, Resolution, Settings};
use gateway_protocol::body_digest;

use super::callback::{self, Call};
use super::refund;
use super::treasury::{self, part};
use crate::error::ContractError;
use crate::state::ledger::Book;
use crate::state::participation;
use crate::state::projects::project;
use crate::state::requests::{Ends, State};
use crate::state::results::{ResultRecord, RESULTS};
use crate::verification::Evaluation;

/// An agreed outcome and who brought it.
pub(crate) struct Settlement<'a> {
    /// The verdict.
    pub(crate) evaluation: Evaluation,
    /// The publication it is about.
    pub(crate) publication: Publication,
    /// Who published it.
    pub(crate) publisher: &'a Addr,
    /// The height.
    pub(crate) height: u64,
    /// The settings that apply now.
    pub(crate) settings: &'a Settings,
}

/// Ends the request.
pub(crate) fn settle(
    storage: &mut dyn Storage,
    book: &mut Book,
    ends: &mut Ends,
    response: Response,
    settlement: Settlement<'_>,
) -> Result<Response, ContractError> {
    let Settlement { evaluation, publication, publisher, height, settings } = settlement;
    let Evaluation {
        id,
        mut request,
        round,
        attempt,
        agreed,
        seats,
        quorum,
        epoch,
        expected_of_unit,
        code,
        fallback,
        ..
    } = evaluation;
    if settings.silence_bps > 0 {
        participation::record(
            storage,
            epoch,
            expected_of_unit,
            agreed.iter().map(|node| (node.node, node.seats)),
        )?;
    }

    let paid = pay(storage, book, &request, publication.class, &agreed, (seats, publisher))?;
    let Paid { returned, cut } = paid;
    ends.end(storage, id, &mut request, State::Fulfilled, returned)?;
    let Publication { engine, class, body, .. } = publication;
    let project = request.project;
    let digest = match &body {
        Body::Inline { text } => body_digest(text).sha256,
        Body::Hashed { sha256, .. } => *sha256,
    };
    let resolution = Resolution::Fulfilled { class, body: body.clone() };
    RESULTS.save(
        storage,
        id.get(),
        &ResultRecord {
            project,
            class,
            body,
            engine,
            round,
            attempt,
            agreed: agreed.iter().map(|node| AgreedNode { node: node.node, seats: node.seats }).collect(),
            seats,
            quorum_seats: quorum.seats,
            publisher: publisher.clone(),
            height,
            fallback,
        },
    )?;
    Ok(response
        .add_event(RequestFulfilled {
            request: id,
            project,
            version: request.version,
            draw: request.draw.class(),
            class,
            body: digest,
            engine,
            publisher: publisher.to_string(),
            round,
            attempt,
            seats,
            quorum_seats: quorum.seats,
            returned,
        })
        .add_messages(treasury::give(book, settings.treasury.as_deref(), cut, &settings.denom)?)
        .add_submessages(refund::give_back(storage, book, (id, &request), returned, &settings.denom)?)
        .add_submessages(callback::send(
            storage,
            Call { id, request: &request, code, resolution, failed: 0 },
        )?))
}

/// What is left of a fee when those who earned it are paid.
struct Paid {
    returned: Uint128,
    /// The treasury's.
    cut: Uint128,
}

/// Releases the fee to those who earned it; what is returned to the requester is the rest.
fn pay(
    storage: &dyn Storage,
    book: &mut Book,
    request: &crate::state::requests::Request,
    class: OutcomeClass,
    agreed: &[crate::verification::Agreed],
    (seats, publisher): (u32, &Addr),
) -> Result<Paid, ContractError> {
    let charge = &request.charge;
    // A committee may come out larger than expected: then the pool is shared, and never overdrawn.
    let share = charge.committee.checked_div(Uint128::from(seats))?;
    let seat = charge.seat.min(share);
    book.release(charge.sent)?;
    let (mut left, mut cut) = (charge.sent, Uint128::zero());
    let mut give = |to: &Addr, amount: Uint128, share: u16| -> Result<(), ContractError> {
        left = left.checked_sub(amount)?;
        let kept = part(amount, share)?;
        cut = cut.checked_add(kept)?;
        book.credit(to, amount.checked_sub(kept)?)
    };
    for node in agreed {
        give(&node.earner, seat.checked_mul(Uint128::from(node.seats))?, charge.treasury_bps)?;
    }
    give(publisher, charge.relay, charge.treasury_bps)?;
    // The owner answers for its code: an agreed error costs the requester no price.
    if !charge.project.is_zero() && class == OutcomeClass::Ok {
        give(&project(storage, request.project)?.owner, charge.project, 0)?;
    }
    Ok(Paid { returned: left, cut })
}
