//! Searches the blocks themselves for transactions, for nodes whose transaction index is missing, late or pruned.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::error::{ChainError, Result};
use crate::reader::ChainReader;
use crate::types::TxEvents;

/// Result of a search for a transaction in blocks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Searched {
    /// It is in one of them.
    Found(TxEvents),
    /// It is in none of them.
    NotThere,
    /// Some of them have been pruned.
    Pruned,
}

/// Blocks read so far: each is read once, however many transactions are sought.
#[derive(Debug, Default)]
pub(super) struct BlockSearch {
    blocks: BTreeMap<u64, Vec<TxEvents>>,
}

impl BlockSearch {
    /// Searches the blocks from `from` to `to`.
    ///
    /// # Errors
    /// [`ChainError`] when a block cannot be read: [`ChainError::Pruned`] is permanent, the others are transient.
    pub(super) async fn find(
        &mut self,
        chain: &dyn ChainReader,
        hash: &str,
        from: u64,
        to: u64,
    ) -> Result<Searched> {
        let mut pruned = false;
        for height in from..=to {
            let txs = match self.blocks.entry(height) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => match chain.block(height).await {
                    Ok(block) => place.insert(block.txs),
                    Err(ChainError::Pruned { .. }) => {
                        pruned = true;
                        continue;
                    }
                    Err(error) => return Err(error),
                },
            };
            let found = txs.iter().find(|tx| tx.hash == hash);
            if let Some(tx) = found {
                return Ok(Searched::Found(tx.clone()));
            }
        }
        Ok(if pruned { Searched::Pruned } else { Searched::NotThere })
    }

    /// Forgets the blocks below `height`.
    pub(super) fn keep_from(&mut self, height: u64) {
        self.blocks = self.blocks.split_off(&height);
    }
}
