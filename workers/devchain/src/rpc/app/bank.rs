//! Balances and supply.

use cosmrs::proto::cosmos::bank::v1beta1::{
    QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest, QueryBalanceResponse,
    QuerySupplyOfRequest, QuerySupplyOfResponse,
};
use cosmrs::proto::cosmos::base::v1beta1::Coin;

use super::address;
use crate::error::ExecError;
use crate::modules::{Ctx, bank, coins};

pub(super) fn balance(ctx: &Ctx, request: QueryBalanceRequest) -> Result<QueryBalanceResponse, ExecError> {
    let bytes = address(ctx, &request.address)?;
    let amount = bank::balance(&mut ctx.state(), &bytes, &request.denom)?.to_string();
    Ok(QueryBalanceResponse { balance: Some(Coin { denom: request.denom, amount }) })
}

pub(super) fn all_balances(
    ctx: &Ctx,
    request: QueryAllBalancesRequest,
) -> Result<QueryAllBalancesResponse, ExecError> {
    let bytes = address(ctx, &request.address)?;
    let balances = bank::all_balances(&mut ctx.state(), &bytes)?;
    Ok(QueryAllBalancesResponse { balances: coins::to_proto_sorted(&balances), pagination: None })
}

pub(super) fn supply_of(
    ctx: &Ctx,
    request: QuerySupplyOfRequest,
) -> Result<QuerySupplyOfResponse, ExecError> {
    let amount = bank::supply(&mut ctx.state(), &request.denom)?.to_string();
    Ok(QuerySupplyOfResponse { amount: Some(Coin { denom: request.denom, amount }) })
}
