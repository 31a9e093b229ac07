//! Requests and the indexes that find the open ones. Inputs are stored apart: verification reads none.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage, Uint128};
use gateway_api::{
    DrawClass, Epoch, InputHash, Policy, ProjectId, RequestId, Round, ScheduleId, SettingsVersion,
    SubscriptionId, Version,
};

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};
use crate::state::counter::{beacon_draw, drawing_round, BeaconDraw, RoundRecord, COUNTER, EPOCHS, ROUNDS};
use crate::state::projects::OPEN_BY_PROJECT;
use crate::state::tallies;
use crate::state::vec_map::VecMap;

/// Which round draws a request.
#[cw_serde]
pub(crate) enum DrawSource {
    /// The first round opened above the request's height: this one, or the next where this one opened in its block.
    Next(Round),
    /// This round.
    Fixed(Round),
    /// As `Next`, with the round's tickets.
    Beacon(Round),
}

impl DrawSource {
    /// The class of the draw.
    pub(crate) fn class(&self) -> DrawClass {
        match self {
            Self::Next(_) => DrawClass::Normal,
            Self::Fixed(_) => DrawClass::Fast,
            Self::Beacon(_) => DrawClass::Beacon,
        }
    }
}

/// How a request stands in the contract's books.
#[cw_serde]
pub(crate) enum State {
    /// It waits for its draw or its result.
    Open,
    /// It has a result.
    Fulfilled,
    /// It was refunded.
    Expired,
}

/// The draw of a request.
pub(crate) struct Drawn {
    /// The round.
    pub(crate) round: Round,
    /// The seed, and the height from which attempts count; all else as the round has it.
    pub(crate) record: RoundRecord,
    /// Whether a draw of the class `beacon` had too few tickets.
    pub(crate) fallback: bool,
}

/// What was charged, by purpose; `sent` may be more.
#[cw_serde]
pub(crate) struct Charge {
    /// Everything the requester sent: what is reserved.
    pub(crate) sent: Uint128,
    /// For the committee's seats.
    pub(crate) committee: Uint128,
    /// What one seat earns at most.
    pub(crate) seat: Uint128,
    /// For the publisher.
    pub(crate) relay: Uint128,
    /// For the project's owner.
    pub(crate) project: Uint128,
    /// The treasury's share of what seats and publisher earn, basis points.
    pub(crate) treasury_bps: u16,
}

/// What a request asked for beyond its version's policy, with the policy's own values where it asked for nothing.
#[cw_serde]
pub(crate) struct Stricter {
    committee: u32,
    quorum_bps: u16,
    min_operators: u16,
}

impl Stricter {
    /// What of a policy a request may have asked for.
    pub(crate) fn of(policy: &Policy) -> Self {
        let Policy { committee, quorum_bps, min_operators, .. } = *policy;
        Self { committee, quorum_bps, min_operators }
    }
}

/// A request.
#[cw_serde]
pub(crate) struct Request {
    /// The project asked.
    pub(crate) project: ProjectId,
    /// The version pinned.
    pub(crate) version: Version,
    /// Who asked and paid.
    pub(crate) requester: Addr,
    /// The input's hash.
    pub(crate) input_hash: InputHash,
    /// Gas of the callback, where one was asked for.
    pub(crate) callback_gas: Option<u64>,
    /// The height at which it was opened.
    pub(crate) height: u64,
    /// The epoch in which it was opened.
    pub(crate) epoch: Epoch,
    /// The last height at which it may be fulfilled.
    pub(crate) deadline: u64,
    /// What it was charged.
    pub(crate) charge: Charge,
    /// The settings it was opened under.
    pub(crate) settings_version: SettingsVersion,
    /// The round that draws it.
    pub(crate) draw: DrawSource,
    /// How it stands.
    pub(crate) state: State,
    /// What was returned to the requester at its end.
    pub(crate) returned: Uint128,
    /// Whether attestations gather for it.
    pub(crate) tallied: bool,
    /// What it asked for beyond its version's policy.
    pub(crate) stricter: Option<Stricter>,
    /// Who receives what is not used, where it is not the requester.
    pub(crate) refund_to: Option<Addr>,
    /// The subscription that paid.
    pub(crate) subscription: Option<SubscriptionId>,
    /// The schedule that opened it.
    pub(crate) schedule: Option<ScheduleId>,
}

impl Request {
    /// Who receives what is not used.
    pub(crate) fn refunded(&self) -> &Addr {
        self.refund_to.as_ref().unwrap_or(&self.requester)
    }

    /// Returns the effective policy from its version's policy.
    pub(crate) fn tighten(&self, policy: &mut Policy) {
        if let Some(Stricter { committee, quorum_bps, min_operators }) = self.stricter {
            policy.committee = committee;
            policy.quorum_bps = quorum_bps;
            policy.min_operators = min_operators;
        }
    }

    /// The draw of the request as it stands at a height, once there is one.
    ///
    /// # Errors
    /// [`ContractError::Std`] where the storage fails.
    pub(crate) fn drawn_by(
        &self,
        storage: &dyn Storage,
        height: u64,
    ) -> Result<Option<Drawn>, ContractError> {
        self.drawn(storage, height, &mut |round| ROUNDS.may_load(storage, round.get()))
    }

    /// The draw of the request as it stands at a height, by whatever reads rounds.
    ///
    /// # Errors
    /// [`ContractError::Std`] where a record cannot be read, and what `read` fails with.
    pub(crate) fn drawn(
        &self,
        storage: &dyn Storage,
        height: u64,
        read: &mut dyn FnMut(Round) -> Result<Option<RoundRecord>, ContractError>,
    ) -> Result<Option<Drawn>, ContractError> {
        let drawn = |(round, record)| Drawn { round, record, fallback: false };
        match self.draw {
            DrawSource::Next(hint) => Ok(drawing_round(read, hint, self.height)?.map(drawn)),
            // Attempts count from the request: the round may be long past.
            DrawSource::Fixed(round) => Ok(read(round)?.map(|record| {
                let height = record.height.max(self.height);
                drawn((round, RoundRecord { height, ..record }))
            })),
            DrawSource::Beacon(hint) => {
                let Some((round, record)) = drawing_round(read, hint, self.height)? else { return Ok(None) };
                let draw = beacon_draw(storage, round, record, height)?;
                Ok(draw.map(|BeaconDraw { round: record, fallback }| Drawn { round, record, fallback }))
            }
        }
    }
}

impl Record for Request {}

const LAST_REQUEST: Item<u64> = Item::new("last_request");
/// Requests by id, for ever.
pub(crate) const REQUESTS: Map<u64, Request> = Map::new("requests");
const INPUTS: Map<u64, String> = Map::new("inputs");
/// Open requests in order of their ids.
pub(crate) const OPEN: Map<u64, ()> = Map::new("open");
/// Open requests in order of their deadlines.
pub(crate) const DEADLINES: Map<(u64, u64), ()> = Map::new("deadlines");
/// Open requests by payer.
pub(crate) const OPEN_BY_PAYER: Map<&Addr, u32> = Map::new("open_by_payer");

/// Stores a new request with its input and enters it into every index.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn open(
    storage: &mut dyn Storage,
    request: &Request,
    input: &String,
) -> Result<RequestId, ContractError> {
    let id = LAST_REQUEST.may_load(storage)?.unwrap_or_default().saturating_add(1);
    LAST_REQUEST.save(storage, &id)?;
    REQUESTS.save(storage, id, request)?;
    INPUTS.save(storage, id, input)?;
    OPEN.save(storage, id, &())?;
    DEADLINES.save(storage, (request.deadline, id), &())?;
    let (payer, project) = (&request.requester, request.project.get());
    let more = OPEN_BY_PAYER.may_load(storage, payer)?.unwrap_or_default().saturating_add(1);
    OPEN_BY_PAYER.save(storage, payer, &more)?;
    let more = OPEN_BY_PROJECT.may_load(storage, project)?.unwrap_or_default().saturating_add(1);
    OPEN_BY_PROJECT.save(storage, project, &more)?;
    Ok(RequestId(id))
}

/// Requests that one message ends. What they give back to the counts of open ones is written once, however many they are:
/// two counts for each of 150 results were a third of all they cost.
pub(crate) struct Ends {
    by_payer: VecMap<Addr, u32>,
    by_project: VecMap<u64, u32>,
}

impl Ends {
    /// None so far.
    pub(crate) const fn new() -> Self {
        Self { by_payer: VecMap::new(), by_project: VecMap::new() }
    }

    /// Ends a request: takes it out of every index and drops its input. The record stays.
    ///
    /// # Errors
    /// [`ContractError::Std`] where the storage fails or holds an unreadable record.
    pub(crate) fn end(
        &mut self,
        storage: &mut dyn Storage,
        id: RequestId,
        request: &mut Request,
        state: State,
        returned: Uint128,
    ) -> Result<(), ContractError> {
        if std::mem::take(&mut request.tallied) {
            tallies::clear(storage, id)?;
        }
        request.state = state;
        request.returned = returned;
        REQUESTS.save(storage, id.get(), request)?;
        INPUTS.remove(storage, id.get());
        OPEN.remove(storage, id.get());
        DEADLINES.remove(storage, (request.deadline, id.get()));
        let none = || Ok::<_, ContractError>(0);
        *self.by_payer.entry(request.requester.clone(), none)? += 1;
        *self.by_project.entry(request.project.get(), none)? += 1;
        Ok(())
    }

    /// Writes the counts.
    ///
    /// # Errors
    /// [`ContractError::Std`] where the storage fails or holds an unreadable record.
    pub(crate) fn close(self, storage: &mut dyn Storage) -> Result<(), ContractError> {
        for (payer, ended) in &self.by_payer.into_entries() {
            let fewer = OPEN_BY_PAYER.may_load(storage, payer)?.unwrap_or_default().saturating_sub(*ended);
            OPEN_BY_PAYER.save(storage, payer, &fewer)?;
        }
        for (project, ended) in self.by_project.into_entries() {
            let fewer = OPEN_BY_PROJECT.may_load(storage, project)?.unwrap_or_default().saturating_sub(ended);
            OPEN_BY_PROJECT.save(storage, project, &fewer)?;
        }
        Ok(())
    }
}

/// A request.
///
/// # Errors
/// [`ContractError::UnknownRequest`].
pub(crate) fn request(storage: &dyn Storage, id: RequestId) -> Result<Request, ContractError> {
    REQUESTS.may_load(storage, id.get())?.ok_or(ContractError::UnknownRequest { request: id })
}

/// The input of an open request.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn input(storage: &dyn Storage, id: RequestId) -> Result<Option<String>, ContractError> {
    INPUTS.may_load(storage, id.get())
}

/// Whether every request that may be drawn in an epoch before this one has ended or is past its deadline. Such a request was
/// opened before the epoch began, and the epoch's record has the latest deadline of all that were. Requests that are overdue
/// and not yet expired do not count: nobody can fulfil them any more.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn drawn_before_is_over(
    storage: &dyn Storage,
    epoch: Epoch,
    height: u64,
) -> Result<bool, ContractError> {
    let Some(record) = EPOCHS.may_load(storage, epoch.get())? else { return Ok(false) };
    // 0 where none was opened before the epoch, or where it began under an older release.
    let passed = record.last_deadline > 0 && height > record.last_deadline;
    Ok(passed || oldest_epoch(storage)? >= epoch)
}

/// The oldest epoch that an open request may be drawn in: the current one where none is open. Ids grow with heights
/// and heights with epochs, so the lowest open id decides.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn oldest_epoch(storage: &dyn Storage) -> Result<Epoch, ContractError> {
    let now = COUNTER.load(storage)?.epoch;
    match OPEN.keys(storage, None).next().transpose()? {
        Some(id) => Ok(request(storage, RequestId(id))?.epoch.min(now)),
        None => Ok(now),
    }
}
