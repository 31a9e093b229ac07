//! Contracts and codes.

use cosmrs::proto::cosmwasm::wasm::v1::{
    CodeInfoResponse, QueryCodeRequest, QueryCodeResponse, QueryContractInfoRequest,
    QueryContractInfoResponse, QueryContractsByCodeRequest, QueryContractsByCodeResponse,
    QueryRawContractStateRequest, QueryRawContractStateResponse, QuerySmartContractStateRequest,
    QuerySmartContractStateResponse,
};
use cosmwasm_std::Checksum;

use super::{address, unknown};
use crate::error::{ExecError, SDK, code};
use crate::modules::Ctx;
use crate::wasm;

pub(super) fn smart(
    ctx: &Ctx,
    request: &QuerySmartContractStateRequest,
) -> Result<QuerySmartContractStateResponse, ExecError> {
    let contract = address(ctx, &request.address)?;
    if serde_json::from_slice::<serde::de::IgnoredAny>(&request.query_data).is_err() {
        let text = "rpc error: code = InvalidArgument desc = invalid query data";
        return Err(ExecError::sdk(code::INVALID_REQUEST, text));
    }
    let answer = wasm::query::smart(ctx, &contract, &request.query_data);
    let data = answer.map_err(|error| match error {
        ExecError::OutOfGas(place) => {
            let meter = *ctx.state().meter();
            let gas = format!("gasWanted: {}, gasUsed: {}", meter.limit(), meter.used());
            unknown(&ExecError::sdk(code::OUT_OF_GAS, format!("out of gas in location: {place}; {gas}")))
        }
        other => unknown(&other),
    })?;
    Ok(QuerySmartContractStateResponse { data })
}

pub(super) fn raw(
    ctx: &Ctx,
    request: &QueryRawContractStateRequest,
) -> Result<QueryRawContractStateResponse, ExecError> {
    let contract = address(ctx, &request.address)?;
    let found = wasm::query::raw(ctx, &contract, &request.query_data).map_err(|e| unknown(&e))?;
    Ok(QueryRawContractStateResponse { data: found.unwrap_or_default() })
}

pub(super) fn contract_info(
    ctx: &Ctx,
    request: QueryContractInfoRequest,
) -> Result<QueryContractInfoResponse, ExecError> {
    let contract = address(ctx, &request.address)?;
    let info = wasm::contract_info(&mut ctx.state(), &contract)?.ok_or_else(|| {
        ExecError::sdk(code::UNKNOWN_REQUEST, format!("address {}: no such contract", request.address))
    })?;
    Ok(QueryContractInfoResponse { address: request.address, contract_info: Some(info) })
}

pub(super) fn contracts_by_code(
    ctx: &Ctx,
    request: &QueryContractsByCodeRequest,
) -> Result<QueryContractsByCodeResponse, ExecError> {
    let addresses = wasm::contracts_of_code(&mut ctx.state(), request.code_id)?;
    let contracts: Result<_, _> = addresses.iter().map(|address| ctx.chain.encode(address)).collect();
    Ok(QueryContractsByCodeResponse { contracts: contracts?, pagination: None })
}

pub(super) fn code(ctx: &Ctx, request: &QueryCodeRequest) -> Result<QueryCodeResponse, ExecError> {
    let id = request.code_id;
    let info = wasm::code_info(&mut ctx.state(), id)?
        .ok_or_else(|| ExecError::sdk(code::UNKNOWN_REQUEST, format!("code id {id}: no such code")))?;
    let checksum =
        Checksum::try_from(info.code_hash.as_slice()).map_err(|e| ExecError::Store(e.to_string()))?;
    let data = ctx.chain.vm.load(&checksum).map_err(|e| ExecError::Failed {
        codespace: SDK,
        code: code::PANIC,
        log: e.to_string(),
    })?;
    let code_info = CodeInfoResponse {
        code_id: id,
        creator: info.creator,
        data_hash: info.code_hash,
        instantiate_permission: info.instantiate_config,
    };
    Ok(QueryCodeResponse { code_info: Some(code_info), data })
}
