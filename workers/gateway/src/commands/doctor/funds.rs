//! The daemon's account: whether it can pay, and for how long; whether its gas price is sufficient.

use gateway_chain::{ChainError, ChainReader, Endpoints, Signer};

use super::Check;
use crate::commands::configured::Configured;

/// Gas of a transaction of ordinary size (docs/gas.md).
const GAS: u64 = 500_000;
/// Transactions that the account should be able to afford.
const COMFORT: u128 = 100;

pub(super) async fn checks(configured: &Configured) -> Vec<Check> {
    let Some(source) = &configured.account else {
        let cure = "give the node an [account] where it should not depend on relays";
        return vec![Check::warning("balance", "the node has no account of its own", cure)];
    };
    let signer = match Signer::load(source, &configured.chain.prefix) {
        Ok(signer) => signer,
        Err(error) => {
            return vec![Check::failed("balance", error.to_string(), "make the key: `gateway key account`")];
        }
    };
    match ask(configured, signer.address()).await {
        Ok(checks) => checks,
        // An unresponsive chain is reported once, with the endpoints.
        Err(error) => vec![Check::warning("balance", format!("not known: {error}"), "see rpc")],
    }
}

async fn ask(configured: &Configured, address: &str) -> Result<Vec<Check>, ChainError> {
    let config = &configured.chain;
    let chain = Endpoints::connect(config).await?;
    let balance = chain.balance(address, &config.denom).await?;
    let fee = config.gas_price.expected().fee(GAS).max(1);
    let found =
        format!("{address} has {balance}{}, enough for about {} transactions", config.denom, balance / fee);
    let cure = format!("send coins to {address}");
    let mut checks = vec![match balance {
        balance if balance < fee => Check::failed("balance", found, cure),
        balance if balance / fee < COMFORT => Check::warning("balance", found, cure),
        _ => Check::good("balance", found),
    }];
    if let Some(minimum) = chain.minimum_price(&config.denom, &config.contract).await? {
        let expected = config.gas_price.expected();
        let found = format!(
            "the chain asks {}{} for a unit of gas, chain.gas_price is {expected}",
            minimum.price, config.denom
        );
        checks.push(match config.max_gas_price {
            Some(most) if most < minimum.price => {
                Check::failed("gas price", found, "raise chain.max_gas_price: nothing is sent above it")
            }
            _ => Check::good("gas price", found),
        });
    }
    Ok(checks)
}
