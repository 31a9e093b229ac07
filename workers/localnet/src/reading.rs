//! Results in a readable form, and the callbacks that a consumer contract received.

use std::collections::BTreeMap;
use std::time::Duration;

use gateway_api::events::GatewayEvent;
use gateway_api::{Body, OutcomeClass, QueryMsg, RequestId, RequestResponse, RequestStatus, ResultResponse};
use gateway_chain::ChainReader;
use serde_json::Value;

use crate::{Localnet, LocalnetError, RequestTicket};

/// A result in a readable form.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The request.
    pub request: RequestResponse,
    /// The contract's record.
    pub record: ResultResponse,
    /// The outcome's class.
    pub class: OutcomeClass,
    /// Seats that agreed.
    pub seats: u32,
    /// Seats that were needed.
    pub quorum_seats: u32,
    /// Nodes that agreed.
    pub agreed_nodes: usize,
    /// Blocks from the request to the result.
    pub blocks: u64,
    /// Time from sending the request to seeing the result.
    pub elapsed: Duration,
    /// Gas of the transaction that published it.
    pub publish_gas: u64,
}

impl Reading {
    /// Returns the body as JSON; `null` if it is kept off the chain.
    #[must_use]
    pub fn value(&self) -> Value {
        match &self.record.body {
            Body::Inline { text } => serde_json::from_str(text).unwrap_or(Value::Null),
            Body::Hashed { .. } => Value::Null,
        }
    }
}

impl Localnet {
    /// Waits for a request's result.
    ///
    /// # Errors
    /// [`LocalnetError::TimedOut`] if it does not arrive in time, for example because the request expires;
    /// [`LocalnetError::Chain`] if a query fails or the result's block cannot be read.
    pub async fn result(&self, ticket: &RequestTicket) -> Result<Reading, LocalnetError> {
        let request = self.until_status(ticket, RequestStatus::Fulfilled).await?;
        let elapsed = ticket.sent.elapsed();
        let record: ResultResponse = self.ask(&QueryMsg::Result { request: ticket.request }).await?;
        let block = self
            .reader
            .block(record.height)
            .await
            .map_err(LocalnetError::chain("reading the result's block"))?;
        let published = block.txs.iter().find(|tx| {
            tx.events.iter().any(|e| {
                matches!(GatewayEvent::decode(&self.contract, &e.ty, &e.pairs()),
                    Ok(Some(GatewayEvent::RequestFulfilled(event))) if event.request == ticket.request)
            })
        });
        Ok(Reading {
            class: record.class,
            seats: record.seats,
            quorum_seats: record.quorum_seats,
            agreed_nodes: record.agreed.len(),
            blocks: record.height.saturating_sub(request.height),
            elapsed,
            publish_gas: published.map_or(0, |tx| tx.gas_used),
            request,
            record,
        })
    }

    /// Counts the contract's events that a request was fulfilled, over the whole chain.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if a block cannot be read.
    pub async fn times_published(&self, ticket: &RequestTicket) -> Result<usize, LocalnetError> {
        let mut times = 0;
        for height in 1..=self.height().await? {
            let ended = |event: &GatewayEvent| matches!(event, GatewayEvent::RequestFulfilled(event) if event.request == ticket.request);
            times += self.events_at(height).await?.iter().filter(|event| ended(event)).count();
        }
        Ok(times)
    }

    /// Counts the contract's events that each request has ended, over the whole chain; 0 for open ones.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if a block cannot be read.
    pub async fn endings(&self) -> Result<BTreeMap<RequestId, usize>, LocalnetError> {
        let mut endings = BTreeMap::new();
        for height in 1..=self.height().await? {
            for event in self.events_at(height).await? {
                match event {
                    GatewayEvent::RequestOpened(event) => {
                        endings.entry(event.request).or_default();
                    }
                    GatewayEvent::RequestFulfilled(event) => {
                        *endings.entry(event.request).or_default() += 1;
                    }
                    GatewayEvent::RequestExpired(event) => {
                        *endings.entry(event.request).or_default() += 1;
                    }
                    _ => {}
                }
            }
        }
        Ok(endings)
    }

    /// Returns the value that the example consumer received for a request; `None` if it was not called, or not with a value.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn consumer_answer(&self, ticket: &RequestTicket) -> Result<Option<Value>, LocalnetError> {
        let resolution = self.consumer_resolution(ticket).await?;
        let text = resolution.pointer("/fulfilled/body/inline/text").and_then(Value::as_str);
        Ok(text.map(|text| serde_json::from_str(text).unwrap_or(Value::Null)))
    }

    /// Returns the relay's copy of a result's body; `None` if it has none.
    ///
    /// # Errors
    /// [`LocalnetError::Answer`] if the relay cannot be asked.
    pub async fn body_from_relay(&self, ticket: &RequestTicket) -> Result<Option<String>, LocalnetError> {
        let doing = "asking the relay for a body";
        let failed = |e| LocalnetError::answer(doing, e);
        let url = format!("{}/v1/results/{}/body", self.relay_url(), ticket.request);
        let answer = reqwest::get(url).await.map_err(failed)?;
        if !answer.status().is_success() {
            return Ok(None);
        }
        answer.text().await.map(Some).map_err(failed)
    }

    /// Returns the resolution that the example consumer received for a request; `null` if it was not called.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn consumer_resolution(&self, ticket: &RequestTicket) -> Result<Value, LocalnetError> {
        let query = serde_json::json!({ "answer": { "request": ticket.request } });
        let doing = "asking the example consumer";
        let bytes = self.reader.smart_query(&self.consumer, query.to_string().into_bytes(), 0).await;
        let bytes = bytes.map_err(LocalnetError::chain(doing))?.value;
        let answer: Value = serde_json::from_slice(&bytes).map_err(|e| LocalnetError::answer(doing, e))?;
        Ok(answer.get("resolution").cloned().unwrap_or(Value::Null))
    }
}
