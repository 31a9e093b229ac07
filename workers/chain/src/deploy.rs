//! One-shot signed transactions for people: store code, instantiate, execute, send coins; each waits for its block.
//!
//! For the command line and the demo. Daemons use the [outbox](crate::outbox): do not give both the same key.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::config::ChainConfig;
use crate::error::{ChainError, Result};
use crate::reader::ChainReader;
use crate::signer::{Signer, Terms};
use crate::tx::{Msg, hash};
use crate::types::{Account, Coin, TxFound};

/// Blocks after which an unincluded transaction has failed.
const TIMEOUT_BLOCKS: u64 = 20;
/// How often an expected transaction is looked up.
const POLL: Duration = Duration::from_millis(150);
/// How often a transaction refused for its sequence is signed again.
const SEQUENCE_RETRIES: u32 = 5;

/// Sends transactions of one account, one at a time.
pub struct Deployer {
    chain: Arc<dyn ChainReader>,
    signer: Signer,
    config: ChainConfig,
    /// One transaction at a time, or they would ask for the same sequence.
    turn: Mutex<()>,
}

/// A stored contract code.
#[derive(Clone, Debug)]
pub struct StoredCode {
    /// Its id on the chain.
    pub code_id: u64,
    /// SHA-256 of the wasm as the chain computed it, hex; empty when the chain does not say.
    pub checksum: String,
    /// The transaction.
    pub tx: TxFound,
}

/// A created contract.
#[derive(Clone, Debug)]
pub struct Instantiated {
    /// Its address.
    pub address: String,
    /// The transaction.
    pub tx: TxFound,
}

impl Deployer {
    /// Sends as `signer`. `config.contract` is not used.
    ///
    /// # Errors
    /// [`ChainError::Invalid`].
    pub fn new(chain: Arc<dyn ChainReader>, signer: Signer, config: &ChainConfig) -> Result<Self> {
        config.validate_connection()?;
        Ok(Self { chain, signer, config: config.clone(), turn: Mutex::new(()) })
    }

    /// The sending account.
    pub fn address(&self) -> &str {
        self.signer.address()
    }

    /// The connection.
    pub fn chain(&self) -> &Arc<dyn ChainReader> {
        &self.chain
    }

    /// Stores wasm.
    ///
    /// # Errors
    /// See [`submit`](Self::submit).
    pub async fn store_code(&self, wasm: Vec<u8>) -> Result<StoredCode> {
        let tx = self.submit(vec![Msg::store_code(self.address(), compressed(&wasm)?)]).await?;
        let code_id = required(&tx, "store_code", "code_id")?
            .parse()
            .map_err(|e| ChainError::decode("code_id of the store_code event", e))?;
        let checksum = tx.attribute("store_code", "code_checksum").unwrap_or_default().to_owned();
        Ok(StoredCode { code_id, checksum, tx })
    }

    /// Creates a contract; `msg` is JSON.
    ///
    /// # Errors
    /// See [`submit`](Self::submit).
    pub async fn instantiate(
        &self,
        code_id: u64,
        label: &str,
        msg: Vec<u8>,
        admin: Option<&str>,
        funds: &[Coin],
    ) -> Result<Instantiated> {
        let msg = Msg::instantiate(self.address(), admin, code_id, label, msg, funds);
        let tx = self.submit(vec![msg]).await?;
        let address = required(&tx, "instantiate", "_contract_address")?.to_owned();
        Ok(Instantiated { address, tx })
    }

    /// Runs a message (JSON) on a contract.
    ///
    /// # Errors
    /// See [`submit`](Self::submit).
    pub async fn execute(&self, contract: &str, msg: Vec<u8>, funds: &[Coin]) -> Result<TxFound> {
        self.submit(vec![Msg::execute(self.address(), contract, msg, funds)]).await
    }

    /// Sends coins.
    ///
    /// # Errors
    /// See [`submit`](Self::submit).
    pub async fn send(&self, to: &str, amount: &[Coin]) -> Result<TxFound> {
        self.submit(vec![Msg::send(self.address(), to, amount)]).await
    }

    /// Simulates, signs and sends the messages as one transaction, and waits until a block holds it.
    ///
    /// # Errors
    /// [`ChainError::Query`] when the simulation fails (nothing was sent), [`ChainError::TxFailed`] when the
    /// transaction was refused or failed in its block, [`ChainError::TxExpired`] when no block took it in time.
    pub async fn submit(&self, msgs: Vec<Msg>) -> Result<TxFound> {
        let _turn = self.turn.lock().await;
        let mut attempt = 0;
        loop {
            let account = self.chain.account(self.address()).await?;
            let unsigned = self.signer.unsigned(&msgs, &self.terms(account, 0, 0))?;
            let used = self.chain.simulate(&unsigned).await?;
            // A float to integer cast saturates.
            let gas = (used as f64 * self.config.gas_adjustment).ceil() as u64;
            let timeout_height = self.chain.status().await?.height + TIMEOUT_BLOCKS;
            let bytes = self.signer.sign(&msgs, &self.terms(account, gas, timeout_height))?;
            let sent = self.chain.broadcast(&bytes).await?;
            if sent.codespace == "sdk" && sent.code == 32 && attempt < SEQUENCE_RETRIES {
                // An earlier transaction of this account is on its way: let it land.
                attempt += 1;
                tokio::time::sleep(POLL).await;
                continue;
            }
            if sent.code != 0 && !(sent.codespace == "sdk" && sent.code == 19) {
                let (code, codespace) = (sent.code, sent.codespace);
                return Err(ChainError::TxFailed { hash: sent.hash, code, codespace, log: sent.log });
            }
            return self.included(&hash(&bytes), timeout_height).await;
        }
    }

    async fn included(&self, hash: &str, timeout_height: u64) -> Result<TxFound> {
        loop {
            let latest = match self.chain.status().await {
                Ok(status) => status.height,
                Err(error) if error.is_retryable() => 0,
                Err(error) => return Err(error),
            };
            match self.chain.tx(hash).await {
                Ok(Some(found)) if found.tx.code == 0 => return Ok(found),
                Ok(Some(found)) => {
                    let (code, codespace) = (found.tx.code, found.codespace);
                    let hash = hash.to_owned();
                    return Err(ChainError::TxFailed { hash, code, codespace, log: found.raw_log });
                }
                Ok(None) if latest > timeout_height => {
                    return Err(ChainError::TxExpired { hash: hash.to_owned(), timeout_height });
                }
                Ok(None) => {}
                Err(error) if error.is_retryable() => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn terms(&self, account: Account, gas_limit: u64, timeout_height: u64) -> Terms<'_> {
        Terms {
            chain_id: &self.config.chain_id,
            account,
            gas_limit,
            fee: Coin::new(self.config.gas_price.fee(gas_limit), self.config.denom.clone()),
            timeout_height,
            memo: "",
        }
    }
}

/// The wasm as gzip: nodes take it in both forms, and the plain form of most contracts is too large for a request.
fn compressed(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(wasm).and_then(|()| encoder.finish()).map_err(|e| ChainError::invalid("wasm", e))
}

fn required<'a>(tx: &'a TxFound, ty: &str, key: &str) -> Result<&'a str> {
    tx.attribute(ty, key).ok_or_else(|| {
        ChainError::decode(format!("transaction {}", tx.tx.hash), format!("no {ty} event with {key}"))
    })
}
