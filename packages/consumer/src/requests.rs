//! Remembers the requests that a contract has sent: what each is about, and what its answer must be of.

use cosmwasm_std::{Addr, Deps, DepsMut, MessageInfo, Order, Reply, StdError, StdResult, Storage, SubMsg};
use cw_storage_plus::{Item, Map};
use gateway_api::{CodeHash, FeeResponse, GatewayResult, ProjectId, RequestId, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Answer, Ask, ConsumerError, Expected, check, parse_request_id, rest};

/// The first part of a key while a request has no id yet: the second is then the reply's.
const SENT: u8 = 0;
/// The first part of a key once the gateway has named the request's id.
const OPEN: u8 = 1;

/// The requests of a contract, from asking to the answer, and the gateway that it asks. `T` is what the contract wants to know
/// again when the answer comes: who asked, for which coin.
///
/// All of it is kept below one key of the contract's storage.
pub struct Requests<T> {
    gateway: Item<Addr>,
    asked: Map<(u8, u64), Asked<T>>,
}

#[derive(Serialize, Deserialize)]
struct Asked<T> {
    project: ProjectId,
    version: Option<Version>,
    code: Option<CodeHash>,
    about: T,
}

impl<T: Serialize + DeserializeOwned> Requests<T> {
    /// Keeps requests below this key of the storage, which nothing else of the contract may use.
    #[must_use]
    pub const fn new(key: &'static str) -> Self {
        Self { gateway: Item::new(key), asked: Map::new(key) }
    }

    /// Says whom to ask. For `instantiate`, with a validated address.
    ///
    /// # Errors
    /// [`StdError`] where the address cannot be encoded.
    pub fn set_gateway(&self, storage: &mut dyn Storage, gateway: &Addr) -> StdResult<()> {
        self.gateway.save(storage, gateway)
    }

    /// Whom the contract asks.
    ///
    /// # Errors
    /// [`StdError::NotFound`] where [`Self::set_gateway`] was never called.
    pub fn gateway(&self, storage: &dyn Storage) -> StdResult<Addr> {
        self.gateway.load(storage)
    }

    /// What a request costs now; exactly what it will be charged.
    ///
    /// # Errors
    /// As [`Ask::estimate`].
    pub fn fee(&self, deps: Deps<'_>, ask: &Ask) -> StdResult<FeeResponse> {
        ask.estimate(&deps.querier, &self.gateway(deps.storage)?)
    }

    /// Asks at the sender's cost: all that it sent along goes with the request, and what is not used returns to it.
    ///
    /// # Errors
    /// [`ConsumerError::Fee`] and [`ConsumerError::OtherFunds`]; [`ConsumerError::Std`] as of [`Self::fee`].
    pub fn ask_for(
        &self,
        deps: DepsMut<'_>,
        info: &MessageInfo,
        ask: Ask,
        reply: u64,
        about: T,
    ) -> Result<SubMsg, ConsumerError> {
        let ask = Ask { refund_to: Some(info.sender.clone()), ..ask };
        let mut fee = self.fee(deps.as_ref(), &ask)?;
        fee.total = fee.total.checked_add(rest(&info.funds, &fee)?.amount).map_err(StdError::from)?;
        Ok(self.send(deps.storage, ask, &fee, reply, about)?)
    }

    /// Asks at the contract's own cost, out of its balance. Where anybody can make it do so, anybody can spend its balance.
    ///
    /// # Errors
    /// As [`Self::fee`].
    pub fn ask(&self, deps: DepsMut<'_>, ask: Ask, reply: u64, about: T) -> StdResult<SubMsg> {
        let fee = self.fee(deps.as_ref(), &ask)?;
        self.send(deps.storage, ask, &fee, reply, about)
    }

    /// The message that asks for this fee, and what is remembered of it. `reply` is the id of the reply that [`Self::opened`]
    /// takes: a message that asks several times gives each another.
    ///
    /// # Errors
    /// [`StdError`] where `about` or the message cannot be encoded; [`StdError::NotFound`] where
    /// [`Self::set_gateway`] was never called.
    pub fn send(
        &self,
        storage: &mut dyn Storage,
        ask: Ask,
        fee: &FeeResponse,
        reply: u64,
        about: T,
    ) -> StdResult<SubMsg> {
        let asked = Asked { project: ask.project, version: ask.version, code: ask.code, about };
        self.asked.save(storage, (SENT, reply), &asked)?;
        Ok(SubMsg::reply_on_success(ask.message(&self.gateway(storage)?, fee)?, reply))
    }

    /// Reads the request's id from the gateway's reply, and waits for its answer from now on. For `reply`.
    ///
    /// # Errors
    /// [`ConsumerError::NoRequestId`]: the reply is to nothing that was asked here.
    pub fn opened(&self, storage: &mut dyn Storage, reply: Reply) -> Result<RequestId, ConsumerError> {
        let sent = (SENT, reply.id);
        let asked = self.asked.may_load(storage, sent)?.ok_or(ConsumerError::NoRequestId {})?;
        let request = parse_request_id(&reply.result.into_result().map_err(StdError::generic_err)?)?;
        self.asked.remove(storage, sent);
        self.asked.save(storage, (OPEN, request.get()), &asked)?;
        Ok(request)
    }

    /// Takes an answer: the gateway's own, to a request that is waited for, of the project, version and code that it asked for.
    /// Each is taken once. Returns it with what the request was about.
    ///
    /// # Errors
    /// As [`check`]; [`ConsumerError::Std`] where the storage fails.
    pub fn take(
        &self,
        storage: &mut dyn Storage,
        sender: &Addr,
        result: GatewayResult,
    ) -> Result<(Answer, T), ConsumerError> {
        let gateway = self.gateway(storage)?;
        let request = result.request;
        let open = (OPEN, request.get());
        let asked = self.asked.may_load(storage, open)?;
        let expected = asked.as_ref().map(|asked| {
            let Asked { project, version, code, .. } = *asked;
            Expected { project, version, code }
        });
        let answer = check(sender, &gateway, result, |_| expected)?;
        self.asked.remove(storage, open);
        let asked = asked.ok_or(ConsumerError::NotWaitedFor { request })?;
        Ok((answer, asked.about))
    }

    /// Requests that are waited for, the oldest first, this many at most.
    ///
    /// # Errors
    /// [`StdError`] where a stored key cannot be read.
    pub fn waiting(&self, storage: &dyn Storage, most: usize) -> StdResult<Vec<RequestId>> {
        let keys = self.asked.prefix(OPEN).keys(storage, None, None, Order::Ascending);
        keys.take(most).map(|id| id.map(RequestId)).collect()
    }
}

#[cfg(test)]
mod tests;
