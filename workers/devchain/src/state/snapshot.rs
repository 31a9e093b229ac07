//! The state as of one committed block: read-only and unaffected by later blocks.

use std::ops::Bound;

use redb::{ReadOnlyTable, ReadableTable};

use super::layers::{Pair, Range};
use super::store::Tip;
use crate::error::ExecError;

/// A committed state and the block that made it.
pub(crate) struct Snapshot {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    pub(crate) tip: Tip,
}

impl Snapshot {
    pub(super) fn new(table: ReadOnlyTable<&'static [u8], &'static [u8]>, tip: Tip) -> Self {
        Self { table, tip }
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ExecError> {
        let found = ReadableTable::get(&self.table, key).map_err(store_error)?;
        Ok(found.map(|value| value.value().to_vec()))
    }

    /// Returns the first pair of the range, in its direction.
    pub(super) fn first(&self, range: &Range) -> Result<Option<Pair>, ExecError> {
        if range.is_empty() {
            return Ok(None);
        }
        let bounds: (Bound<&[u8]>, Bound<&[u8]>) =
            (range.start.as_ref().map(Vec::as_slice), range.end.as_ref().map(Vec::as_slice));
        let mut found = ReadableTable::range::<&[u8]>(&self.table, bounds).map_err(store_error)?;
        let pair = if range.descending { found.next_back() } else { found.next() };
        match pair.transpose().map_err(store_error)? {
            Some((key, value)) => Ok(Some((key.value().to_vec(), value.value().to_vec()))),
            None => Ok(None),
        }
    }
}

fn store_error(error: redb::StorageError) -> ExecError {
    ExecError::Store(error.to_string())
}
