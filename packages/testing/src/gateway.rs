//! The mock as a test sees it: one verb for each way a request can end.

use cosmwasm_std::{Addr, Empty, Uint128};
use cw_multi_test::{App, AppResponse, ContractWrapper, Executor};
use gateway_api::{
    Body, BodyHash, CallbackStatus, CodeHash, ExecuteMsg, OutcomeClass, RequestId, Resolution, limits,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::MockError;
use crate::contract::{MockExecute, MockQuery, TestMsg, TestQuery, execute, instantiate, query, reply};
use crate::state::{Asked, CODE};

/// A gateway whose requests end as the test says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MockGateway {
    address: Addr,
    tester: Addr,
}

impl MockGateway {
    /// Stores and instantiates the mock. A request costs 1000 aarch until [`Self::set_fee`] says otherwise.
    ///
    /// # Errors
    /// [`MockError::App`] where the app refuses the message.
    pub fn deploy(app: &mut App) -> Result<Self, MockError> {
        let tester = app.api().addr_make("gateway-tester");
        let code =
            app.store_code(Box::new(ContractWrapper::new(execute, instantiate, query).with_reply(reply)));
        let address = app.instantiate_contract(code, tester.clone(), &Empty {}, &[], "mock gateway", None)?;
        Ok(Self { address, tester })
    }

    /// Its address, to configure consumers with.
    #[must_use]
    pub const fn address(&self) -> &Addr {
        &self.address
    }

    /// The hash of the code of each project, in its only version, 1: what a consumer that pins the code has to expect.
    #[must_use]
    pub const fn code() -> CodeHash {
        CODE
    }

    /// Changes what a request costs, in aarch.
    ///
    /// # Errors
    /// [`MockError::App`] where the app refuses the message.
    pub fn set_fee(&self, app: &mut App, fee: u128) -> Result<AppResponse, MockError> {
        self.say(app, TestMsg::MockFee { fee: Uint128::new(fee) })
    }

    /// Open requests, the oldest first.
    ///
    /// # Errors
    /// [`MockError::App`] where the app refuses the message.
    pub fn open(&self, app: &App) -> Result<Vec<RequestId>, MockError> {
        self.ask(app, TestQuery::MockOpen {})
    }

    /// A request's input: the JSON text that the consumer sent.
    ///
    /// # Errors
    /// [`MockError::App`] where there is no such request.
    pub fn input(&self, app: &App, request: RequestId) -> Result<String, MockError> {
        Ok(self.asked(app, request)?.input)
    }

    /// How a request's callback went.
    ///
    /// # Errors
    /// [`MockError::App`] where there is no such request.
    pub fn callback(&self, app: &App, request: RequestId) -> Result<CallbackStatus, MockError> {
        Ok(self.asked(app, request)?.callback)
    }

    /// Ends a request with a value, whole, and calls back. A failing consumer does not undo the result: see [`Self::callback`].
    ///
    /// # Errors
    /// [`MockError::App`] where the request does not exist or has ended, [`MockError::Json`] where the value has no JSON
    /// form.
    pub fn answer(
        &self,
        app: &mut App,
        request: RequestId,
        value: &impl Serialize,
    ) -> Result<AppResponse, MockError> {
        let text = canonical(value)?;
        self.resolve(app, request, fulfilled(OutcomeClass::Ok, Body::Inline { text }), false)
    }

    /// Ends a request with an agreed error.
    ///
    /// # Errors
    /// [`MockError::App`] where the request does not exist or has ended.
    pub fn fail(
        &self,
        app: &mut App,
        request: RequestId,
        class: OutcomeClass,
        message: &str,
    ) -> Result<AppResponse, MockError> {
        let text = canonical(&serde_json::json!({ "message": message }))?;
        self.resolve(app, request, fulfilled(class, Body::Inline { text }), false)
    }

    /// Ends a request without a quorum: the whole fee returns, and the callback that is due is delivered, as keepers do.
    ///
    /// # Errors
    /// [`MockError::App`] where the request does not exist or has ended.
    pub fn expire(&self, app: &mut App, request: RequestId) -> Result<AppResponse, MockError> {
        let expired = self.resolve(app, request, Resolution::Expired {}, false)?;
        match self.callback(app, request)? {
            CallbackStatus::Due {} => self.deliver(app, request),
            _ => Ok(expired),
        }
    }

    /// Ends a request with a value that is kept off the chain: the callback has its hash and size. Returns the text, which the test
    /// brings to the consumer as anybody may.
    ///
    /// # Errors
    /// [`MockError::App`] where the request does not exist or has ended, [`MockError::Json`] where the value has no JSON
    /// form.
    pub fn answer_hashed(
        &self,
        app: &mut App,
        request: RequestId,
        value: &impl Serialize,
    ) -> Result<String, MockError> {
        let text = canonical(value)?;
        let size = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let body = Body::Hashed { sha256: BodyHash(Sha256::digest(&text).into()), size };
        self.resolve(app, request, fulfilled(OutcomeClass::Ok, body), false)?;
        Ok(text)
    }

    /// Ends a request with a value whose callback runs out of gas: the result stands, the consumer has received nothing, and
    /// [`Self::retry`] delivers it.
    ///
    /// # Errors
    /// [`MockError::App`] where the request does not exist or has ended, [`MockError::Json`] where the value has no JSON
    /// form.
    pub fn answer_out_of_gas(
        &self,
        app: &mut App,
        request: RequestId,
        value: &impl Serialize,
    ) -> Result<AppResponse, MockError> {
        let text = canonical(value)?;
        self.resolve(app, request, fulfilled(OutcomeClass::Ok, Body::Inline { text }), true)
    }

    /// Retries a failed callback as somebody else than the requester, which is possible three times: passes the blocks that
    /// have to lie between two attempts, and sends `deliver_callback`.
    ///
    /// # Errors
    /// [`MockError::App`] where the callback has not failed or has no retries left.
    pub fn retry(&self, app: &mut App, request: RequestId) -> Result<AppResponse, MockError> {
        app.update_block(|block| block.height += limits::CALLBACK_COOLDOWN_BLOCKS);
        self.deliver(app, request)
    }

    fn deliver(&self, app: &mut App, request: RequestId) -> Result<AppResponse, MockError> {
        let message = ExecuteMsg::DeliverCallback { request, gas_limit: None };
        Ok(app.execute_contract(self.tester.clone(), self.address.clone(), &message, &[])?)
    }

    fn resolve(
        &self,
        app: &mut App,
        request: RequestId,
        resolution: Resolution,
        out_of_gas: bool,
    ) -> Result<AppResponse, MockError> {
        // Three quarters are earned, so that a consumer sees a refund.
        let earned = Uint128::new(750);
        self.say(app, TestMsg::MockResolve { request, resolution, earned, out_of_gas })
    }

    fn say(&self, app: &mut App, message: TestMsg) -> Result<AppResponse, MockError> {
        let message = MockExecute::Test(message);
        Ok(app.execute_contract(self.tester.clone(), self.address.clone(), &message, &[])?)
    }

    pub(crate) fn asked(&self, app: &App, request: RequestId) -> Result<Asked, MockError> {
        self.ask(app, TestQuery::MockAsked { request })
    }

    fn ask<T: DeserializeOwned>(&self, app: &App, query: TestQuery) -> Result<T, MockError> {
        Ok(app.wrap().query_wasm_smart(&self.address, &MockQuery::Test(query))?)
    }
}

const fn fulfilled(class: OutcomeClass, body: Body) -> Resolution {
    Resolution::Fulfilled { class, body }
}

/// JSON with its keys in order, as the gateway writes plain values.
fn canonical(value: &impl Serialize) -> Result<String, MockError> {
    Ok(serde_json::to_value(value)?.to_string())
}
