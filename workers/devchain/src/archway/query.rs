//! Queries of x/callback and x/rewards over the RPC, and what contracts get when they query them.

use cosmrs::proto::cosmos::base::v1beta1::DecCoin;
use cosmrs::proto::prost::Message;
use cosmwasm_std::Coin;

use super::messages::{
    AtHeight, CallbacksResponse, EstimateCallbackFeesResponse, EstimateTxFeesRequest, EstimateTxFeesResponse,
};
use super::{callbacks, estimate};
use crate::error::{ExecError, code};
use crate::modules::{Ctx, coins};

const ESTIMATE_CALLBACK: &str = "/archway.callback.v1.Query/EstimateCallbackFees";
/// Units of a decimal: 10^18, since protobuf carries its digits without the point.
const DECIMAL: u128 = 1_000_000_000_000_000_000;

fn decoded<M: Message + Default>(data: &[u8]) -> Result<M, ExecError> {
    M::decode(data).map_err(|e| ExecError::sdk(code::INVALID_REQUEST, e))
}

/// Answers a query over the RPC; `None` if the path is not a query of these modules.
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

/// Answers a contract's query; `None` if contracts may not send it.
///
/// Archway v10 accepts both queries but answers neither correctly: its `getAcceptedStargateQueries` names the request types
/// where the response types belong. The fees cannot be decoded as such a request, and parameters decode as an empty message.
pub(crate) fn answer_contract(path: &str) -> Option<Result<Vec<u8>, ExecError>> {
    match path {
        ESTIMATE_CALLBACK => Some(Err(ExecError::sdk(
            code::INVALID_REQUEST,
            "proto: wrong wireType = 2 for field BlockHeight",
        ))),
        "/archway.callback.v1.Query/Params" => Some(Ok(b"{}".to_vec())),
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
