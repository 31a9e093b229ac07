//! Reads the contract's messages in two steps: the text into a tree, then the tree into the type. It decides nothing about
//! the wire format: what serde derives for a type says which fields there are and which may be absent.
//!
//! Types read straight from text would each carry code that looks for fields in any order, sees to it that none comes twice
//! and can stop half-way, and the contract would be larger by a fifth. Here that is done once, by `reader`, which hands a
//! type its fields in the order of their declaration.

mod error;
mod reader;
mod tree;

#[cfg(test)]
mod tests;

use reader::Reader;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use tree::Tree;

/// A message that is read by way of a tree. The same messages are accepted as without it, save that none may hold a field
/// that its type does not name: what the schema says, and what a misspelt option deserves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = Tree::deserialize(deserializer)?;
        T::deserialize(Reader(tree)).map(Self).map_err(D::Error::custom)
    }
}
