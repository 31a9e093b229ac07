//! The fee of a sponsored request: queried from the contract once per block for each project and set of overrides.

use std::sync::{Mutex, PoisonError};

use gateway_api::{FeeResponse, Overrides, ProjectId, QueryMsg};
use gateway_chain::{ChainError, Coin};
use gateway_http::Problem;
use gateway_store::Order;

use crate::context::Relay;
use crate::sponsor::SponsorError;

/// Fees cached per block; further ones are queried each time.
const FEES: usize = 256;

type Asked = (ProjectId, Option<Overrides>);

/// The fees that the contract reported at a height.
#[derive(Debug, Default)]
pub(crate) struct Fees(Mutex<(u64, Vec<(Asked, Coin)>)>);

impl Fees {
    /// Returns the fee of an order as the contract quotes it at the newest known height.
    ///
    /// # Errors
    /// [`SponsorError::Refused`] when the contract refuses or the fee exceeds what this relay pays for a request;
    /// [`SponsorError::Chain`].
    pub(crate) async fn of(&self, relay: &Relay, order: &Order) -> Result<Coin, SponsorError> {
        let (height, asked) = (relay.height(), (order.project, order.overrides));
        let known = {
            let mut fees = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if fees.0 != height {
                *fees = (height, Vec::new());
            }
            fees.1.iter().find(|(known, _)| *known == asked).map(|(_, fee)| fee.clone())
        };
        if let Some(fee) = known {
            return Ok(fee);
        }
        let fee = ask(relay, order).await?;
        let mut fees = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if fees.0 == height && fees.1.len() < FEES {
            fees.1.push((asked, fee.clone()));
        }
        Ok(fee)
    }
}

async fn ask(relay: &Relay, order: &Order) -> Result<Coin, SponsorError> {
    let refused = |problem: Problem| SponsorError::Refused(problem.field("project"));
    let Order { project, overrides, .. } = order;
    let question = QueryMsg::EstimateFee { project: *project, overrides: *overrides, callback: None };
    let fee = match relay.query.ask::<FeeResponse, _>(&question).await {
        Ok(fee) => fee.value,
        Err(ChainError::Query { log, .. }) => return Err(refused(Problem::invalid("project", log))),
        Err(error) if error.is_retryable() => return Err(SponsorError::Chain(error)),
        Err(error) => return Err(refused(Problem::internal(error))),
    };
    let total = fee.total.u128();
    if total > u128::from(relay.max_fee) {
        let most = relay.max_fee;
        let detail = format!(
            "the fee of {total}{} is above the {most} that this relay pays for one request",
            fee.denom
        );
        return Err(refused(Problem::forbidden(detail)));
    }
    Ok(Coin::new(total, fee.denom))
}
