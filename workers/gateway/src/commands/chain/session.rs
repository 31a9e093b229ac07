//! One command's dealings with a chain: queries the contract, sends it a message or prints what would be sent.

use std::path::Path;
use std::sync::Arc;

use gateway_api::events::GatewayEvent;
use gateway_api::{ExecuteMsg, QueryMsg};
use gateway_chain::{Coin, Deployer, Endpoints, GatewayQuery, Signer, TxFound};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::archwayd;
use super::network::Network;
use crate::arguments::{ChainOptions, OutputFormat};
use crate::commands::CommandError;

/// A resolved network, connected when first needed.
pub(super) struct Session {
    pub(super) network: Network,
    generate_only: bool,
    output: OutputFormat,
}

impl Session {
    /// Resolves the network for a project's folder.
    ///
    /// # Errors
    /// As [`Network::resolve`].
    pub(super) fn open(options: &ChainOptions, folder: &Path) -> Result<Self, CommandError> {
        let network = Network::resolve(options, folder)?;
        Ok(Self { network, generate_only: options.generate_only, output: options.output })
    }

    /// Returns whether messages are printed instead of sent.
    pub(super) const fn generates_only(&self) -> bool {
        self.generate_only
    }

    /// Connects and checks the chain's id.
    ///
    /// # Errors
    /// [`CommandError`] with the network's name and the text of a `ChainError`: `ChainError::WrongChain`, or why no node could
    /// be reached.
    pub(super) async fn chain(&self) -> Result<Arc<Endpoints>, CommandError> {
        let rpc = &self.network.rpc;
        let chain = Endpoints::connect(&self.network.chain_config())
            .await
            .map_err(|e| format!("{rpc} (network {}): {e}", self.network.name))?;
        Ok(Arc::new(chain))
    }

    /// Returns a handle to the contract, for more than one query: each call connects anew.
    ///
    /// # Errors
    /// [`CommandError`]: there is no contract, or the chain does not answer.
    pub(super) async fn query(&self) -> Result<GatewayQuery, CommandError> {
        // A network without a contract is reported as such, whether its chain answers or not.
        let contract = self.network.contract()?;
        Ok(GatewayQuery::new(self.chain().await?, contract))
    }

    /// Queries the contract.
    ///
    /// # Errors
    /// As [`Self::query`]; `ChainError::Query` when the contract refuses, another `ChainError` when the chain does not answer
    /// or the answer is malformed.
    pub(super) async fn ask<T: DeserializeOwned>(&self, query: &QueryMsg) -> Result<T, CommandError> {
        Ok(self.query().await?.ask(query).await?.value)
    }

    /// Queries any contract.
    ///
    /// # Errors
    /// As [`Self::chain`]; `ChainError::Query` when the contract refuses, another `ChainError` when the chain does not answer.
    pub(super) async fn ask_of(&self, contract: &str, query: &Value) -> Result<Value, CommandError> {
        Ok(GatewayQuery::new(self.chain().await?, contract).ask(query).await?.value)
    }

    /// Returns what signs and sends.
    ///
    /// # Errors
    /// [`CommandError`] when there is no key, `ChainError::Key` when it cannot be read, `ChainError::Invalid` when a setting of
    /// the network is invalid; or as [`Self::chain`].
    pub(super) async fn deployer(&self) -> Result<Deployer, CommandError> {
        let name = &self.network.name;
        let source = self.network.key.as_ref().ok_or_else(|| {
            format!(
                "no key signs on {name}: set `key = {{ file = \"…\" }}` under [networks.{name}], give --key-file, or \
                 --generate-only to have the message printed"
            )
        })?;
        let signer = Signer::load(source, &self.network.prefix)?;
        Ok(Deployer::new(self.chain().await?, signer, &self.network.chain_config())?)
    }

    /// Returns the signing address.
    ///
    /// # Errors
    /// As [`Self::deployer`].
    pub(super) async fn address(&self) -> Result<String, CommandError> {
        Ok(self.deployer().await?.address().to_owned())
    }

    /// Sends a message to the contract and returns its events once a block includes it. With `--generate-only` prints the
    /// message and the archwayd command instead, and returns `None`.
    ///
    /// # Errors
    /// As [`Network::contract`] and [`Self::deployer`]; `ChainError::Query` when the contract refuses the message, with its
    /// error's text, `ChainError::TxFailed` when the transaction fails, `ChainError::TxExpired` when no block includes it.
    pub(super) async fn send(&self, message: &ExecuteMsg, funds: u128) -> Result<Option<Sent>, CommandError> {
        self.send_to(self.network.contract()?, message, funds).await
    }

    /// Sends a message to the contract and reports it once a block includes it.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(super) async fn send_and_report(
        &self,
        message: &ExecuteMsg,
        funds: u128,
        done: &str,
    ) -> Result<(), CommandError> {
        if let Some(sent) = self.send(message, funds).await? {
            self.print(&sent.json(json!({})), || format!("{done} (transaction {})", sent.hash))?;
        }
        Ok(())
    }

    /// Does the same as [`send`](Self::send) for any contract; the events are those of the gateway.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(super) async fn send_to(
        &self,
        contract: &str,
        message: &impl Serialize,
        funds: u128,
    ) -> Result<Option<Sent>, CommandError> {
        let text = serde_json::to_string(message)?;
        if self.generate_only {
            self.print_message(message, &archwayd::execute(&self.network, contract, &text, funds), funds)?;
            return Ok(None);
        }
        let coins = if funds == 0 { Vec::new() } else { vec![Coin::new(funds, &self.network.denom)] };
        let found = self.deployer().await?.execute(contract, text.into_bytes(), &coins).await?;
        Ok(Some(Sent::new(&self.network.contract, found)))
    }

    /// Prints an unsent message, with the archwayd command that sends it.
    pub(super) fn print_message(
        &self,
        message: &impl Serialize,
        command: &str,
        funds: u128,
    ) -> Result<(), CommandError> {
        let show = archwayd::show_transaction(&self.network);
        self.print(
            &json!({ "message": message, "funds": funds.to_string(), "archwayd": command, "then": show }),
            || format!("{command}\n\nThe ids are in its events:\n{show}"),
        )
    }

    /// Prints an answer in the requested form.
    ///
    /// # Errors
    /// [`serde_json::Error`] when the value has no JSON form, [`std::io::Error`] when the output cannot be written.
    pub(super) fn print(
        &self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), CommandError> {
        let text = match self.output {
            OutputFormat::Text => text(),
            OutputFormat::Json => serde_json::to_string_pretty(value)?,
        };
        super::say(&text)
    }

    /// Reports progress, if a person is reading.
    pub(super) fn progress(&self, what: &str) {
        if self.output == OutputFormat::Text {
            eprintln!("{what}");
        }
    }
}

/// A message included in a block.
pub(super) struct Sent {
    /// The transaction's hash.
    pub(super) hash: String,
    /// Its height.
    pub(super) height: u64,
    /// Gas used.
    pub(super) gas: u64,
    /// The contract's events.
    pub(super) events: Vec<GatewayEvent>,
}

impl Sent {
    fn new(contract: &str, found: TxFound) -> Self {
        let events = found
            .tx
            .events
            .iter()
            .filter_map(|event| GatewayEvent::decode(contract, &event.ty, &event.pairs()).ok().flatten())
            .collect();
        Self { hash: found.tx.hash, height: found.tx.height, gas: found.tx.gas_used, events }
    }

    /// Returns the transaction as JSON, with further fields.
    pub(super) fn json(&self, more: Value) -> Value {
        let mut out = json!({ "transaction": self.hash, "height": self.height, "gas_used": self.gas });
        if let (Some(out), Value::Object(more)) = (out.as_object_mut(), more) {
            out.extend(more);
        }
        out
    }
}
