//! One-shot signed transactions for people: store code, instantiate, execute, send coins. Each waits until a block includes it.
//!
//! For the command line and the demo. Daemons use the [outbox](crate::outbox): do not give both the same key.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::config::ChainConfig;
use crate::error::{ChainError, Result};
use crate::fees::{Correction, FeePolicy};
use crate::node_wording::{self, PoolMeaning};
use crate::reader::{Broadcaster, Chain, ChainReader};
use crate::signer::{Signer, Terms};
use crate::tx::{Msg, hash};
use crate::types::{Account, BroadcastResult, Coin, TxFound};

/// Gas for work that a message does only in its block: a due round is opened on the way, which a simulation, run at the height
/// of the last block, does not see.
const HEIGHT_GAS: u64 = 60_000;
/// Blocks after which an unincluded transaction has failed.
const TIMEOUT_BLOCKS: u64 = 20;
/// Interval at which a pending transaction is looked up.
const POLL: Duration = Duration::from_millis(150);
/// How often a transaction refused for its sequence or fee is signed anew.
const RETRIES: u32 = 5;

/// Sends transactions of one account, one at a time.
pub struct Deployer {
    chain: Arc<dyn ChainReader>,
    broadcaster: Arc<dyn Broadcaster>,
    signer: Signer,
    config: ChainConfig,
    fees: FeePolicy,
    /// Serialises sending: concurrent transactions would use the same sequence.
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
    pub fn new(chain: Arc<dyn Chain>, signer: Signer, config: &ChainConfig) -> Result<Self> {
        config.validate_connection()?;
        let (fees, turn) = (FeePolicy::new(config), Mutex::new(()));
        Ok(Self { chain: chain.clone(), broadcaster: chain, signer, config: config.clone(), fees, turn })
    }

    /// Returns the sending account.
    pub fn address(&self) -> &str {
        self.signer.address()
    }

    /// Returns the connection.
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

    /// Simulates, signs and sends the messages as one transaction, and waits until a block includes it.
    ///
    /// # Errors
    /// [`ChainError::Query`] when the simulation fails (nothing was sent), [`ChainError::TxFailed`] when the transaction was
    /// refused or failed in its block, [`ChainError::TxExpired`] when no block included it in time.
    pub async fn submit(&self, msgs: Vec<Msg>) -> Result<TxFound> {
        let _turn = self.turn.lock().await;
        let mut attempt = 0;
        loop {
            let status = self.chain.status().await?;
            self.fees.refresh(&*self.chain, status.height).await?;
            let account = self.chain.account(self.address(), 0).await?.value;
            let unsigned = self.signer.unsigned(&msgs, &self.terms(account, 0, 0, 0))?;
            let used = self.broadcaster.simulate(&unsigned).await?;
            // A float to integer cast saturates.
            let gas = ((used as f64 * self.config.gas_adjustment).ceil() as u64).saturating_add(HEIGHT_GAS);
            // Read anew: compiling the code for the simulation may take a node many blocks.
            let signed_height = self.chain.status().await?.height;
            let timeout_height = signed_height.saturating_add(TIMEOUT_BLOCKS);
            let terms = self.terms(account, gas, timeout_height, msgs.len());
            let bytes = self.signer.sign(&msgs, &terms).await?;
            let id = hash(&bytes);
            let (sent, doubtful) = match self.broadcaster.broadcast(&bytes).await {
                Err(error) if error.is_retryable() => (self.rebroadcast(&bytes, &id).await?, true),
                sent => (sent?, false),
            };
            let again = match node_wording::pool(sent.code, &sent.codespace) {
                PoolMeaning::Taken => return self.included(&id, signed_height, timeout_height).await,
                // The lost answer may have been an acceptance: if it were signed anew, its messages could be executed twice.
                PoolMeaning::Sequence | PoolMeaning::TimedOut if doubtful => {
                    return self.included(&id, signed_height, timeout_height).await;
                }
                // An earlier transaction of this account is in flight: wait for its inclusion.
                PoolMeaning::Sequence => true,
                // The answer took longer than the remaining blocks.
                PoolMeaning::TimedOut => true,
                PoolMeaning::FeeTooLow if !doubtful => {
                    matches!(self.fees.refused(&sent.log, gas), Correction::Raised(_))
                }
                _ => false,
            };
            if !again || attempt >= RETRIES {
                let (code, codespace) = (sent.code, sent.codespace);
                return Err(ChainError::TxFailed { hash: sent.hash, code, codespace, log: sent.log });
            }
            attempt += 1;
            tokio::time::sleep(POLL).await;
        }
    }

    /// Broadcasts the same bytes once more after an answer was lost, unless a block already includes them.
    async fn rebroadcast(&self, bytes: &[u8], id: &str) -> Result<BroadcastResult> {
        tokio::time::sleep(POLL).await;
        match self.chain.tx(id).await {
            Ok(Some(_)) => {
                let (hash, codespace, log) = (id.to_owned(), String::new(), String::new());
                Ok(BroadcastResult { hash, code: 0, codespace, log })
            }
            Ok(None) | Err(ChainError::NoIndex) => self.broadcaster.broadcast(bytes).await,
            Err(error) => Err(error),
        }
    }

    /// Waits for the block that includes the transaction, which is above `signed_height`.
    async fn included(&self, hash: &str, signed_height: u64, timeout_height: u64) -> Result<TxFound> {
        let mut searched = signed_height;
        loop {
            let latest = match self.chain.status().await {
                Ok(status) => status.height,
                Err(error) if error.is_retryable() => 0,
                Err(error) => return Err(error),
            };
            let found = match self.chain.tx(hash).await {
                Err(ChainError::NoIndex) => self.search(hash, &mut searched, latest).await,
                found => found,
            };
            match found {
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

    /// Looks for the transaction in the blocks above `searched`, for nodes without an index.
    async fn search(&self, hash: &str, searched: &mut u64, latest: u64) -> Result<Option<TxFound>> {
        while *searched < latest {
            let block = self.chain.block(*searched + 1).await?;
            *searched += 1;
            if let Some(tx) = block.txs.into_iter().find(|tx| tx.hash == hash) {
                let (codespace, raw_log) = (String::new(), "the block keeps no log".to_owned());
                return Ok(Some(TxFound { tx, codespace, raw_log, data: Vec::new() }));
            }
        }
        Ok(None)
    }

    fn terms(&self, account: Account, gas_limit: u64, timeout_height: u64, executes: usize) -> Terms<'_> {
        Terms {
            chain_id: &self.config.chain_id,
            account,
            gas_limit,
            fee: self.fees.fee(gas_limit, executes),
            timeout_height,
            memo: "",
        }
    }
}

/// Compresses the wasm with gzip: nodes accept both forms, and most contracts exceed a request's size limit uncompressed.
fn compressed(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(wasm).and_then(|()| encoder.finish()).map_err(|e| ChainError::invalid("wasm", e))
}

fn required<'a>(tx: &'a TxFound, ty: &str, key: &str) -> Result<&'a str> {
    tx.attribute(ty, key).ok_or_else(|| {
        ChainError::decode(format!("transaction {}", tx.tx.hash), format!("no {ty} event with {key}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeChain, Fault};

    /// Submits with `fault` injected at the given call, producing blocks until the submission ends.
    async fn submitted(fault: Fault, call: usize) -> (Result<TxFound>, Arc<FakeChain>) {
        submitted_with(std::iter::repeat_n(Fault::Fine, call).chain([fault])).await
    }

    async fn submitted_with(faults: impl Iterator<Item = Fault>) -> (Result<TxFound>, Arc<FakeChain>) {
        let chain = Arc::new(FakeChain::new());
        let config = ChainConfig::new("http://unused", FakeChain::CHAIN_ID, "");
        let signer = Signer::from_bytes(&[7; 32], "archway").expect("a key");
        let deployer = Deployer::new(chain.clone(), signer, &config).expect("a deployer");
        chain.fault(faults);
        let message = Msg::execute(deployer.address(), "archway1x", b"{\"n\":1}".to_vec(), &[]);
        let mut submission = std::pin::pin!(deployer.submit(vec![message]));
        let end = loop {
            tokio::select! {
                end = &mut submission => break end,
                () = tokio::time::sleep(POLL * 5) => { chain.commit(); }
            }
        };
        chain.commit();
        (end, chain)
    }

    #[tokio::test(start_paused = true)]
    async fn a_broadcast_whose_answer_is_lost_is_found_again_and_executed_once() {
        let mut survived = 0;
        for fault in [Fault::LostReply, Fault::Away] {
            for call in 0..8 {
                let (end, chain) = submitted(fault, call).await;
                let executed = chain.executed().len();
                assert_eq!(executed, usize::from(end.is_ok()), "{fault:?} at call {call}: {end:?}");
                survived += executed;
            }
        }
        // Reads before the broadcast may fail; the broadcast and what follows may not.
        assert!(survived >= 6, "{survived} of 16");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_block_included_after_its_answer_was_lost_is_not_signed_again() {
        for blocks in [1, 30] {
            let mut survived = 0;
            for call in 0..8 {
                // The answer is lost, the lookup comes too early, and blocks are made before the bytes are broadcast again.
                let faults = [Fault::LostReply, Fault::Fine, Fault::Slow(blocks)];
                let (end, chain) = submitted_with(std::iter::repeat_n(Fault::Fine, call).chain(faults)).await;
                assert_eq!(chain.executed().len(), usize::from(end.is_ok()), "call {call}: {end:?}");
                survived += usize::from(end.is_ok());
            }
            assert!(survived > 0, "{blocks} blocks");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_answers_thirty_blocks_later_fails_no_transaction() {
        for call in 0..8 {
            let (end, chain) = submitted(Fault::Slow(30), call).await;
            assert!(end.is_ok(), "slow at call {call}: {end:?}");
            assert_eq!(chain.executed().len(), 1, "slow at call {call}");
        }
    }
}
