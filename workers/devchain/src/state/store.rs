//! The database: committed state, blocks, results and indexes. One write transaction per block, so a killed process leaves
//! either all of a block or none of it. Interprets no values.

use std::path::Path;
use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableError};
use serde::{Deserialize, Serialize};
use tendermint::{Time, block};

use super::layers::WriteSet;
use super::snapshot::Snapshot;
use crate::error::DevchainError;

pub(super) const STATE: TableDefinition<&[u8], &[u8]> = TableDefinition::new("state");
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Height to the JSON that `block` answers.
pub(super) const BLOCKS: TableDefinition<u64, &[u8]> = TableDefinition::new("blocks");
/// Height to the JSON that `block_results` answers.
pub(super) const RESULTS: TableDefinition<u64, &[u8]> = TableDefinition::new("results");
/// Hash of a block to its height.
pub(super) const BLOCK_HASHES: TableDefinition<&[u8], u64> = TableDefinition::new("block_hashes");
/// Hash of a transaction to height and position.
pub(super) const TXS: TableDefinition<&[u8], (u64, u32)> = TableDefinition::new("txs");
/// Attribute, value, height and position; see [`super::history`].
pub(super) const TX_EVENTS: TableDefinition<&[u8], ()> = TableDefinition::new("tx_events");

const TIP: &str = "tip";

/// The end of the chain, on which the next block builds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tip {
    pub(crate) chain_id: String,
    /// 0 before the first block.
    pub(crate) height: u64,
    /// Time of the block at `height`, or of genesis.
    pub(crate) time: Time,
    pub(crate) block_id: block::Id,
    /// State after the block at `height`.
    pub(crate) app_hash: [u8; 32],
    /// Digest of that block's results.
    pub(crate) results_hash: [u8; 32],
}

impl Default for Tip {
    fn default() -> Self {
        Self {
            chain_id: String::new(),
            height: 0,
            time: Time::unix_epoch(),
            block_id: block::Id::default(),
            app_hash: [0; 32],
            results_hash: [0; 32],
        }
    }
}

/// Everything that one block adds to the database.
pub(crate) struct CommittedBlock {
    pub(crate) tip: Tip,
    pub(crate) writes: WriteSet,
    pub(crate) block_json: Vec<u8>,
    pub(crate) results_json: Vec<u8>,
    pub(crate) tx_hashes: Vec<[u8; 32]>,
    /// Index entries of `TX_EVENTS`.
    pub(crate) index: Vec<Vec<u8>>,
}

/// The database of one chain.
pub(crate) struct ChainStore {
    pub(super) db: Database,
}

impl ChainStore {
    /// Opens or creates the database in `home`, or one in memory.
    pub(crate) fn open(home: Option<&Path>) -> Result<Self, DevchainError> {
        let db = match home {
            Some(home) => Database::create(home.join("chain.redb")),
            None => Database::builder().create_with_backend(InMemoryBackend::new()),
        };
        Ok(Self { db: db.map_err(DevchainError::store)? })
    }

    /// Returns the current committed state; `None` before genesis was written.
    pub(crate) fn snapshot(&self) -> Result<Option<Arc<Snapshot>>, DevchainError> {
        let read = self.db.begin_read().map_err(DevchainError::store)?;
        let meta = match read.open_table(META) {
            Ok(meta) => meta,
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            Err(error) => return Err(DevchainError::store(error)),
        };
        let Some(tip) = ReadableTable::get(&meta, TIP).map_err(DevchainError::store)? else {
            return Ok(None);
        };
        let tip: Tip = serde_json::from_slice(tip.value()).map_err(DevchainError::store)?;
        let table = read.open_table(STATE).map_err(DevchainError::store)?;
        Ok(Some(Arc::new(Snapshot::new(table, tip))))
    }

    /// Writes the state before the first block and creates every table.
    pub(crate) fn write_genesis(&self, writes: WriteSet, tip: &Tip) -> Result<(), DevchainError> {
        let txn = self.db.begin_write().map_err(DevchainError::store)?;
        for open in [
            txn.open_table(BLOCKS).map(drop),
            txn.open_table(RESULTS).map(drop),
            txn.open_table(BLOCK_HASHES).map(drop),
            txn.open_table(TXS).map(drop),
            txn.open_table(TX_EVENTS).map(drop),
        ] {
            open.map_err(DevchainError::store)?;
        }
        write_state(&txn, writes, tip)?;
        txn.commit().map_err(DevchainError::store)
    }

    /// Writes a block: all of it or, on an error, nothing.
    pub(crate) fn commit(&self, block: CommittedBlock) -> Result<(), DevchainError> {
        let height = block.tip.height;
        let txn = self.db.begin_write().map_err(DevchainError::store)?;
        {
            let mut blocks = txn.open_table(BLOCKS).map_err(DevchainError::store)?;
            blocks.insert(height, block.block_json.as_slice()).map_err(DevchainError::store)?;
            let mut results = txn.open_table(RESULTS).map_err(DevchainError::store)?;
            results.insert(height, block.results_json.as_slice()).map_err(DevchainError::store)?;
            let mut hashes = txn.open_table(BLOCK_HASHES).map_err(DevchainError::store)?;
            hashes.insert(block.tip.block_id.hash.as_bytes(), height).map_err(DevchainError::store)?;
            let mut txs = txn.open_table(TXS).map_err(DevchainError::store)?;
            for (position, hash) in (0u32..).zip(&block.tx_hashes) {
                txs.insert(hash.as_slice(), (height, position)).map_err(DevchainError::store)?;
            }
            let mut events = txn.open_table(TX_EVENTS).map_err(DevchainError::store)?;
            for entry in &block.index {
                events.insert(entry.as_slice(), ()).map_err(DevchainError::store)?;
            }
        }
        write_state(&txn, block.writes, &block.tip)?;
        txn.commit().map_err(DevchainError::store)
    }
}

fn write_state(txn: &redb::WriteTransaction, writes: WriteSet, tip: &Tip) -> Result<(), DevchainError> {
    let mut state = txn.open_table(STATE).map_err(DevchainError::store)?;
    for (key, value) in writes {
        match value {
            Some(value) => state.insert(key.as_slice(), value.as_slice()).map(drop),
            None => state.remove(key.as_slice()).map(drop),
        }
        .map_err(DevchainError::store)?;
    }
    let mut meta = txn.open_table(META).map_err(DevchainError::store)?;
    let tip = serde_json::to_vec(tip).map_err(DevchainError::store)?;
    meta.insert(TIP, tip.as_slice()).map_err(DevchainError::store)?;
    Ok(())
}
