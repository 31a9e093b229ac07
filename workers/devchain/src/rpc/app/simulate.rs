//! Estimates of transactions.

use cosmrs::proto::cosmos::base::abci::v1beta1::{GasInfo, Result as SimResult};
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse, TxRaw};
use cosmrs::proto::prost::Message;
use cosmrs::proto::tendermint::abci::{Event as ProtoEvent, EventAttribute};

use crate::chain::Engine;
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::tx;

pub(super) fn simulate(engine: &Engine, request: SimulateRequest) -> Result<SimulateResponse, ExecError> {
    let bytes = tx_bytes(request)?;
    let ctx = engine.simulation_ctx();
    let simulation = tx::simulate(&ctx, &bytes).map_err(|e| failed(&e, 0))?;
    let used = simulation.gas_used;
    let (events, responses) = simulation.result.map_err(|e| failed(&e, used))?;
    let result = SimResult {
        events: events.into_iter().map(proto_event).collect(),
        msg_responses: responses,
        ..SimResult::default()
    };
    let gas_info = GasInfo { gas_wanted: simulation.gas_wanted, gas_used: used };
    Ok(SimulateResponse { gas_info: Some(gas_info), result: Some(result) })
}

#[allow(deprecated)] // clients may still send the decoded transaction
fn tx_bytes(request: SimulateRequest) -> Result<Vec<u8>, ExecError> {
    if !request.tx_bytes.is_empty() {
        return Ok(request.tx_bytes);
    }
    let tx = request.tx.ok_or_else(|| {
        ExecError::sdk(
            code::INVALID_REQUEST,
            "rpc error: code = InvalidArgument desc = empty txBytes is not allowed",
        )
    })?;
    let raw = TxRaw {
        body_bytes: tx.body.unwrap_or_default().encode_to_vec(),
        auth_info_bytes: tx.auth_info.unwrap_or_default().encode_to_vec(),
        signatures: tx.signatures,
    };
    Ok(raw.encode_to_vec())
}

fn failed(error: &ExecError, used: u64) -> ExecError {
    let text = format!("rpc error: code = Unknown desc = {error} with gas used: '{used}'");
    ExecError::sdk(code::UNKNOWN_REQUEST, text)
}

fn proto_event(event: Event) -> ProtoEvent {
    let attribute = |(key, value)| EventAttribute { key, value, index: true };
    ProtoEvent { r#type: event.kind, attributes: event.attributes.into_iter().map(attribute).collect() }
}
