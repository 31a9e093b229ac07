//! Requests, opened in every possible way, and their states.

use std::time::Duration;

use gateway_api::events::{GatewayEvent, RequestOpened};
use gateway_api::{
    ExecuteMsg, FeeResponse, NewRequest, ProjectId, ProjectResponse, QueryMsg, RequestId, RequestResponse,
    RequestStatus, VersionResponse,
};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::wait::until;
use crate::{Localnet, LocalnetError};

/// How long a request may take until it ends.
const RESULT_LIMIT: Duration = Duration::from_secs(90);

/// An opened request.
#[derive(Clone, Debug)]
pub struct RequestTicket {
    /// Its id.
    pub request: RequestId,
    /// The fee reserved for it.
    pub fee: u128,
    /// Gas of the transaction that opened it; 0 if another account sent it.
    pub gas: u64,
    /// When it was sent.
    pub sent: Instant,
}

impl Localnet {
    /// Returns what a request is charged.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn fee(&self, project: ProjectId) -> Result<u128, LocalnetError> {
        let fee: FeeResponse =
            self.ask(&QueryMsg::EstimateFee { project, overrides: None, callback: None }).await?;
        Ok(fee.total.u128())
    }

    /// Opens a request for the user.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the transaction fails.
    pub async fn request(&self, project: ProjectId, input: &Value) -> Result<RequestTicket, LocalnetError> {
        let message = ExecuteMsg::Request(NewRequest::new(project, input.to_string()));
        self.open(&self.contract, &message, self.fee(project).await?).await
    }

    /// Opens a request through the example consumer contract, which asks for a callback.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the transaction fails.
    pub async fn request_by_contract(
        &self,
        project: ProjectId,
        input: &Value,
    ) -> Result<RequestTicket, LocalnetError> {
        self.allow(project).await?;
        let message = serde_json::json!({ "ask": { "project": project, "input": input.to_string() } });
        self.open(&self.consumer, &message, self.fee(project).await?).await
    }

    /// Allows the example consumer to use a project: it needs the owner's permission.
    async fn allow(&self, project: ProjectId) -> Result<(), LocalnetError> {
        let ProjectResponse { active: version, .. } = self.ask(&QueryMsg::Project { project }).await?;
        let active: VersionResponse = self.ask(&QueryMsg::Version { project, version }).await?;
        let max_fee = self.fee(project).await?.to_string();
        let allow = serde_json::json!({ "project": project, "code": active.code.sha256, "max_fee": max_fee });
        let message = serde_json::json!({ "allow": allow });
        self.execute(&self.developer, &self.consumer, &message, 0).await.map(drop)
    }

    async fn open(
        &self,
        contract: &str,
        message: &impl Serialize,
        fee: u128,
    ) -> Result<RequestTicket, LocalnetError> {
        let sent = Instant::now();
        let found = self.execute(&self.user, contract, message, fee).await?;
        let opened = self.event("opening a request", &found, |event| match event {
            GatewayEvent::RequestOpened(opened) => Some(opened),
            _ => None,
        });
        let RequestOpened { request, reserved, .. } = opened?;
        Ok(RequestTicket { request, fee: reserved.u128(), gas: found.tx.gas_used, sent })
    }

    /// Opens a request through the relay's HTTP API, which pays for it.
    ///
    /// # Errors
    /// [`LocalnetError::Answer`] if the relay cannot be asked, refuses, or returns no request id.
    pub async fn request_through_relay(
        &self,
        project: ProjectId,
        input: &Value,
    ) -> Result<RequestTicket, LocalnetError> {
        let doing = "a request through the relay";
        let sent = Instant::now();
        let answer = reqwest::Client::new()
            .post(format!("{}/v1/requests", self.relay_url()))
            .bearer_auth(crate::config_files::API_KEY)
            .header("idempotency-key", format!("localnet-{project}-{}", input.to_string().len()))
            .json(&serde_json::json!({ "project": project, "input": input }))
            .send()
            .await
            .map_err(|e| LocalnetError::answer(doing, e))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|e| LocalnetError::answer(doing, e))?;
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let id = body.get("request").and_then(Value::as_u64);
        let id = id.ok_or_else(|| LocalnetError::answer(doing, format!("{status}: {text}")))?;
        Ok(RequestTicket { request: RequestId(id), fee: 0, gas: 0, sent })
    }

    /// Returns the contract's state of a request.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn request_of(&self, ticket: &RequestTicket) -> Result<RequestResponse, LocalnetError> {
        self.ask(&QueryMsg::Request { request: ticket.request }).await
    }

    /// Returns a request's status.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn status(&self, ticket: &RequestTicket) -> Result<RequestStatus, LocalnetError> {
        Ok(self.request_of(ticket).await?.status)
    }

    /// Waits until a request has this status.
    ///
    /// # Errors
    /// [`LocalnetError::TimedOut`] if it does not in time, [`LocalnetError::Chain`] if the query fails.
    pub async fn until_status(
        &self,
        ticket: &RequestTicket,
        status: RequestStatus,
    ) -> Result<RequestResponse, LocalnetError> {
        until(&format!("request {} to be {status:?}", ticket.request), RESULT_LIMIT, || async {
            Ok(Some(self.request_of(ticket).await?).filter(|request| request.status == status))
        })
        .await
    }

    /// Waits until a round has drawn a request.
    ///
    /// # Errors
    /// [`LocalnetError::TimedOut`] if it does not in time, [`LocalnetError::Chain`] if the query fails.
    pub async fn until_drawn(&self, ticket: &RequestTicket) -> Result<RequestResponse, LocalnetError> {
        until(&format!("request {} to be drawn", ticket.request), RESULT_LIMIT, || async {
            Ok(Some(self.request_of(ticket).await?).filter(|request| request.draw.is_some()))
        })
        .await
    }

    /// Waits until the relay reports that a publication is under way.
    ///
    /// # Errors
    /// [`LocalnetError::TimedOut`] if it does not in time, [`LocalnetError::Answer`] if the relay cannot be asked.
    pub async fn until_relay_has_queued(&self, ticket: &RequestTicket) -> Result<(), LocalnetError> {
        let url = format!("{}/v1/requests/{}", self.relay_url(), ticket.request);
        let doing = "asking the relay for a request";
        until(&format!("the relay to queue request {}", ticket.request), RESULT_LIMIT, || async {
            let answer = reqwest::get(&url).await.map_err(|e| LocalnetError::answer(doing, e))?;
            let view: Value = answer.json().await.map_err(|e| LocalnetError::answer(doing, e))?;
            Ok((view.get("publishing") == Some(&Value::Bool(true))).then_some(()))
        })
        .await
    }
}
