//! Which chain to talk to and what to pay there. Holds no secret: the key is configured with the signer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{ChainError, Result};
use crate::tx::GasPrice;

/// Connection to a chain. `rpc`, `chain_id` and `contract` have no default on purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainConfig {
    /// Tendermint RPC over HTTP, for example `http://127.0.0.1:26657`.
    pub rpc: String,
    /// Websocket of the same node; `None` derives it from `rpc` (`ws` scheme, path `/websocket`).
    #[serde(default)]
    pub websocket: Option<String>,
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
    /// Price of one gas unit in `denom`, a decimal number such as `140000000000` or `0.025`.
    #[serde(default = "defaults::gas_price")]
    pub gas_price: GasPrice,
    /// Simulated gas is multiplied by this to get the limit; 1.0 to 10.0.
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

mod defaults {
    use super::{Duration, GasPrice};

    pub(super) fn prefix() -> String {
        "archway".into()
    }
    pub(super) fn denom() -> String {
        "aarch".into()
    }
    pub(super) fn gas_price() -> GasPrice {
        GasPrice::from_integer(140_000_000_000)
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
    /// A configuration with the defaults for everything but the three values that have none.
    pub fn new(rpc: impl Into<String>, chain_id: impl Into<String>, contract: impl Into<String>) -> Self {
        Self {
            rpc: rpc.into(),
            websocket: None,
            chain_id: chain_id.into(),
            contract: contract.into(),
            prefix: defaults::prefix(),
            denom: defaults::denom(),
            gas_price: defaults::gas_price(),
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
        if !self.rpc.starts_with("http://") && !self.rpc.starts_with("https://") {
            return Err(ChainError::invalid("chain.rpc", "it must start with http:// or https://"));
        }
        if let Some(ws) = &self.websocket
            && !ws.starts_with("ws://")
            && !ws.starts_with("wss://")
        {
            return Err(ChainError::invalid("chain.websocket", "it must start with ws:// or wss://"));
        }
        if self.chain_id.is_empty() || self.chain_id.len() > 50 {
            return Err(ChainError::invalid("chain.chain_id", "it must have 1 to 50 characters"));
        }
        if !(1.0..=10.0).contains(&self.gas_adjustment) {
            return Err(ChainError::invalid("chain.gas_adjustment", "it must lie between 1.0 and 10.0"));
        }
        if self.timeout.is_zero() || self.poll_interval.is_zero() {
            return Err(ChainError::invalid(
                "chain.timeout and chain.poll_interval",
                "they must not be zero",
            ));
        }
        if self.max_response < 64 << 10 {
            return Err(ChainError::invalid("chain.max_response", "it must be at least 65536 bytes"));
        }
        Ok(())
    }

    /// The websocket's address: as configured, or derived from `rpc`.
    pub fn websocket_url(&self) -> String {
        if let Some(ws) = &self.websocket {
            return ws.clone();
        }
        let base = self.rpc.trim_end_matches('/');
        let ws = match base.strip_prefix("https://") {
            Some(rest) => format!("wss://{rest}"),
            None => format!("ws://{}", base.strip_prefix("http://").unwrap_or(base)),
        };
        format!("{ws}/websocket")
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
        assert_eq!(config.websocket_url(), "ws://127.0.0.1:26657/websocket");
        let secure = ChainConfig { rpc: "https://node.example".into(), ..config };
        assert_eq!(secure.websocket_url(), "wss://node.example/websocket");
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
