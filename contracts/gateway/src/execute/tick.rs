//! Moves the counter, for anybody and as often as they like; who opens a round or an epoch earns the settings' bounty.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use gateway_api::KeeperSettings;

use crate::error::ContractError;
use crate::operations::rounds::open_due;
use crate::state::counter::COUNTER;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;

pub(crate) fn tick(deps: DepsMut<'_>, env: &Env, info: &MessageInfo) -> Result<Response, ContractError> {
    let mut counter = COUNTER.load(deps.storage)?;
    if env.block.height <= counter.round_height {
        return Ok(Response::new());
    }
    let (version, settings) = current_settings(deps.storage)?;
    let events = open_due(deps.storage, env, (version, &settings), &mut counter)?;
    if events.is_empty() {
        return Ok(Response::new());
    }
    COUNTER.save(deps.storage, &counter)?;
    let mut response = Response::new().add_events(events);
    if let Some(KeeperSettings { tick, .. }) = settings.keepers {
        let mut book = Book::open(deps.storage)?;
        response = response.add_events(book.bounty(&info.sender, tick)?);
        book.close(deps.storage)?;
    }
    Ok(response)
}
