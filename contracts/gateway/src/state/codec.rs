//! How records are kept: one byte that says the format, then postcard. A record costs a third of the bytes that JSON
//! would, and less gas to read. Keys are the storage library's.

use std::any::type_name;
use std::marker::PhantomData;

use cosmwasm_std::{Order, StdError, Storage, Uint128};
use cw_storage_plus::{Bound, KeyDeserialize, Path, Prefixer, PrimaryKey};
use serde::{de::DeserializeOwned, Serialize};

use crate::error::ContractError;

/// The format that is written: every release that changes the layout of a record counts it up.
const FORMAT: u8 = 5;
/// The oldest format that is read.
const OLDEST: u8 = 1;
/// Zeros that stand for whatever fields have been added to a record since it was written.
const ADDED: usize = 64;

/// What is kept under a key. Records are never rewritten for a new release: each is read in the format it was written
/// in, for ever, and written in the newest. So a field is only ever added at a record's end, and its zero (nothing,
/// false, 0, an empty list) is what it means for records that are older than it. No `Uint128`: its zero is no zero byte.
/// A change of another kind overrides [`Record::read`].
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// Reads a record; where its format is not the newest, zeros follow it.
    ///
    /// # Errors
    /// [`postcard::Error`] where the bytes are no such record.
    fn read(_format: u8, record: &[u8]) -> postcard::Result<Self> {
        postcard::from_bytes(record)
    }
}

impl Record for () {}
impl Record for u32 {}
impl Record for u64 {}
impl Record for String {}
impl Record for Uint128 {}

fn encode<T: Record>(record: &T) -> Result<Vec<u8>, ContractError> {
    postcard::to_extend(record, vec![FORMAT])
        .map_err(|error| StdError::serialize_err(type_name::<T>(), error).into())
}

/// The format, with the zeros that make up for what an older record lacks.
fn grown(bytes: &mut Vec<u8>) -> Option<u8> {
    let format = *bytes.first()?;
    if format < FORMAT {
        bytes.resize(bytes.len().saturating_add(ADDED), 0);
    }
    (OLDEST..=FORMAT).contains(&format).then_some(format)
}

fn decode<T: Record>(mut bytes: Vec<u8>) -> Result<T, ContractError> {
    let broken = |error: postcard::Error| StdError::parse_err(type_name::<T>(), error);
    match (grown(&mut bytes), bytes.get(1..)) {
        (Some(format), Some(record)) => Ok(T::read(format, record).map_err(broken)?),
        _ => Err(StdError::parse_err(type_name::<T>(), "unknown format").into()),
    }
}

fn missing<T>() -> ContractError {
    StdError::not_found(type_name::<T>()).into()
}

/// One record.
pub(crate) struct Item<T> {
    key: &'static str,
    record: PhantomData<fn() -> T>,
}

impl<T: Record> Item<T> {
    pub(crate) const fn new(key: &'static str) -> Self {
        Self { key, record: PhantomData }
    }

    pub(crate) fn may_load(&self, storage: &dyn Storage) -> Result<Option<T>, ContractError> {
        storage.get(self.key.as_bytes()).map(|bytes| decode(bytes)).transpose()
    }

    pub(crate) fn load(&self, storage: &dyn Storage) -> Result<T, ContractError> {
        self.may_load(storage)?.ok_or_else(missing::<T>)
    }

    pub(crate) fn save(&self, storage: &mut dyn Storage, record: &T) -> Result<(), ContractError> {
        storage.set(self.key.as_bytes(), &encode(record)?);
        Ok(())
    }

    pub(crate) fn remove(&self, storage: &mut dyn Storage) {
        storage.remove(self.key.as_bytes());
    }
}

/// Records by key.
pub(crate) struct Map<K, T> {
    keys: cw_storage_plus::Map<K, ()>,
    record: PhantomData<fn() -> T>,
}

impl<K, T> Map<K, T> {
    pub(crate) const fn new(namespace: &'static str) -> Self {
        Self { keys: cw_storage_plus::Map::new(namespace), record: PhantomData }
    }
}

impl<'a, K, T> Map<K, T>
where
    K: PrimaryKey<'a>,
    T: Record,
{
    fn path(&self, key: K) -> Path<()> {
        self.keys.key(key)
    }

    pub(crate) fn has(&self, storage: &dyn Storage, key: K) -> bool {
        storage.get(&self.path(key)).is_some()
    }

    pub(crate) fn may_load(&self, storage: &dyn Storage, key: K) -> Result<Option<T>, ContractError> {
        storage.get(&self.path(key)).map(|bytes| decode(bytes)).transpose()
    }

    pub(crate) fn load(&self, storage: &dyn Storage, key: K) -> Result<T, ContractError> {
        self.may_load(storage, key)?.ok_or_else(missing::<T>)
    }

    pub(crate) fn save(&self, storage: &mut dyn Storage, key: K, record: &T) -> Result<(), ContractError> {
        storage.set(&self.path(key), &encode(record)?);
        Ok(())
    }

    pub(crate) fn remove(&self, storage: &mut dyn Storage, key: K) {
        storage.remove(&self.path(key));
    }

    /// Keys in ascending order, read one by one as they are asked for.
    pub(crate) fn keys<'s>(
        &self,
        storage: &'s dyn Storage,
        start: Option<Bound<'a, K>>,
    ) -> impl Iterator<Item = Result<K::Output, ContractError>> + use<'a, 's, K, T>
    where
        T: 's,
        K::Output: 'static,
        K: KeyDeserialize,
    {
        self.keys.keys(storage, start, None, Order::Ascending).map(|key| Ok(key?))
    }

    /// Keys below a prefix in ascending order, read one by one as they are asked for.
    pub(crate) fn keys_after<'s>(
        &self,
        storage: &'s dyn Storage,
        prefix: K::Prefix,
        start: Option<Bound<'a, K::Suffix>>,
    ) -> impl Iterator<Item = Result<<K::Suffix as KeyDeserialize>::Output, ContractError>> + use<'a, 's, K, T>
    where
        K::Suffix: PrimaryKey<'a> + KeyDeserialize,
        <K::Suffix as KeyDeserialize>::Output: 'static,
        K::Prefix: Prefixer<'a>,
    {
        let keys = self.keys.prefix(prefix).keys(storage, start, None, Order::Ascending);
        keys.map(|key| Ok(key?))
    }

    /// Keys below a prefix, at most so many.
    pub(crate) fn keys_below(
        &self,
        storage: &dyn Storage,
        prefix: K::Prefix,
        most: usize,
    ) -> Result<Vec<<K::Suffix as KeyDeserialize>::Output>, ContractError>
    where
        K::Suffix: PrimaryKey<'a> + KeyDeserialize,
        <K::Suffix as KeyDeserialize>::Output: 'static,
        K::Prefix: Prefixer<'a>,
    {
        let keys = self.keys.prefix(prefix).keys(storage, None, None, Order::Ascending);
        Ok(keys.take(most).collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::testing::MockStorage;

    use super::*;

    const MAP: Map<u64, ()> = Map::new("map");
    const ITEM: Item<String> = Item::new("item");

    #[test]
    fn what_is_kept_comes_back_and_even_nothing_is_something() {
        let mut storage = MockStorage::new();
        MAP.save(&mut storage, 7, &()).unwrap();
        assert!(MAP.has(&storage, 7));
        assert_eq!(MAP.may_load(&storage, 7).unwrap(), Some(()));
        assert_eq!(MAP.may_load(&storage, 8).unwrap(), None);
        MAP.remove(&mut storage, 7);
        assert!(!MAP.has(&storage, 7));
        ITEM.save(&mut storage, &"text".to_owned()).unwrap();
        assert_eq!(ITEM.load(&storage).unwrap(), "text");
    }

    #[test]
    fn another_format_is_refused() {
        let mut storage = MockStorage::new();
        for bytes in [&b"{}"[..], &[0, 0], &[FORMAT + 1, 0], &[FORMAT, 200]] {
            storage.set(b"item", bytes);
            assert!(matches!(ITEM.load(&storage), Err(ContractError::Std(_))), "{bytes:?}");
        }
    }

    #[derive(Serialize, serde::Deserialize, Debug, PartialEq)]
    struct Grown {
        text: String,
        number: u64,
        list: Vec<u32>,
        choice: Option<Uint128>,
    }
    impl Record for Grown {}

    #[test]
    fn what_an_older_release_wrote_is_read_with_zeros_for_what_it_lacked() {
        const GROWN: Item<Grown> = Item::new("item");
        let mut storage = MockStorage::new();
        storage.set(b"item", &[OLDEST, 2, b'a', b'b']);
        let read = GROWN.load(&storage).unwrap();
        assert_eq!(read, Grown { text: "ab".to_owned(), number: 0, list: Vec::new(), choice: None });
        // The same bytes in the newest format are a broken record.
        storage.set(b"item", &[FORMAT, 2, b'a', b'b']);
        assert!(matches!(GROWN.load(&storage), Err(ContractError::Std(_))));
    }
}
