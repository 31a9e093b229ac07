//! After a call: emit its events, run its sub-messages, deliver the replies. Each sub-message runs in its own layer; out of gas
//! propagates unless the sub-message had its own limit.

use cosmwasm_std::{Binary, ReplyOn, Response, SubMsg};
use serde_json::json;

use super::call::{Entry, Target, call};
use super::encode::{Encoded, encode};
use super::{contracts, events, gas};
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::modules::{Ctx, bank, coins};
use crate::tx::router;

/// What a sub-message produced: its events and, unless empty, its data.
struct Done {
    events: Vec<Event>,
    data: Vec<u8>,
    is_wasm: bool,
}

/// Handles the response of `contract`; returns the data for its caller.
pub(super) fn handle_response(
    ctx: &Ctx,
    contract: &[u8],
    response: Response,
    out: &mut Vec<Event>,
) -> Result<Option<Vec<u8>>, ExecError> {
    ctx.state()
        .consume(gas::events(&response.attributes, &response.events), "Custom contract event attributes")?;
    out.extend(events::of_response(&ctx.chain.encode(contract)?, &response)?);
    let mut data = response.data.map(|data| data.to_vec());
    for message in response.messages {
        let reply_data = run_sub_message(ctx, contract, message, out).map_err(|e| e.wrap("submessages"))?;
        data = reply_data.or(data);
    }
    Ok(data)
}

/// Runs one sub-message and, if requested, the reply; returns the data that the reply sets.
fn run_sub_message(
    ctx: &Ctx,
    contract: &[u8],
    message: SubMsg,
    out: &mut Vec<Event>,
) -> Result<Option<Vec<u8>>, ExecError> {
    let SubMsg { id, msg, gas_limit, reply_on, .. } = message;
    let remaining = ctx.state().meter().remaining();
    let own_limit = gas_limit.filter(|limit| *limit < remaining);
    let result = ctx.atomically(|ctx| match own_limit {
        Some(limit) => limited(ctx, limit, |ctx| dispatch(ctx, contract, msg)),
        None => dispatch(ctx, contract, msg),
    });
    // The caller's gas ran out: nothing below the limit may catch that. Nor may anything handle a store error.
    if let Err(error @ (ExecError::OutOfGas(_) | ExecError::Store(_))) = result {
        return Err(error);
    }
    let wants_reply = match (&result, &reply_on) {
        (Err(_), ReplyOn::Success | ReplyOn::Never) => return result.map(|_| None),
        (Ok(_), ReplyOn::Error | ReplyOn::Never) => false,
        _ => true,
    };
    let outcome = result.map(|done| {
        let kept: Vec<Event> = done.events.into_iter().filter(|e| e.kind != "message").collect();
        out.extend(kept.iter().cloned());
        (if done.is_wasm { sorted(kept) } else { Vec::new() }, done.data)
    });
    if !wants_reply {
        return Ok(None);
    }
    reply(ctx, contract, id, outcome, out).map_err(|e| e.wrap("reply"))
}

/// Runs `work` on its own meter. Running out is an ordinary error to the outside, which pays the whole limit.
fn limited(
    ctx: &Ctx,
    limit: u64,
    work: impl FnOnce(&Ctx) -> Result<Done, ExecError>,
) -> Result<Done, ExecError> {
    ctx.state().push_meter(limit);
    let result = work(ctx);
    let mut state = ctx.state();
    let used = state.pop_meter().used_to_limit();
    state.consume(used, "From limited Sub-Message")?;
    match result {
        Err(ExecError::OutOfGas(_)) => Err(ExecError::sdk(code::OUT_OF_GAS, "SubMsg hit gas limit")),
        other => other,
    }
}

fn dispatch(ctx: &Ctx, contract: &[u8], msg: cosmwasm_std::CosmosMsg) -> Result<Done, ExecError> {
    let mut events = Vec::new();
    let is_wasm = matches!(msg, cosmwasm_std::CosmosMsg::Wasm(_));
    let mut inner = ctx.clone();
    inner.call_depth += 1;
    let data = match encode(&ctx.chain.encode(contract)?, msg)? {
        Encoded::Message(any) => {
            let signers = router::signers(&ctx.chain, &any)?;
            if signers.iter().any(|signer| signer != contract) {
                return Err(ExecError::sdk(code::UNAUTHORIZED, "contract doesn't have permission"));
            }
            router::handle(&inner, &any, &mut events)?.value
        }
        Encoded::Burn(amount) => {
            let amount = coins::from_proto(&coins::to_proto_sorted(&amount))?;
            bank::burn(&inner, contract, &amount, &mut events)?;
            Vec::new()
        }
        Encoded::Nothing => Vec::new(),
    };
    Ok(Done { events, data, is_wasm })
}

fn reply(
    ctx: &Ctx,
    contract: &[u8],
    id: u64,
    outcome: Result<(Vec<Event>, Vec<u8>), ExecError>,
    out: &mut Vec<Event>,
) -> Result<Option<Vec<u8>>, ExecError> {
    // Only the fields that chains of this version send.
    let (result, cost) = match &outcome {
        Ok((events, data)) => {
            let data = (!data.is_empty()).then(|| Binary::from(data.as_slice()));
            (json!({ "ok": { "events": events_json(events), "data": data } }), gas::reply(events))
        }
        Err(error) => (json!({ "error": error.redacted() }), gas::reply(&[])),
    };
    let msg = json!({ "id": id, "result": result }).to_string();
    let info = contracts::require(ctx, contract)?;
    let target = Target { address: contract, info: &info };
    let response = call(ctx, &target, &Entry::Reply { msg: msg.as_bytes() }, cost)?;
    out.push(Event::new("reply").with(events::CONTRACT, ctx.chain.encode(contract)?));
    handle_response(ctx, contract, response, out).map_err(|e| e.wrap("dispatch"))
}

fn events_json(events: &[Event]) -> serde_json::Value {
    let event = |event: &Event| {
        let attributes: Vec<_> =
            event.attributes.iter().map(|(k, v)| json!({ "key": k, "value": v })).collect();
        json!({ "type": event.kind, "attributes": attributes })
    };
    events.iter().map(event).collect()
}

fn sorted(mut events: Vec<Event>) -> Vec<Event> {
    for event in &mut events {
        event.attributes.sort_by(|a, b| a.0.cmp(&b.0));
    }
    events
}
