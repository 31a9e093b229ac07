//! Accounts.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::prost::Message;

use super::{address, not_found};
use crate::error::ExecError;
use crate::modules::{Ctx, auth};

pub(super) fn account(ctx: &Ctx, request: QueryAccountRequest) -> Result<QueryAccountResponse, ExecError> {
    let bytes = address(ctx, &request.address)?;
    let account = auth::get(&mut ctx.state(), &bytes)?
        .ok_or_else(|| not_found(format!("account {} not found", request.address)))?;
    let account = Any { type_url: auth::type_url(), value: account.encode_to_vec() };
    Ok(QueryAccountResponse { account: Some(account) })
}
