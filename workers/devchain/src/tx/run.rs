//! Executes a transaction: for the mempool, in a block, or as an estimate. Messages are all or nothing; the effects of the
//! checks before them stay even if they fail.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::base::abci::v1beta1::TxMsgData;
use cosmrs::proto::prost::Message;
use tendermint::abci::Code;
use tendermint::abci::types::ExecTxResult;

use super::ante::{self, Mode};
use super::decode::DecodedTx;
use super::router;
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::gas::Meter;
use crate::modules::Ctx;

/// The result of an estimate.
pub(crate) struct Simulation {
    pub(crate) gas_wanted: u64,
    pub(crate) gas_used: u64,
    pub(crate) result: Result<(Vec<Event>, Vec<Any>), ExecError>,
}

/// Admits a transaction to the mempool: its checks must pass on top of those admitted before. Returns its gas limit.
pub(crate) fn check(ctx: &Ctx, bytes: &[u8]) -> Result<u64, ExecError> {
    let tx = decode(ctx, bytes)?;
    ctx.state().replace_meter(Meter::new(tx.gas_limit));
    let result = ctx.atomically(|ctx| ante::run(ctx, &tx, Mode::Check));
    let used = ctx.state().replace_meter(Meter::unlimited()).used();
    result.map_err(|e| located(e, tx.gas_limit, used))?;
    Ok(tx.gas_limit)
}

/// Executes a transaction in a block. Fails only when the store does; everything else is a result.
pub(crate) fn deliver(ctx: &Ctx, bytes: &[u8]) -> Result<ExecTxResult, ExecError> {
    let tx = match decode(ctx, bytes) {
        Ok(tx) => tx,
        Err(error) => return failed(error, 0, 0, Vec::new()),
    };
    ctx.state().replace_meter(Meter::new(tx.gas_limit));
    let (outcome, events) = match ctx.atomically(|ctx| ante::run(ctx, &tx, Mode::Deliver)) {
        Ok(events) => (ctx.atomically(|ctx| run_messages(ctx, &tx)), events),
        Err(error) => (Err(error), Vec::new()),
    };
    let used = ctx.state().replace_meter(Meter::unlimited()).used();
    match outcome {
        Ok((message_events, responses)) => {
            let data = TxMsgData { msg_responses: responses, ..TxMsgData::default() };
            let events = events.into_iter().chain(message_events);
            Ok(ExecTxResult {
                data: data.encode_to_vec().into(),
                events: events.map(Event::into_abci).collect(),
                ..gas(tx.gas_limit, used)
            })
        }
        Err(error) => failed(located(error, tx.gas_limit, used), tx.gas_limit, used, events),
    }
}

/// Estimates a transaction: executes it without requiring its signatures or minimum fee.
pub(crate) fn simulate(ctx: &Ctx, bytes: &[u8]) -> Result<Simulation, ExecError> {
    let tx = decode(ctx, bytes)?;
    // More than a block can hold is useless, and the limit also ends contracts that never terminate.
    let limit = ctx.chain.config.max_block_gas;
    ctx.state().replace_meter(Meter::new(limit));
    let result = ctx.atomically(|ctx| ante::run(ctx, &tx, Mode::Simulate)).and_then(|mut events| {
        let (messages, responses) = ctx.atomically(|ctx| run_messages(ctx, &tx))?;
        events.extend(messages);
        Ok((events, responses))
    });
    let used = ctx.state().meter().used();
    let result = result.map_err(|e| located(e, limit, used));
    Ok(Simulation { gas_wanted: tx.gas_limit, gas_used: used, result })
}

fn decode(ctx: &Ctx, bytes: &[u8]) -> Result<DecodedTx, ExecError> {
    let tx = DecodedTx::decode(&ctx.chain, bytes)?;
    let most = ctx.chain.config.max_block_gas;
    if tx.gas_limit > most {
        let text = format!("tx gas limit {} exceeds block max gas {most}", tx.gas_limit);
        return Err(ExecError::sdk(code::INVALID_GAS_LIMIT, text));
    }
    Ok(tx)
}

fn run_messages(ctx: &Ctx, tx: &DecodedTx) -> Result<(Vec<Event>, Vec<Any>), ExecError> {
    let (mut all, mut responses) = (Vec::new(), Vec::new());
    for (index, message) in tx.body.messages.iter().enumerate() {
        let mut events = Vec::new();
        let response = router::handle(ctx, message, &mut events)
            .map_err(|e| e.wrap(format!("failed to execute message; message index: {index}")))?;
        let action = action_event(ctx, message, &events)?;
        let index = index.to_string();
        all.extend(std::iter::once(action).chain(events).map(|event| event.with("msg_index", &index)));
        responses.push(response);
    }
    Ok((all, responses))
}

/// Returns the event with a message's action, its sender and, unless one of its own events has it, its module.
fn action_event(ctx: &Ctx, message: &Any, events: &[Event]) -> Result<Event, ExecError> {
    let mut event = Event::new("message").with("action", &message.type_url);
    if let Some(signer) = router::signers(&ctx.chain, message)?.first() {
        event = event.with("sender", ctx.chain.encode(signer)?);
    }
    let module = message.type_url.split('.').nth(1);
    match module {
        Some(module) if !events.iter().any(|e| e.has("module")) => Ok(event.with("module", module)),
        _ => Ok(event),
    }
}

fn located(error: ExecError, wanted: u64, used: u64) -> ExecError {
    match error {
        ExecError::OutOfGas(place) => ExecError::sdk(
            code::OUT_OF_GAS,
            format!("out of gas in location: {place}; gasWanted: {wanted}, gasUsed: {used}"),
        ),
        other => other,
    }
}

fn failed(error: ExecError, wanted: u64, used: u64, events: Vec<Event>) -> Result<ExecTxResult, ExecError> {
    if let ExecError::Store(_) = error {
        return Err(error);
    }
    let (codespace, code) = error.code();
    Ok(ExecTxResult {
        code: Code::from(code),
        codespace: codespace.to_owned(),
        log: error.to_string(),
        events: events.into_iter().map(Event::into_abci).collect(),
        ..gas(wanted, used)
    })
}

fn gas(wanted: u64, used: u64) -> ExecTxResult {
    let signed = |gas: u64| i64::try_from(gas).unwrap_or(i64::MAX);
    ExecTxResult { gas_wanted: signed(wanted), gas_used: signed(used), ..ExecTxResult::default() }
}
