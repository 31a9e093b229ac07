//! What a consumer must refuse: callbacks that the gateway would never send.

use cosmwasm_std::Addr;
use cw_multi_test::{App, Executor};
use gateway_api::{
    Body, DrawClass, GatewayCallback, GatewayResult, OutcomeClass, ProjectId, RequestId, Resolution,
};

use crate::state::{Asked, CODE, VERSION};
use crate::{MockError, MockGateway};

/// A callback that the gateway would never send, and that a consumer took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongOrder {
    /// Somebody else than the gateway answered an open request.
    Impostor,
    /// The consumer itself was the sender.
    Itself,
    /// The gateway answered a request that the consumer never made.
    NeverAsked,
    /// The answer was another project's than the one asked.
    OtherProject,
    /// The gateway answered an ended request again.
    Repeated,
    /// The gateway reported an expiry after an answer.
    ExpiredAfterwards,
}

impl MockGateway {
    /// Sends a consumer everything that it must refuse, and returns what it took: nothing, for a consumer that checks. `value`
    /// is the JSON text of an answer that it would take. The request is open before and has been answered after.
    ///
    /// # Errors
    /// [`MockError::App`] where the request does not exist or has ended.
    pub fn wrong_orders(
        &self,
        app: &mut App,
        request: RequestId,
        value: &str,
    ) -> Result<Vec<WrongOrder>, MockError> {
        let Asked { requester: consumer, project: asked, .. } = self.asked(app, request)?;
        let impostor = app.api().addr_make("impostor");
        let ok = || Resolution::Fulfilled {
            class: OutcomeClass::Ok,
            body: Body::Inline { text: value.to_owned() },
        };
        let mut taken = Vec::new();
        let mut attempt = |app: &mut App, order, from: &Addr, request, resolution| {
            let project = match order {
                WrongOrder::OtherProject => ProjectId(asked.get().saturating_add(1)),
                _ => asked,
            };
            let (version, code, draw, schedule) = (VERSION, CODE, DrawClass::Normal, None);
            let result = GatewayResult { request, project, version, code, draw, schedule, resolution };
            let message = GatewayCallback::GatewayResult(result);
            if app.execute_contract(from.clone(), consumer.clone(), &message, &[]).is_ok() {
                taken.push(order);
            }
        };
        let stranger = RequestId(request.get().saturating_add(1_000_000));
        attempt(app, WrongOrder::Impostor, &impostor, request, ok());
        attempt(app, WrongOrder::Itself, &consumer, request, ok());
        attempt(app, WrongOrder::NeverAsked, self.address(), stranger, ok());
        attempt(app, WrongOrder::OtherProject, self.address(), request, ok());
        let parsed: serde_json::Value = serde_json::from_str(value)?;
        self.answer(app, request, &parsed)?;
        attempt(app, WrongOrder::Repeated, self.address(), request, ok());
        attempt(app, WrongOrder::ExpiredAfterwards, self.address(), request, Resolution::Expired {});
        Ok(taken)
    }
}
