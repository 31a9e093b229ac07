//! Reads blocks, results and transactions back, and the index that `tx_search` walks.

use redb::{Key, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition, Value};
use tendermint::abci::Event;

use super::store::{BLOCK_HASHES, BLOCKS, ChainStore, RESULTS, TX_EVENTS, TXS};
use crate::error::DevchainError;

/// Height of a block and position of a transaction in it.
pub(crate) type TxPosition = (u64, u32);

impl ChainStore {
    fn table<K: Key, V: Value>(
        &self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<ReadOnlyTable<K, V>, DevchainError> {
        let read = self.db.begin_read().map_err(DevchainError::store)?;
        read.open_table(definition).map_err(DevchainError::store)
    }

    /// Returns the JSON of the block at `height`.
    pub(crate) fn block_json(&self, height: u64) -> Result<Option<Vec<u8>>, DevchainError> {
        let table = self.table(BLOCKS)?;
        let found = ReadableTable::get(&table, height).map_err(DevchainError::store)?;
        Ok(found.map(|json| json.value().to_vec()))
    }

    /// Returns the JSON of the results of the block at `height`.
    pub(crate) fn results_json(&self, height: u64) -> Result<Option<Vec<u8>>, DevchainError> {
        let table = self.table(RESULTS)?;
        let found = ReadableTable::get(&table, height).map_err(DevchainError::store)?;
        Ok(found.map(|json| json.value().to_vec()))
    }

    /// Returns the height of the block with this hash.
    pub(crate) fn height_of_block(&self, hash: &[u8]) -> Result<Option<u64>, DevchainError> {
        let table = self.table(BLOCK_HASHES)?;
        let found = ReadableTable::get(&table, hash).map_err(DevchainError::store)?;
        Ok(found.map(|height| height.value()))
    }

    /// Returns where the transaction with this hash is; the latest place, if it is in several blocks.
    pub(crate) fn find_tx(&self, hash: &[u8]) -> Result<Option<TxPosition>, DevchainError> {
        let table = self.table(TXS)?;
        let found = ReadableTable::get(&table, hash).map_err(DevchainError::store)?;
        Ok(found.map(|position| position.value()))
    }

    /// Returns every transaction that emitted an attribute `key` with exactly `value`, oldest first.
    pub(crate) fn txs_with(&self, key: &str, value: &str) -> Result<Vec<TxPosition>, DevchainError> {
        let table = self.table(TX_EVENTS)?;
        let prefix = index_prefix(key, value);
        let mut end = prefix.clone();
        end.extend_from_slice(&[u8::MAX; 13]);
        let found = ReadableTable::range::<&[u8]>(&table, prefix.as_slice()..end.as_slice())
            .map_err(DevchainError::store)?;
        let mut positions = Vec::new();
        for entry in found {
            let (entry, _) = entry.map_err(DevchainError::store)?;
            if let Some(position) = entry.value().get(prefix.len()..).and_then(read_position) {
                positions.push(position);
            }
        }
        Ok(positions)
    }
}

/// Returns the index entries of one transaction: one per distinct attribute.
pub(crate) fn index_entries(events: &[Event], height: u64, position: u32) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for event in events {
        for attribute in &event.attributes {
            let (Ok(key), Ok(value)) = (attribute.key_str(), attribute.value_str()) else { continue };
            let mut entry = index_prefix(&format!("{}.{key}", event.kind), value);
            entry.extend_from_slice(&height.to_be_bytes());
            entry.extend_from_slice(&position.to_be_bytes());
            entries.push(entry);
        }
    }
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// Returns an index prefix. Lengths come first, so that no value can be mistaken for the start of a longer one.
fn index_prefix(key: &str, value: &str) -> Vec<u8> {
    let mut prefix = Vec::with_capacity(key.len() + value.len() + 24);
    for part in [key, value] {
        prefix.extend_from_slice(&(part.len() as u64).to_be_bytes());
        prefix.extend_from_slice(part.as_bytes());
    }
    prefix
}

fn read_position(bytes: &[u8]) -> Option<TxPosition> {
    let (height, position) = bytes.split_at_checked(8)?;
    Some((u64::from_be_bytes(height.try_into().ok()?), u32::from_be_bytes(position.try_into().ok()?)))
}
