//! Queries of x/callback and x/rewards: in protobuf over the RPC, in JSON from contracts, which may ask for less.

use cosmrs::proto::cosmos::base::v1beta1::DecCoin;
use cosmrs::proto::prost::Message;
use cosmwasm_std::Coin;
use serde_json::json;

use super::messages::{
    AtHeight, CallbacksResponse, EstimateCallbackFeesResponse, EstimateTxFeesRequest, EstimateTxFeesResponse,
};
use super::{CALLBACK_GAS, FEE_PER_BLOCK_AHEAD, MAX_AHEAD, MAX_PER_HEIGHT, callbacks, estimate, events};
use crate::error::{ExecError, code};
use crate::modules::{Ctx, coins};

const ESTIMATE_CALLBACK: &str = "/archway.callback.v1.Query/EstimateCallbackFees";
/// Units of a decimal: 10^18, since protobuf carries its digits without the point.
const DECIMAL: u128 = 1_000_000_000_000_000_000;

fn decoded<M: Message + Default>(data: &[u8]) -> Result<M, ExecError> {
    M::decode(data).map_err(|e| ExecError::sdk(code::INVALID_REQUEST, e))
}

/// Answers a query over the RPC; `None` where the path is no query of these modules.
pub(crate) fn answer(ctx: &Ctx, path: &str, data: &[u8]) -> Option<Result<Vec<u8>, ExecError>> {
    match path {
        ESTIMATE_CALLBACK => {
            Some(decoded(data).and_then(|ask| estimate(ctx, &ask)).map(|a| a.encode_to_vec()))
        }
        "/archway.callback.v1.Query/Callbacks" => {
            Some(decoded(data).and_then(|ask| reserved(ctx, &ask)).map(|a| a.encode_to_vec()))
        }
        "/archway.rewards.v1.Query/EstimateTxFees" => {
            Some(decoded(data).map(|ask| tx_fees(ctx, &ask).encode_to_vec()))
        }
        _ => None,
    }
}

/// Answers a contract's query; `None` where contracts may not ask it.
pub(crate) fn answer_contract(ctx: &Ctx, path: &str, data: &[u8]) -> Option<Result<Vec<u8>, ExecError>> {
    let bytes = |value: serde_json::Value| value.to_string().into_bytes();
    match path {
        ESTIMATE_CALLBACK => Some(decoded(data).and_then(|ask| estimate(ctx, &ask)).map(|answer| {
            let total = answer.total_fees.unwrap_or_default();
            bytes(json!({
                "total_fees": { "denom": total.denom, "amount": total.amount },
                "fee_split": events::split_json(&answer.fee_split.unwrap_or_default()),
            }))
        })),
        "/archway.callback.v1.Query/Params" => Some(Ok(bytes(json!({ "params": {
            "callback_gas_limit": CALLBACK_GAS.to_string(),
            "max_block_reservation_limit": MAX_PER_HEIGHT.to_string(),
            "max_future_reservation_limit": MAX_AHEAD.to_string(),
            "block_reservation_fee_multiplier": "0.000000000000000000",
            "future_reservation_fee_multiplier": format!("{FEE_PER_BLOCK_AHEAD}.000000000000000000"),
        }})))),
        _ => None,
    }
}

fn estimate(ctx: &Ctx, ask: &AtHeight) -> Result<EstimateCallbackFeesResponse, ExecError> {
    let price = estimate::price(ctx, ask.block_height)?;
    let total = Coin::new(price.total(), ctx.chain.config.denom.clone());
    Ok(EstimateCallbackFeesResponse {
        total_fees: Some(coins::to_proto(&total)),
        fee_split: Some(price.split(ctx, None)),
    })
}

fn reserved(ctx: &Ctx, ask: &AtHeight) -> Result<CallbacksResponse, ExecError> {
    let height = u64::try_from(ask.block_height).map_err(|e| ExecError::sdk(code::INVALID_REQUEST, e))?;
    Ok(CallbacksResponse { callbacks: callbacks::at(ctx, height)? })
}

fn tx_fees(ctx: &Ctx, ask: &EstimateTxFeesRequest) -> EstimateTxFeesResponse {
    let config = &ctx.chain.config;
    let fee = Coin::new(estimate::gas_fee(ctx, ask.gas_limit), config.denom.clone());
    let amount = config.min_gas_price.saturating_mul(DECIMAL).to_string();
    EstimateTxFeesResponse {
        gas_unit_price: Some(DecCoin { denom: config.denom.clone(), amount }),
        estimated_fee: if fee.amount.is_zero() { Vec::new() } else { vec![coins::to_proto(&fee)] },
    }
}
