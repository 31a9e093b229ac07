//! A chain that is already running: one funded key pays, and the network's accounts are derived from it.

use std::path::Path;
use std::sync::Arc;

use gateway_chain::tx::Msg;
use gateway_chain::{ChainConfig, ChainReader, Coin, Deployer, Endpoints, Signer};
use gateway_daemon_runtime::SecretSource;
use sha2::{Digest, Sha256};

use super::{DENOM, LocalChain, Process};
use crate::account::PREFIX;
use crate::{DevAccount, LocalnetError};

/// Coins given to each account: 20 ARCH, enough for a node's stake and some hundred transactions at the usual price.
const COINS: u128 = 20_000_000_000_000_000_000;
/// Accounts below this are topped up: 5 ARCH.
const ENOUGH: u128 = 5_000_000_000_000_000_000;

/// Derives the account of a name from the paying key, so that this key alone suffices to recover it.
pub(super) fn account(key: &Path, name: &str) -> Result<DevAccount, LocalnetError> {
    let source = SecretSource::File(key.to_owned());
    let secret = source.load().map_err(|e| LocalnetError::answer("reading the paying key", e))?;
    let mut hash = Sha256::new_with_prefix(b"gateway localnet account of a funded key\0");
    hash.update(secret.expose().as_bytes());
    hash.update([0]);
    hash.update(name.as_bytes());
    DevAccount::with_secret(name, hash.finalize().into())
}

/// Joins the chain and tops up the accounts that have too few coins, all in one transaction.
pub(super) async fn join(
    url: &str,
    key: &Path,
    accounts: &[&DevAccount],
) -> Result<LocalChain, LocalnetError> {
    let id = chain_id(url).await?;
    let config = ChainConfig::new(url, id.as_str(), "");
    let failed = |doing: &str| LocalnetError::chain(doing.to_owned());
    let reader = Arc::new(Endpoints::new(&config).map_err(failed("connecting to the chain"))?);
    let payer = Signer::load(&SecretSource::File(key.to_owned()), PREFIX)
        .map_err(failed("reading the paying key"))?;
    let payer = Deployer::new(reader.clone(), payer, &config).map_err(failed("the paying key"))?;
    let mut messages = Vec::new();
    for account in accounts {
        let has = reader.balance(account.address(), DENOM).await;
        if has.map_err(failed("asking for a balance"))? < ENOUGH {
            messages.push(Msg::send(payer.address(), account.address(), &[Coin::new(COINS, DENOM)]));
        }
    }
    if !messages.is_empty() {
        let doing = format!("giving {} accounts 20 ARCH each from {}", messages.len(), payer.address());
        payer.submit(messages).await.map_err(LocalnetError::chain(doing))?;
    }
    Ok(LocalChain::new(url.to_owned(), id, Process::Elsewhere))
}

async fn chain_id(url: &str) -> Result<String, LocalnetError> {
    let doing = "asking the chain for its id";
    let failed = |e: reqwest::Error| LocalnetError::answer(doing, e);
    let answer = reqwest::get(format!("{}/status", url.trim_end_matches('/'))).await.map_err(failed)?;
    let status: serde_json::Value = answer.json().await.map_err(failed)?;
    let id = status.pointer("/result/node_info/network").and_then(serde_json::Value::as_str);
    id.map(str::to_owned).ok_or_else(|| LocalnetError::answer(doing, "there is none in /status"))
}
