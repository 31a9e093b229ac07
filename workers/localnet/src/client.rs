//! What people and contracts do on the network, as verbs: register, request, read the result.

use crate::network::{DENOM, START_LIMIT};
use crate::wait::until;
use crate::{DevAccount, Localnet, LocalnetError, Project};
use gateway_api::events::{GatewayEvent, RequestOpened};
use gateway_api::{
    Body, CounterResponse, Description, ExecuteMsg, FeeResponse, LedgerResponse, Name, OutcomeClass,
    ProjectId, QueryMsg, RegisterNode, RequestId, RequestResponse, RequestStatus, ResultResponse,
};
use gateway_chain::{ChainReader, Coin, TxFound};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// How long a request may take to its end.
const RESULT_LIMIT: Duration = Duration::from_secs(90);
/// What a node stakes: one unit.
const STAKE: u128 = 1_000_000_000_000_000_000;

/// An opened request.
#[derive(Clone, Debug)]
pub struct RequestTicket {
    /// Its id.
    pub request: RequestId,
    /// What was reserved for it.
    pub fee: u128,
    /// Gas of the transaction that opened it; 0 where somebody else sent it.
    pub gas: u64,
    /// When it was sent.
    pub sent: Instant,
}

/// A result as a person reads it.
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
    pub bar: u32,
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
    /// The body as JSON; `null` where it is kept off the chain.
    #[must_use]
    pub fn value(&self) -> Value {
        match &self.record.body {
            Body::Inline { text } => serde_json::from_str(text).unwrap_or(Value::Null),
            Body::Hashed { .. } => Value::Null,
        }
    }
}

impl Localnet {
    /// Asks the contract.
    ///
    /// # Errors
    /// The query fails.
    pub async fn ask<T: DeserializeOwned>(&self, query: &QueryMsg) -> Result<T, LocalnetError> {
        self.query().ask(query).await.map_err(LocalnetError::chain(format!("asking the contract {query:?}")))
    }

    pub(crate) async fn counter(&self) -> Result<CounterResponse, LocalnetError> {
        self.ask(&QueryMsg::Counter {}).await
    }

    /// Sends a message to a contract for an account and waits until a block holds it.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn execute(
        &self,
        account: &DevAccount,
        contract: &str,
        message: &impl Serialize,
        funds: u128,
    ) -> Result<TxFound, LocalnetError> {
        let doing = format!("a transaction of {}", account.name());
        let funds = if funds == 0 { Vec::new() } else { vec![Coin::new(funds, DENOM)] };
        let message = serde_json::to_vec(message).map_err(|e| LocalnetError::answer(doing.clone(), e))?;
        let deployer = account.deployer(self.reader.clone(), &self.chain_config)?;
        deployer.execute(contract, message, &funds).await.map_err(LocalnetError::chain(doing))
    }

    /// The contract's events in a transaction.
    #[must_use]
    pub fn events(&self, found: &TxFound) -> Vec<GatewayEvent> {
        let events = found.tx.events.iter();
        events
            .filter_map(|e| GatewayEvent::decode(&self.contract, &e.ty, &e.pairs()).ok().flatten())
            .collect()
    }

    /// Registers a node's key with its operator's stake. The message comes from the binary, as an operator's would.
    pub(crate) async fn register_node(&self, index: usize, config: &Path) -> Result<(), LocalnetError> {
        let operator = &self.operators[index];
        let name = format!("node-{}", index + 1);
        let output = tokio::process::Command::new(&self.config.program)
            .args([
                "--log",
                "warn",
                "identity",
                "--operator",
                operator.address(),
                "--moniker",
                &name,
                "--config",
            ])
            .arg(config)
            .output()
            .await
            .map_err(|source| LocalnetError::Start { name: format!("identity of {name}"), source })?;
        if !output.status.success() {
            return Err(LocalnetError::answer("gateway identity", String::from_utf8_lossy(&output.stderr)));
        }
        let message: ExecuteMsg = serde_json::from_slice(&output.stdout)
            .map_err(|e| LocalnetError::answer("gateway identity", e))?;
        self.execute(operator, &self.contract, &message, STAKE).await?;
        Ok(())
    }

    /// Registers a node that has no daemon: for tests in which somebody else speaks with its key.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn register_node_of(
        &self,
        operator: &DevAccount,
        node: RegisterNode,
    ) -> Result<(), LocalnetError> {
        self.execute(operator, &self.contract, &ExecuteMsg::RegisterNode(node), STAKE).await.map(|_| ())
    }

    /// Stores a project's code with global and registers the project for the developer.
    ///
    /// # Errors
    /// The code is refused or the transaction fails.
    pub async fn register(&self, project: &Project) -> Result<ProjectId, LocalnetError> {
        self.store_code(&project.code).await?;
        let text = |e: gateway_api::TextError| LocalnetError::answer("the project's name or description", e);
        let message = ExecuteMsg::RegisterProject {
            name: Name::new(&project.name).map_err(text)?,
            description: Description::new(&project.description).map_err(text)?,
            code: project.code_ref(),
            policy: project.policy.clone(),
        };
        let found = self.execute(&self.developer, &self.contract, &message, 0).await?;
        let registered = self.events(&found).into_iter().find_map(|event| match event {
            GatewayEvent::ProjectRegistered(event) => Some(event.project),
            _ => None,
        });
        registered.ok_or_else(|| {
            LocalnetError::answer("registering a project", "the transaction has no such event")
        })
    }

    async fn store_code(&self, code: &str) -> Result<(), LocalnetError> {
        let doing = "storing code with global";
        let answer = reqwest::Client::new()
            .put(format!("{}/v1/code", self.global_url()))
            .bearer_auth(crate::config_files::API_KEY)
            .body(code.to_owned())
            .send()
            .await
            .map_err(|e| LocalnetError::answer(doing, e))?;
        if answer.status().is_success() {
            return Ok(());
        }
        let status = answer.status();
        Err(LocalnetError::answer(doing, format!("{status}: {}", answer.text().await.unwrap_or_default())))
    }

    /// What a request is charged.
    ///
    /// # Errors
    /// The query fails.
    pub async fn fee(&self, project: ProjectId) -> Result<u128, LocalnetError> {
        let fee: FeeResponse = self.ask(&QueryMsg::EstimateFee { project }).await?;
        Ok(fee.total.u128())
    }

    /// Opens a request for the user.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn request(&self, project: ProjectId, input: &Value) -> Result<RequestTicket, LocalnetError> {
        let message = ExecuteMsg::Request { project, input: input.to_string(), callback: None };
        self.open(&self.contract, &message, self.fee(project).await?).await
    }

    /// Opens a request by way of the example consumer contract, which asks to be called back.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn request_by_contract(
        &self,
        project: ProjectId,
        input: &Value,
    ) -> Result<RequestTicket, LocalnetError> {
        let message = serde_json::json!({ "ask": { "project": project, "input": input.to_string() } });
        self.open(&self.consumer, &message, self.fee(project).await?).await
    }

    async fn open(
        &self,
        contract: &str,
        message: &impl Serialize,
        fee: u128,
    ) -> Result<RequestTicket, LocalnetError> {
        let sent = Instant::now();
        let found = self.execute(&self.user, contract, message, fee).await?;
        let opened = self.events(&found).into_iter().find_map(|event| match event {
            GatewayEvent::RequestOpened(opened) => Some(opened),
            _ => None,
        });
        let RequestOpened { request, reserved, .. } = opened
            .ok_or_else(|| LocalnetError::answer("opening a request", "the transaction has no such event"))?;
        Ok(RequestTicket { request, fee: reserved.u128(), gas: found.tx.gas_used, sent })
    }

    /// Opens a request through the relay's HTTP API, which pays for it.
    ///
    /// # Errors
    /// The relay refuses, or never tells the request's id.
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

    /// A request as the contract knows it.
    ///
    /// # Errors
    /// The query fails.
    pub async fn request_of(&self, ticket: &RequestTicket) -> Result<RequestResponse, LocalnetError> {
        self.ask(&QueryMsg::Request { request: ticket.request }).await
    }

    /// Where a request stands.
    ///
    /// # Errors
    /// The query fails.
    pub async fn status(&self, ticket: &RequestTicket) -> Result<RequestStatus, LocalnetError> {
        Ok(self.request_of(ticket).await?.status)
    }

    /// Waits until a request stands there.
    ///
    /// # Errors
    /// It does not in time.
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
    /// It does not in time.
    pub async fn until_drawn(&self, ticket: &RequestTicket) -> Result<RequestResponse, LocalnetError> {
        until(&format!("request {} to be drawn", ticket.request), RESULT_LIMIT, || async {
            Ok(Some(self.request_of(ticket).await?).filter(|request| request.draw.is_some()))
        })
        .await
    }

    /// Waits for a request's result.
    ///
    /// # Errors
    /// It does not come in time, or the request expires.
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
            bar: record.bar,
            agreed_nodes: record.agreed.len(),
            blocks: record.height.saturating_sub(request.height),
            elapsed,
            publish_gas: published.map_or(0, |tx| tx.gas_used),
            request,
            record,
        })
    }

    /// Waits until the relay says that a publication is on its way.
    ///
    /// # Errors
    /// It does not in time.
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

    /// How often the contract said that a request was fulfilled, over the whole chain.
    ///
    /// # Errors
    /// A block cannot be read.
    pub async fn times_published(&self, ticket: &RequestTicket) -> Result<usize, LocalnetError> {
        let mut times = 0;
        for height in 1..=self.chain.height() {
            let block = self.reader.block(height).await.map_err(LocalnetError::chain("reading a block"))?;
            times += block
                .events()
                .filter(|(_, e)| {
                    matches!(GatewayEvent::decode(&self.contract, &e.ty, &e.pairs()),
                        Ok(Some(GatewayEvent::RequestFulfilled(event))) if event.request == ticket.request)
                })
                .count();
        }
        Ok(times)
    }

    /// What the example consumer was told of a request; `None` where it was not called.
    ///
    /// # Errors
    /// The query fails.
    pub async fn consumer_answer(&self, ticket: &RequestTicket) -> Result<Option<Value>, LocalnetError> {
        let query = serde_json::json!({ "answer": { "request": ticket.request } });
        let doing = "asking the example consumer";
        let bytes = self.reader.smart_query(&self.consumer, query.to_string().into_bytes()).await;
        let bytes = bytes.map_err(LocalnetError::chain(doing))?;
        let answer: Value = serde_json::from_slice(&bytes).map_err(|e| LocalnetError::answer(doing, e))?;
        let text = answer.pointer("/resolution/fulfilled/body/inline/text").and_then(Value::as_str);
        Ok(text.map(|text| serde_json::from_str(text).unwrap_or(Value::Null)))
    }

    /// What the user has.
    ///
    /// # Errors
    /// The query fails.
    pub async fn balance_of_user(&self) -> Result<u128, LocalnetError> {
        self.balance(self.user.address()).await
    }

    async fn balance(&self, address: &str) -> Result<u128, LocalnetError> {
        self.reader.balance(address, DENOM).await.map_err(LocalnetError::chain("asking for a balance"))
    }

    /// Checks that the contract holds exactly what its ledger says it holds for others.
    ///
    /// # Errors
    /// It does not.
    pub async fn check_ledger(&self) -> Result<(), LocalnetError> {
        let ledger: LedgerResponse = self.ask(&QueryMsg::Ledger {}).await?;
        let held = self.balance(&self.contract).await?;
        let owed = ledger.stake.u128() + ledger.reserved.u128() + ledger.claimable.u128();
        if held == owed {
            return Ok(());
        }
        Err(LocalnetError::answer(
            "comparing the ledger",
            format!("the contract holds {held} and owes {owed}"),
        ))
    }

    /// Waits until any condition of a test or demo holds.
    ///
    /// # Errors
    /// It does not within two minutes.
    pub async fn until<T, F, Fut>(&self, what: &str, condition: F) -> Result<T, LocalnetError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<Option<T>, LocalnetError>>,
    {
        until(what, START_LIMIT, condition).await
    }
}
