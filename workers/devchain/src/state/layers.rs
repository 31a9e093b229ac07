//! Layered writes on top of a snapshot. A layer is merged into the one below or dropped whole: this is what makes a
//! transaction, a message and a sub-message atomic. Knows nothing of gas.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::snapshot::Snapshot;
use crate::error::ExecError;

/// A key and its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);
/// Writes by key; `None` removes.
pub(crate) type WriteSet = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A range of keys and the direction in which to walk it.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) start: Bound<Vec<u8>>,
    pub(crate) end: Bound<Vec<u8>>,
    pub(crate) descending: bool,
}

impl Range {
    /// Returns the range of every key that starts with `prefix`, ascending.
    pub(crate) fn prefix(prefix: &[u8]) -> Self {
        let end = super::keys::after_prefix(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        Self { start: Bound::Included(prefix.to_vec()), end, descending: false }
    }

    /// Continues after `key`, the last one seen.
    pub(crate) fn skip(&mut self, key: Vec<u8>) {
        if self.descending {
            self.end = Bound::Excluded(key);
        } else {
            self.start = Bound::Excluded(key);
        }
    }

    /// Returns whether the range can contain no key. The maps below panic on such ranges.
    pub(crate) fn is_empty(&self) -> bool {
        match (&self.start, &self.end) {
            (Bound::Included(s), Bound::Included(e)) => s > e,
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(s) | Bound::Excluded(s), Bound::Included(e) | Bound::Excluded(e)) => s >= e,
        }
    }
}

/// The layers; there is always at least one.
#[derive(Clone)]
pub(crate) struct Layers {
    base: Arc<Snapshot>,
    bottom: WriteSet,
    upper: Vec<WriteSet>,
}

impl Layers {
    /// Creates one empty layer on top of `base`.
    pub(crate) fn new(base: Arc<Snapshot>) -> Self {
        Self { base, bottom: WriteSet::new(), upper: Vec::new() }
    }

    /// Returns the committed state below.
    pub(crate) fn base(&self) -> &Arc<Snapshot> {
        &self.base
    }

    /// Opens a layer.
    pub(crate) fn push(&mut self) {
        self.upper.push(WriteSet::new());
    }

    /// Merges the top layer into the one below.
    pub(crate) fn merge(&mut self) {
        if let Some(top) = self.upper.pop() {
            self.top().extend(top);
        }
    }

    /// Discards the top layer.
    pub(crate) fn drop_top(&mut self) {
        self.upper.pop();
    }

    /// Takes out everything written so far, with all layers merged.
    pub(crate) fn take_writes(&mut self) -> WriteSet {
        while !self.upper.is_empty() {
            self.merge();
        }
        std::mem::take(&mut self.bottom)
    }

    fn top(&mut self) -> &mut WriteSet {
        self.upper.last_mut().unwrap_or(&mut self.bottom)
    }

    fn newest_first(&self) -> impl Iterator<Item = &WriteSet> {
        self.upper.iter().rev().chain(std::iter::once(&self.bottom))
    }

    /// Returns the current value of `key`.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ExecError> {
        match self.newest_first().find_map(|layer| layer.get(key)) {
            Some(written) => Ok(written.clone()),
            None => self.base.get(key),
        }
    }

    /// Writes a value.
    pub(crate) fn set(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.top().insert(key, Some(value));
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, key: Vec<u8>) {
        self.top().insert(key, None);
    }

    /// Returns the first pair of the range, in its direction. Costs one look-up per layer, however much there is.
    pub(crate) fn first(&self, range: &Range) -> Result<Option<Pair>, ExecError> {
        let mut range = range.clone();
        loop {
            if range.is_empty() {
                return Ok(None);
            }
            let mut best = self.base.first(&range)?.map(|(key, value)| (key, Some(value)));
            // Oldest first, so that among equal keys the newest write wins.
            for layer in std::iter::once(&self.bottom).chain(&self.upper) {
                let mut found = layer.range::<Vec<u8>, _>((range.start.as_ref(), range.end.as_ref()));
                let next = if range.descending { found.next_back() } else { found.next() };
                let Some((key, value)) = next else { continue };
                let wins =
                    best.as_ref().is_none_or(|(b, _)| if range.descending { key >= b } else { key <= b });
                if wins {
                    best = Some((key.clone(), value.clone()));
                }
            }
            match best {
                None => return Ok(None),
                Some((key, Some(value))) => return Ok(Some((key, value))),
                Some((key, None)) => range.skip(key),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::store::ChainStore;

    /// Returns layers and their store, which must live as long as its readers.
    fn layers() -> (ChainStore, Layers) {
        let store = ChainStore::open(None).unwrap();
        let mut genesis = WriteSet::new();
        for key in [b"a", b"c", b"e"] {
            genesis.insert(key.to_vec(), Some(b"old".to_vec()));
        }
        store.write_genesis(genesis, &crate::state::Tip::default()).unwrap();
        let layers = Layers::new(store.snapshot().unwrap().unwrap());
        (store, layers)
    }

    fn walk(layers: &Layers, descending: bool) -> Vec<String> {
        let mut range = Range { start: Bound::Unbounded, end: Bound::Unbounded, descending };
        let mut seen = Vec::new();
        while let Some((key, value)) = layers.first(&range).unwrap() {
            seen.push(format!("{}={}", String::from_utf8_lossy(&key), String::from_utf8_lossy(&value)));
            range.skip(key);
        }
        seen
    }

    #[test]
    fn a_walk_sees_the_newest_write_of_each_key_and_no_removed_one() {
        let (_store, mut layers) = layers();
        layers.set(b"b".to_vec(), b"1".to_vec());
        layers.remove(b"c".to_vec());
        layers.push();
        layers.set(b"b".to_vec(), b"2".to_vec());
        layers.set(b"c".to_vec(), b"3".to_vec());
        layers.remove(b"e".to_vec());
        assert_eq!(walk(&layers, false), ["a=old", "b=2", "c=3"]);
        assert_eq!(walk(&layers, true), ["c=3", "b=2", "a=old"]);
        layers.drop_top();
        assert_eq!(walk(&layers, false), ["a=old", "b=1", "e=old"]);
    }

    #[test]
    fn merging_keeps_writes_and_dropping_forgets_them() {
        let (_store, mut layers) = layers();
        layers.push();
        layers.set(b"x".to_vec(), b"1".to_vec());
        layers.push();
        layers.remove(b"a".to_vec());
        layers.merge();
        layers.merge();
        assert_eq!(layers.get(b"a").unwrap(), None);
        layers.push();
        layers.set(b"x".to_vec(), b"2".to_vec());
        layers.drop_top();
        assert_eq!(layers.get(b"x").unwrap(), Some(b"1".to_vec()));
        assert_eq!(layers.take_writes().len(), 2);
    }

    #[test]
    fn empty_and_inverted_ranges_hold_nothing() {
        let (_store, layers) = layers();
        for (start, end) in [
            (Bound::Included(b"c".to_vec()), Bound::Excluded(b"c".to_vec())),
            (Bound::Excluded(b"c".to_vec()), Bound::Excluded(b"c".to_vec())),
            (Bound::Included(b"e".to_vec()), Bound::Excluded(b"a".to_vec())),
        ] {
            assert_eq!(layers.first(&Range { start, end, descending: false }).unwrap(), None);
        }
    }
}
