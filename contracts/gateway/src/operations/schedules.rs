//! Runs a schedule that is due. A firing is made at most once: its place in the queue is taken before anything else, and of
//! several that are due only the latest is made. A schedule that cannot pay for a firing ends, so that keepers are not kept
//! busy for nothing.

use cosmwasm_std::{Addr, DepsMut, Storage, Uint128};
use gateway_api::events::{BountyPaid, FiringsMissed, ScheduleChanged, ScheduleEnded, ScheduleFired};
use gateway_api::ScheduleId;

use super::opening::{Asker, Opening};
use crate::error::ContractError;
use crate::state::schedules::{self, Schedule, FIRINGS, SCHEDULES};
use crate::state::subscriptions::{subscription, SUBSCRIPTIONS};

/// The schedules that are due, those due for longest first.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn due(storage: &dyn Storage, height: u64, limit: u32) -> Result<Vec<ScheduleId>, ContractError> {
    FIRINGS
        .keys(storage, None)
        .take(limit as usize)
        .take_while(|key| !matches!(key, Ok((next, _)) if *next > height))
        .map(|key| key.map(|(_, id)| ScheduleId(id)))
        .collect()
}

/// What indexers follow a schedule by.
pub(crate) fn changed(schedule: ScheduleId, record: &Schedule) -> ScheduleChanged {
    let Schedule { owner, budget, next, asked, .. } = record;
    ScheduleChanged {
        schedule,
        owner: owner.to_string(),
        project: asked.project,
        budget: *budget,
        next: *next,
    }
}

/// The firings of a schedule that are due at a height.
struct DueFirings {
    /// How many are not made: all but the latest, or every one where the end has passed.
    missed: u64,
    /// The height of the latest, where it may still be made.
    latest: Option<u64>,
}

fn due_firings(record: &Schedule, height: u64) -> DueFirings {
    let firings_to = |last: u64| {
        let passed = last.saturating_sub(record.next);
        record.every_blocks.and_then(|every| passed.checked_div(every)).unwrap_or_default()
    };
    match record.until {
        Some(until) if height > until => {
            DueFirings { missed: firings_to(until).saturating_add(1), latest: None }
        }
        Some(_) | None => {
            let missed = firings_to(height);
            let passed = missed.saturating_mul(record.every_blocks.unwrap_or_default());
            DueFirings { missed, latest: Some(record.next.saturating_add(passed)) }
        }
    }
}

/// Runs a schedule, and skips one that is not due or has ended. The keeper earns the settings' bounty, whether the request is
/// opened or refused.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn run(
    deps: &mut DepsMut<'_>,
    opening: &mut Opening<'_>,
    id: ScheduleId,
    keeper: &Addr,
) -> Result<(), ContractError> {
    let height = opening.height();
    let Some(mut record) = SCHEDULES.may_load(deps.storage, id.get())?.filter(|record| record.next <= height)
    else {
        return Ok(());
    };
    if let Err(reason) = pay_bounty(deps.storage, opening, &mut record, keeper)? {
        return end(deps.storage, opening, id, record, reason);
    }
    let DueFirings { missed, latest } = due_firings(&record, height);
    if missed > 0 {
        miss(opening, id, &mut record, missed, "late".to_owned());
    }
    let Some(latest) = latest else { return end(deps.storage, opening, id, record, "done".to_owned()) };
    let first = std::mem::replace(&mut record.next, latest);
    FIRINGS.remove(deps.storage, (first, id.get()));
    let new = record.asked.request(schedules::input(deps.storage, id)?);
    let asker = Asker { requester: record.owner.clone(), schedule: Some(id) };
    match opening.open(deps, &asker, new, record.budget, false) {
        Ok(opened) => {
            record.budget = record.budget.checked_sub(opened.taken)?;
            opening.book.schedule_out(opened.taken)?;
            (record.opened, record.last) = (record.opened.saturating_add(1), Some(opened.id));
            opening.events.push(ScheduleFired { schedule: id, due: latest, request: opened.id }.into());
        }
        // The contract's own state cannot be read: no reason to refuse one request.
        Err(error @ (ContractError::Std(_) | ContractError::Overflow {})) => return Err(error),
        Err(refused) => {
            let cannot_pay = matches!(
                refused,
                ContractError::InsufficientFunds { .. }
                    | ContractError::NotAConsumer {}
                    | ContractError::SubscriptionLimit { .. }
            );
            let reason = refused.to_string();
            miss(opening, id, &mut record, 1, reason.clone());
            if cannot_pay {
                return end(deps.storage, opening, id, record, reason);
            }
        }
    }
    match record.every_blocks.map(|every| latest.saturating_add(every)) {
        Some(next) if record.until.is_none_or(|until| next <= until) => {
            record.next = next;
            FIRINGS.save(deps.storage, (next, id.get()), &())?;
            SCHEDULES.save(deps.storage, id.get(), &record)
        }
        Some(_) | None => end(deps.storage, opening, id, record, "done".to_owned()),
    }
}

fn miss(
    opening: &mut Opening<'_>,
    schedule: ScheduleId,
    record: &mut Schedule,
    firings: u64,
    reason: String,
) {
    record.missed = record.missed.saturating_add(firings);
    opening.events.push(FiringsMissed { schedule, due: record.next, firings, reason }.into());
}

/// Pays the keeper out of what pays for the firings; the reason where that cannot pay.
fn pay_bounty(
    storage: &mut dyn Storage,
    opening: &mut Opening<'_>,
    record: &mut Schedule,
    keeper: &Addr,
) -> Result<Result<(), String>, ContractError> {
    let amount = opening.settings.schedule_bounty.unwrap_or_default();
    if amount.is_zero() {
        return Ok(Ok(()));
    }
    match record.asked.subscription {
        Some(id) => {
            let mut payer = subscription(storage, id)?;
            if let Err(refused) = payer.charge(&record.owner, record.asked.project, amount) {
                return Ok(Err(refused.to_string()));
            }
            SUBSCRIPTIONS.save(storage, id.get(), &payer)?;
            opening.book.subscription_out(amount)?;
        }
        None => {
            let Ok(left) = record.budget.checked_sub(amount) else {
                return Ok(Err(format!(
                    "the budget of {} does not reach the bounty of {amount}",
                    record.budget
                )));
            };
            record.budget = left;
            opening.book.schedule_out(amount)?;
        }
    }
    opening.book.credit(keeper, amount)?;
    opening.events.push(BountyPaid { address: keeper.to_string(), amount }.into());
    Ok(Ok(()))
}

/// Ends a schedule: its owner may claim what is left of the budget.
fn end(
    storage: &mut dyn Storage,
    opening: &mut Opening<'_>,
    id: ScheduleId,
    record: Schedule,
    reason: String,
) -> Result<(), ContractError> {
    schedules::end(storage, id, record.next);
    let returned: Uint128 = record.budget;
    opening.book.schedule_out(returned)?;
    opening.book.credit(&record.owner, returned)?;
    opening.events.push(ScheduleEnded { schedule: id, reason, returned }.into());
    Ok(())
}
