//! Determines the fate of a transaction: by its hash, by the account's sequence, or from the blocks.
//!
//! A refusal proves nothing: one address may hide several nodes, and another may have accepted the bytes. The only proofs are a
//! block that includes it, or a state in which it can never be included any more.

use super::block_search::Searched;
use super::engine::{Engine, PassError};
use super::store::OutboxTx;
use crate::error::ChainError;
use crate::types::TxEvents;

/// Where a transaction was found.
#[derive(Clone, Debug)]
pub(super) struct Inclusion {
    pub(super) tx: TxEvents,
    pub(super) codespace: String,
    pub(super) log: String,
}

/// What is proven about a transaction that was not found by its hash.
pub(super) enum Fate {
    /// It is in a block.
    Included(Inclusion),
    /// It may still be included.
    Open,
    /// It can never be included.
    Dead(String),
    /// Its sequence was used, perhaps by it: the blocks that would show it are pruned.
    Unknown(String),
}

fn in_block(tx: TxEvents) -> Inclusion {
    Inclusion { tx, codespace: String::new(), log: "the block keeps no log".to_owned() }
}

impl Engine {
    /// Looks the transaction up: in the index, or in the blocks up to `latest` if the node has none.
    pub(super) async fn find(&mut self, tx: &OutboxTx, latest: u64) -> Result<Option<Inclusion>, PassError> {
        if self.has_index {
            match self.chain.tx(&tx.hash).await {
                Ok(found) => {
                    let read = |found: crate::types::TxFound| Inclusion {
                        tx: found.tx,
                        codespace: found.codespace,
                        log: found.raw_log,
                    };
                    return Ok(found.map(read));
                }
                Err(error @ ChainError::NoIndex) => {
                    tracing::warn!(%error, "transactions are looked for in the blocks instead");
                    self.has_index = false;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let to = latest.min(tx.timeout_height);
        match self.search.find(&*self.chain, &tx.hash, tx.signed_height + 1, to).await {
            Ok(Searched::Found(found)) => Ok(Some(in_block(found))),
            // If this is inconclusive, the account's sequence decides.
            Ok(Searched::NotThere | Searched::Pruned) | Err(ChainError::NotYet { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Determines what the account's sequence and the blocks prove.
    pub(super) async fn fate(&mut self, tx: &OutboxTx, latest: u64) -> Result<Fate, PassError> {
        let need = latest.min(tx.timeout_height);
        let account = self.chain.account(self.signer.address(), need).await?;
        if account.value.sequence <= tx.sequence {
            let past = account.height >= tx.timeout_height && latest > tx.timeout_height;
            let why = || format!("not included by height {}", tx.timeout_height);
            return Ok(if past { Fate::Dead(why()) } else { Fate::Open });
        }
        let to = tx.timeout_height.min(account.height);
        match self.search.find(&*self.chain, &tx.hash, tx.signed_height + 1, to).await? {
            Searched::Found(found) => Ok(Fate::Included(in_block(found))),
            Searched::NotThere => {
                let why = format!("sequence {} was used by another transaction", tx.sequence);
                Ok(Fate::Dead(why))
            }
            Searched::Pruned => {
                let why = format!(
                    "sequence {} was used, the index does not know the transaction and the blocks up to {} are pruned: \
                     it is not known whether it was executed",
                    tx.sequence, tx.timeout_height
                );
                Ok(Fate::Unknown(why))
            }
        }
    }
}
