//! What people do on the network, as methods: query the contract, send it messages, register projects and nodes.

use std::path::Path;

use gateway_api::events::GatewayEvent;
use gateway_api::{
    CounterResponse, Description, EncryptionKeysResponse, ExecuteMsg, LedgerResponse, Name, ProjectId,
    QueryMsg, RegisterNode,
};
use gateway_chain::tx::Msg;
use gateway_chain::{ChainReader, Coin, TxFound};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::chain::DENOM;
use crate::network::START_LIMIT;
use crate::wait::until;
use crate::{DevAccount, Localnet, LocalnetError, Project};

/// A node's stake: one unit.
const STAKE: u128 = 1_000_000_000_000_000_000;

impl Localnet {
    /// Queries the contract.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn ask<T: DeserializeOwned>(&self, query: &QueryMsg) -> Result<T, LocalnetError> {
        let answer = self.query().ask(query).await;
        let answer = answer.map_err(LocalnetError::chain(format!("asking the contract {query:?}")))?;
        Ok(answer.value)
    }

    pub(crate) async fn counter(&self) -> Result<CounterResponse, LocalnetError> {
        self.ask(&QueryMsg::Counter {}).await
    }

    /// Sends a message to a contract for an account and waits until a block includes it.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the transaction fails.
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

    /// Sends messages of an account as one transaction and waits until a block includes it.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the transaction fails.
    pub async fn submit(&self, account: &DevAccount, messages: Vec<Msg>) -> Result<TxFound, LocalnetError> {
        let deployer = account.deployer(self.reader.clone(), &self.chain_config)?;
        let doing = format!("a transaction of {}", account.name());
        deployer.submit(messages).await.map_err(LocalnetError::chain(doing))
    }

    /// Returns the contract's events in a transaction.
    #[must_use]
    pub fn events(&self, found: &TxFound) -> Vec<GatewayEvent> {
        let events = found.tx.events.iter();
        events
            .filter_map(|e| GatewayEvent::decode(&self.contract, &e.ty, &e.pairs()).ok().flatten())
            .collect()
    }

    /// Returns the first of the contract's events in a transaction that `pick` accepts, as `pick` maps it.
    ///
    /// # Errors
    /// [`LocalnetError::Answer`] if there is no such event.
    pub(crate) fn event<T>(
        &self,
        doing: &str,
        found: &TxFound,
        pick: impl Fn(GatewayEvent) -> Option<T>,
    ) -> Result<T, LocalnetError> {
        let picked = self.events(found).into_iter().find_map(pick);
        picked.ok_or_else(|| LocalnetError::answer(doing, "the transaction has no such event"))
    }

    /// Registers a node's key with its operator's stake, and lets the daemon's account send for it. The message comes from the
    /// binary, as an operator's would.
    pub(crate) async fn register_node(
        &self,
        index: usize,
        config: &Path,
        account: &DevAccount,
    ) -> Result<(), LocalnetError> {
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
        let found = self.execute(operator, &self.contract, &message, STAKE).await?;
        let node = self.event("registering a node", &found, |event| match event {
            GatewayEvent::NodeRegistered(event) => Some(event.node),
            _ => None,
        })?;
        let daemon = Some(account.address().to_owned());
        let message = ExecuteMsg::SetNodeAccounts { node, payout: None, daemon };
        self.execute(operator, &self.contract, &message, 0).await.map(drop)
    }

    /// Waits until every node has published the key to which secrets are sealed, as each does after its start.
    ///
    /// # Errors
    /// [`LocalnetError::TimedOut`] if one has not within two minutes, [`LocalnetError::Chain`] if the query fails.
    pub async fn until_secrets_can_be_sealed(&self) -> Result<(), LocalnetError> {
        let limit = u32::try_from(self.nodes.len()).ok();
        self.until("the nodes' encryption keys", || async {
            let asked = QueryMsg::EncryptionKeys { start_after: None, limit };
            let page: EncryptionKeysResponse = self.ask(&asked).await?;
            Ok((page.keys.len() >= self.nodes.len()).then_some(()))
        })
        .await
    }

    /// Registers a node without a daemon: for tests that attest with its key.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the transaction fails.
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
    /// [`LocalnetError::Answer`] if the code is refused, [`LocalnetError::Chain`] if the transaction fails.
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
        self.event("registering a project", &found, |event| match event {
            GatewayEvent::ProjectRegistered(event) => Some(event.project),
            _ => None,
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

    /// Returns the private key of the developer, who is the contract's admin, in hexadecimal; publicly known too.
    #[must_use]
    pub fn developer_key(&self) -> String {
        self.developer.secret_hex()
    }

    /// Returns the user's private key in hexadecimal; publicly known, as every key of a local network.
    #[must_use]
    pub fn user_key(&self) -> String {
        self.user.secret_hex()
    }

    /// Returns the private key of a node's operator in hexadecimal; publicly known too. `None` if there is no such node.
    #[must_use]
    pub fn operator_key(&self, index: usize) -> Option<String> {
        self.operators.get(index).map(DevAccount::secret_hex)
    }

    /// Returns the user's balance.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn balance_of_user(&self) -> Result<u128, LocalnetError> {
        self.balance(self.user.address()).await
    }

    async fn balance(&self, address: &str) -> Result<u128, LocalnetError> {
        self.reader.balance(address, DENOM).await.map_err(LocalnetError::chain("asking for a balance"))
    }

    /// Checks that the contract holds exactly what its ledger says it holds for others.
    ///
    /// # Errors
    /// [`LocalnetError::Answer`] if it does not, [`LocalnetError::Chain`] if a query fails.
    pub async fn check_ledger(&self) -> Result<(), LocalnetError> {
        let ledger: LedgerResponse = self.ask(&QueryMsg::Ledger {}).await?;
        let held = self.balance(&self.contract).await?;
        let owed = ledger.owed();
        if held == owed {
            return Ok(());
        }
        Err(LocalnetError::answer(
            "comparing the ledger",
            format!("the contract holds {held} and owes {owed}"),
        ))
    }

    /// Waits until a condition of a test or demo holds.
    ///
    /// # Errors
    /// [`LocalnetError::TimedOut`] if it does not within two minutes; the condition's own [`LocalnetError`] at once.
    pub async fn until<T, F, Fut>(&self, what: &str, condition: F) -> Result<T, LocalnetError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<Option<T>, LocalnetError>>,
    {
        until(what, START_LIMIT, condition).await
    }
}
