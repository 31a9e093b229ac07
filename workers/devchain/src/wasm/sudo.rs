//! Calls that only the chain can make.

use super::call::{Entry, Target, call};
use super::dispatch::handle_response;
use super::{contracts, events, gas};
use crate::error::ExecError;
use crate::event::Event;
use crate::modules::Ctx;

/// Calls a contract's `sudo` and carries out its response.
pub(crate) fn sudo(ctx: &Ctx, contract: &[u8], msg: &[u8], out: &mut Vec<Event>) -> Result<(), ExecError> {
    let info = contracts::require(ctx, contract)?;
    let target = Target { address: contract, info: &info };
    let response = call(ctx, &target, &Entry::Sudo { msg }, gas::INSTANCE)?;
    out.push(Event::new("sudo").with(events::CONTRACT, ctx.chain.encode(contract)?));
    handle_response(ctx, contract, response, out).map_err(|e| e.wrap("dispatch"))?;
    Ok(())
}
