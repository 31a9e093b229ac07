//! Opens requests: checks that each can be answered at all, reserves its fee and enters it for the next round. What all
//! requests of a message share is read once and written once.

use cosmwasm_std::{Addr, DepsMut, Env, Event, Storage, SubMsg, Uint128};
use gateway_api::events::RequestOpened;
use gateway_api::{
    limits, DrawClass, NewRequest, Policy, ProjectId, RequestId, Requesters, ScheduleId, Settings,
    SettingsVersion,
};

use super::fee::{terms, Terms};
use super::{reservation, rounds};
use crate::error::ContractError;
use crate::state::counter::{delta, Counter, COUNTER};
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::projects::{project as load_project, version as load_version, Project, OPEN_BY_PROJECT};
use crate::state::requests::{self, DrawSource, State, Stricter, OPEN_BY_PAYER};
use crate::state::subscriptions::{subscription as load_subscription, SUBSCRIPTIONS};

/// The openings of one message.
pub(crate) struct Opening<'a> {
    env: &'a Env,
    settings_version: SettingsVersion,
    /// The settings that apply.
    pub(crate) settings: Settings,
    counter: Counter,
    /// What the message moves.
    pub(crate) book: Book,
    /// Whether a request has been opened that waits for a round.
    waits: bool,
    /// What has happened so far.
    pub(crate) events: Vec<Event>,
}

/// In whose name a request is opened.
pub(crate) struct Asker {
    /// Who asks, and is called back.
    pub(crate) requester: Addr,
    /// The schedule that has it opened.
    pub(crate) schedule: Option<ScheduleId>,
}

/// An opened request.
pub(crate) struct Opened {
    /// Its id.
    pub(crate) id: RequestId,
    /// What it took of the funds.
    pub(crate) taken: Uint128,
}

impl<'a> Opening<'a> {
    /// Begins: a round that is due is opened first, so that what follows waits for the next one.
    ///
    /// # Errors
    /// [`ContractError::Std`] where the storage fails.
    pub(crate) fn begin(storage: &mut dyn Storage, env: &'a Env) -> Result<Self, ContractError> {
        let (settings_version, settings) = current_settings(storage)?;
        let mut counter = COUNTER.load(storage)?;
        let events = rounds::open_due(storage, env, (settings_version, &settings), &mut counter)?;
        let book = Book::open(storage)?;
        Ok(Self { env, settings_version, settings, counter, book, waits: false, events })
    }

    /// The height of the block.
    pub(crate) fn height(&self) -> u64 {
        self.env.block.height
    }

    /// Opens one request, for what it costs or, where `all`, for everything that there is. Nothing is written where it is
    /// refused.
    ///
    /// # Errors
    /// The first reason to refuse it, of those that `docs/errors/contract.md` lists for requests; [`ContractError::Std`] and
    /// [`ContractError::Overflow`] where the contract's own state is at fault.
    pub(crate) fn open(
        &mut self,
        deps: &mut DepsMut<'_>,
        Asker { requester, schedule }: &Asker,
        new: NewRequest,
        funds: Uint128,
        all: bool,
    ) -> Result<Opened, ContractError> {
        let NewRequest {
            project,
            input,
            callback,
            overrides,
            version: wanted,
            code,
            refund_to,
            subscription,
        } = new;
        let (settings, height) = (&self.settings, self.env.block.height);
        let owned = load_project(deps.storage, project)?;
        check_access(&owned, requester)?;
        let version = owned.active_at(height);
        let record = load_version(deps.storage, project, version)?;
        if wanted.is_some_and(|wanted| wanted != version) || code.is_some_and(|code| code != record.code) {
            return Err(ContractError::OtherVersion { active: version, code: record.code });
        }
        if input.is_empty() || input.len() > settings.max_input_bytes as usize {
            return Err(ContractError::InputSize { found: input.len(), max: settings.max_input_bytes });
        }
        let Terms { policy, ttl_blocks, mut charge, keepers, callback_gas } =
            terms(settings, record.policy, overrides, callback.as_ref())?;
        let needed = charge.sent.checked_add(keepers)?;
        let refund_to = refund_to.map(|address| deps.api.addr_validate(&address)).transpose()?;
        let paid_by = match subscription {
            Some(_) if refund_to.is_some() || (all && !funds.is_zero()) => {
                return Err(ContractError::PaidBySubscription {});
            }
            Some(id) => {
                let mut record = load_subscription(deps.storage, id)?;
                record.charge(requester, project, needed)?;
                Some((id, record))
            }
            None if funds < needed => {
                let denom = settings.denom.clone();
                return Err(ContractError::InsufficientFunds { sent: funds, needed, denom });
            }
            None => None,
        };
        let reserved = if all && paid_by.is_none() { funds } else { needed };
        // All of it is reserved; what is above the fee comes back with whatever else is unused, in one transfer.
        charge.sent = reserved.checked_sub(keepers)?;
        check_quotas(deps.storage, settings, requester, project)?;
        check_answerable(deps.storage, &self.counter, settings, &policy, ttl_blocks)?;
        if callback_gas.is_some() {
            let asked = deps.querier.query_wasm_contract_info(requester);
            asked.map_err(|_| ContractError::NotAContract {})?;
        }

        let deadline = height.saturating_add(ttl_blocks);
        let draw = match policy.draw {
            DrawClass::Normal => {
                self.counter.last_request_height = Some(height);
                self.waits = true;
                DrawSource::Next(self.counter.round.next())
            }
            DrawClass::Beacon => {
                self.counter.last_request_height = Some(height);
                self.counter.last_beacon_height = Some(height);
                self.waits = true;
                DrawSource::Beacon(self.counter.round.next())
            }
            DrawClass::Fast => DrawSource::Fixed(self.counter.round),
        };
        self.counter.last_deadline = self.counter.last_deadline.max(deadline);
        let taken = match &paid_by {
            Some((id, record)) => {
                SUBSCRIPTIONS.save(deps.storage, id.get(), record)?;
                self.book.subscription_out(needed)?;
                Uint128::zero()
            }
            None => reserved,
        };
        self.book.reserve(charge.sent)?;
        self.book.pool_in(keepers)?;
        let reserved = charge.sent;
        let input_hash = gateway_protocol::input_hash(&input);
        let request = requests::Request {
            project,
            version,
            requester: requester.clone(),
            input_hash,
            callback_gas,
            height,
            epoch: self.counter.epoch,
            deadline,
            charge,
            settings_version: self.settings_version,
            draw,
            state: State::Open,
            returned: Uint128::zero(),
            tallied: false,
            stricter: overrides.map(|_| Stricter::of(&policy)),
            refund_to,
            subscription,
            schedule: *schedule,
        };
        let id = requests::open(deps.storage, &request, &input)?;
        let requester = requester.to_string();
        self.events.push(
            RequestOpened { request: id, project, version, requester, input_hash, deadline, reserved }.into(),
        );
        Ok(Opened { id, taken })
    }

    /// Writes what the requests share. Where one of them waits for a round and the chain can call back, that round's tick is
    /// reserved.
    ///
    /// # Errors
    /// [`ContractError::Std`] where the storage fails.
    pub(crate) fn close(
        mut self,
        deps: &mut DepsMut<'_>,
    ) -> Result<(Vec<Event>, Option<SubMsg>), ContractError> {
        let reserved = match self.settings.archway.as_ref().and_then(|archway| archway.tick_fee) {
            Some(cap) if self.waits => {
                let denom = &self.settings.denom;
                reservation::tick(deps, self.env, denom, cap, &mut self.book)?
            }
            Some(_) | None => None,
        };
        COUNTER.save(deps.storage, &self.counter)?;
        self.book.close(deps.storage)?;
        let (message, event) = reserved.unzip();
        self.events.extend(event.map(Event::from));
        Ok((self.events, message))
    }
}

fn check_access(project: &Project, sender: &Addr) -> Result<(), ContractError> {
    if project.paused {
        return Err(ContractError::ProjectPaused {});
    }
    let may = match &project.requesters {
        Requesters::Anyone {} => true,
        Requesters::Owner {} => *sender == project.owner,
        Requesters::List { addresses } => addresses.iter().any(|address| sender.as_str() == address),
    };
    if may {
        Ok(())
    } else {
        Err(ContractError::NotARequester {})
    }
}

fn check_quotas(
    storage: &dyn Storage,
    settings: &Settings,
    payer: &Addr,
    project: ProjectId,
) -> Result<(), ContractError> {
    if OPEN_BY_PAYER.may_load(storage, payer)?.unwrap_or_default() >= settings.max_open_per_payer {
        return Err(ContractError::PayerQuota { max: settings.max_open_per_payer });
    }
    if OPEN_BY_PROJECT.may_load(storage, project.get())?.unwrap_or_default() >= settings.max_open_per_project
    {
        return Err(ContractError::ProjectQuota { max: settings.max_open_per_project });
    }
    Ok(())
}

/// Refuses what cannot end in a result: too few operators, in this epoch and in the next (whichever draws it), or no
/// time for even one attempt. The quorum itself never exceeds the active units.
fn check_answerable(
    storage: &dyn Storage,
    counter: &Counter,
    settings: &Settings,
    policy: &Policy,
    ttl: u64,
) -> Result<(), ContractError> {
    let needed = u32::from(policy.min_operators);
    let coming = delta(storage, counter.epoch.next())?.operators;
    let active = counter.operators.max(counter.operators.saturating_add_signed(coming));
    if active < needed {
        return Err(ContractError::TooFewOperators { active, needed });
    }
    let waits = match policy.draw {
        DrawClass::Beacon => limits::BEACON_FALLBACK_BLOCKS,
        DrawClass::Normal | DrawClass::Fast => 0,
    };
    let attempt = policy.attempt_blocks(settings.block_time_ms).saturating_add(waits);
    if ttl <= attempt {
        return Err(ContractError::NoTime { attempt, ttl });
    }
    Ok(())
}
