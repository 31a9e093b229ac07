//! Configuration of the chain's endpoints and of fees. Holds no secret: the key is configured with the signer.

use std::time::Duration;

use gateway_daemon_runtime::{SecretUrl, documented};
use serde::{Deserialize, Serialize};

use crate::error::{ChainError, Result};
use crate::fees::PriceSetting;
use crate::node_urls::NodeUrls;
use crate::tx::GasPrice;

/// Schemes of an RPC address.
pub(crate) const HTTP: [&str; 2] = ["http://", "https://"];
/// Schemes of a websocket's address.
pub(crate) const WS: [&str; 2] = ["ws://", "wss://"];

documented! {
    /// Connection to a chain. `rpc`, `chain_id` and `contract` have no default on purpose.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct ChainConfig {
        /// CometBFT's RPC over HTTP of a node of the chain, or a list of nodes, best first, of which one must answer. They must keep the
        /// results of blocks.
        pub rpc: NodeUrls,
        /// Websockets of the same nodes; `None` derives them from `rpc` (`ws` scheme, path `/websocket`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub websocket: Option<NodeUrls>,
        /// Chain id that the node must report.
        pub chain_id: String,
        /// Address of the gateway contract.
        pub contract: String,
        /// Prefix of addresses on this chain.
        #[serde(default = "defaults::prefix")]
        pub prefix: String,
        /// Denomination in which fees are paid.
        #[serde(default = "defaults::denom")]
        pub denom: String,
        /// Price of one gas unit in `denom`, a decimal number such as `140000000000` or `0.025`, or `auto`: as the chain asks.
        /// A price below the chain's minimum is raised, up to `max_gas_price`.
        #[serde(default)]
        pub gas_price: PriceSetting,
        /// Highest price ever paid for a unit of gas. `None`: ten times `gas_price` or, with `auto`, ten times 140000000000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub max_gas_price: Option<GasPrice>,
        /// Simulated gas is multiplied by this to get the limit; 1.0 to 10.0. For messages whose gas is known it is not used.
        #[serde(default = "defaults::gas_adjustment")]
        pub gas_adjustment: f64,
        /// Time-out of one call.
        #[serde(default = "defaults::timeout", with = "humantime_serde")]
        pub timeout: Duration,
        /// Largest answer read, in bytes. A block with its results must fit.
        #[serde(default = "defaults::max_response")]
        pub max_response: usize,
        /// With no news from the websocket for this long, the chain is asked directly.
        #[serde(default = "defaults::poll_interval", with = "humantime_serde")]
        pub poll_interval: Duration,
    }
}

mod defaults {
    use super::Duration;

    pub(super) fn prefix() -> String {
        "archway".into()
    }
    pub(super) fn denom() -> String {
        "aarch".into()
    }
    pub(super) fn gas_adjustment() -> f64 {
        1.3
    }
    pub(super) fn timeout() -> Duration {
        Duration::from_secs(10)
    }
    pub(super) fn max_response() -> usize {
        64 << 20
    }
    pub(super) fn poll_interval() -> Duration {
        Duration::from_secs(2)
    }
}

impl ChainConfig {
    /// Creates a configuration with the defaults for everything but the three values that have none.
    pub fn new(rpc: impl Into<NodeUrls>, chain_id: impl Into<String>, contract: impl Into<String>) -> Self {
        Self {
            rpc: rpc.into(),
            websocket: None,
            chain_id: chain_id.into(),
            contract: contract.into(),
            prefix: defaults::prefix(),
            denom: defaults::denom(),
            gas_price: PriceSetting::default(),
            max_gas_price: None,
            gas_adjustment: defaults::gas_adjustment(),
            timeout: defaults::timeout(),
            max_response: defaults::max_response(),
            poll_interval: defaults::poll_interval(),
        }
    }

    /// Checks every field against its bound.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] naming the first field that is wrong.
    pub fn validate(&self) -> Result<()> {
        self.validate_connection()?;
        crate::tx::address("chain.contract", &self.contract, &self.prefix)?;
        Ok(())
    }

    /// Checks everything but the contract's address, which does not exist before it is deployed.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] naming the first field that is wrong.
    pub fn validate_connection(&self) -> Result<()> {
        self.rpc.parsed("chain.rpc", &HTTP)?;
        self.websocket_urls()?;
        if self.chain_id.is_empty() || self.chain_id.len() > 50 {
            return Err(ChainError::invalid("chain.chain_id", "it must have 1 to 50 characters"));
        }
        if !(1.0..=10.0).contains(&self.gas_adjustment) {
            return Err(ChainError::invalid("chain.gas_adjustment", "it must lie between 1.0 and 10.0"));
        }
        if self.timeout.is_zero() || self.poll_interval.is_zero() {
            let fields = "chain.timeout and chain.poll_interval";
            return Err(ChainError::invalid(fields, "they must not be zero"));
        }
        if self.max_gas_price.is_some_and(|cap| cap < GasPrice::from_atto(1)) {
            return Err(ChainError::invalid("chain.max_gas_price", "it must be above zero"));
        }
        if self.max_response < 64 << 10 {
            return Err(ChainError::invalid("chain.max_response", "it must be at least 65536 bytes"));
        }
        Ok(())
    }

    /// Returns the websockets' addresses: as configured, or derived from `rpc`.
    ///
    /// # Errors
    /// [`ChainError::Invalid`].
    pub fn websocket_urls(&self) -> Result<Vec<SecretUrl>> {
        match &self.websocket {
            Some(configured) => configured.parsed("chain.websocket", &WS),
            None => self.rpc.websockets().parsed("chain.rpc", &WS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

    #[test]
    fn defaults_are_valid_and_the_websocket_follows_the_rpc() {
        let config = ChainConfig::new("http://127.0.0.1:26657/", "dev-1", CONTRACT);
        assert_eq!(config.validate(), Ok(()));
        let websocket =
            |config: &ChainConfig| config.websocket_urls().expect("addresses")[0].expose().to_owned();
        assert_eq!(websocket(&config), "ws://127.0.0.1:26657/websocket");
        let secure = ChainConfig { rpc: "https://node.example".into(), ..config };
        assert_eq!(websocket(&secure), "wss://node.example/websocket");
    }

    #[test]
    fn each_bad_field_is_named() {
        let good = ChainConfig::new("http://n", "dev-1", CONTRACT);
        let cases = [
            (ChainConfig { rpc: "ftp://n".into(), ..good.clone() }, "chain.rpc"),
            (ChainConfig { websocket: Some("http://n".into()), ..good.clone() }, "chain.websocket"),
            (ChainConfig { chain_id: String::new(), ..good.clone() }, "chain.chain_id"),
            (ChainConfig { gas_adjustment: f64::NAN, ..good.clone() }, "chain.gas_adjustment"),
            (ChainConfig { timeout: Duration::ZERO, ..good.clone() }, "chain.timeout"),
            (
                ChainConfig { max_gas_price: Some(GasPrice::from_atto(0)), ..good.clone() },
                "chain.max_gas_price",
            ),
            (ChainConfig { max_response: 1, ..good.clone() }, "chain.max_response"),
            (ChainConfig { contract: "cosmos1xyz".into(), ..good }, "chain.contract"),
        ];
        for (config, field) in cases {
            let error = config.validate().expect_err(field).to_string();
            assert!(error.starts_with(field), "{error} must name {field}");
        }
    }

    #[test]
    fn unknown_keys_and_missing_contract_are_refused() {
        let unknown =
            serde_json::json!({"rpc": "http://n", "chain_id": "c", "contract": "a", "gasprice": "1"});
        assert!(serde_json::from_value::<ChainConfig>(unknown).is_err());
        let missing = serde_json::json!({"rpc": "http://n", "chain_id": "c"});
        assert!(serde_json::from_value::<ChainConfig>(missing).is_err());
    }
}
