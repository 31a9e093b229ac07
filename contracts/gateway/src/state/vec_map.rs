//! What one message has read or gathered, by key: a sorted list, for a tree would be a third of a kilobyte of code for each
//! kind of entry, and a message holds few.

/// Entries in the order of their keys.
pub(crate) struct VecMap<K, V>(Vec<(K, V)>);

impl<K: Ord, V> VecMap<K, V> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// The entry of a key; it is made where there is none.
    pub(crate) fn entry<E>(&mut self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<&mut V, E> {
        let at = match self.0.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (key, make()?));
                at
            }
        };
        // The index is in bounds: the entry was found, or has been put there.
        Ok(&mut self.0[at].1)
    }

    /// All entries.
    pub(crate) fn into_entries(self) -> Vec<(K, V)> {
        self.0
    }
}

impl<K: Ord> VecMap<K, ()> {
    /// Adds a key; false where it was there.
    pub(crate) fn insert(&mut self, key: K) -> bool {
        match self.0.binary_search_by(|(known, ())| known.cmp(&key)) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, (key, ()));
                true
            }
        }
    }

    /// Keys.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_made_once_and_all_come_in_order() {
        let mut map = VecMap::new();
        for key in [3, 1, 2, 1, 3] {
            *map.entry(key, || Ok::<_, ()>(0)).unwrap() += 1;
        }
        assert_eq!(map.entry(2, || Err(())), Ok(&mut 1));
        assert_eq!(map.entry(9, || Err(())), Err(()));
        assert_eq!(map.into_entries(), vec![(1, 2), (2, 1), (3, 2)]);
    }

    #[test]
    fn a_key_is_new_once() {
        let mut keys = VecMap::new();
        assert!(keys.insert("b") && keys.insert("a") && !keys.insert("b"));
        assert_eq!(keys.len(), 2);
    }
}
