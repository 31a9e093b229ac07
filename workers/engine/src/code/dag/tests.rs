//! Files of several blocks: those that an IPFS node would make, and fabricated ones.

use std::collections::HashMap;

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::super::unixfs::node;
use super::*;

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint((field << 3) | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// Blocks by name, as a gateway has them.
#[derive(Default)]
pub(in crate::code) struct Blocks(pub(in crate::code) HashMap<String, Vec<u8>>);

impl Blocks {
    fn put(&mut self, codec: Codec, block: Vec<u8>) -> Cid {
        let cid = Cid { codec, digest: gateway_api::CodeHash(Sha256::digest(&block).into()) };
        self.0.insert(cid.to_string(), block);
        cid
    }

    pub(in crate::code) fn raw(&mut self, data: &[u8]) -> (Cid, u64) {
        (self.put(Codec::Raw, data.to_vec()), data.len() as u64)
    }

    /// Adds a node of a type over these parts, which declares this size.
    fn stated(&mut self, kind: u64, data: &[u8], parts: &[(Cid, u64)], size: u64) -> (Cid, u64) {
        let mut file = number(1, kind);
        if !data.is_empty() {
            file.extend(bytes(2, data));
        }
        file.extend(number(3, size));
        let mut block = Vec::new();
        for (cid, size) in parts {
            file.extend(number(4, *size));
            let codec = if cid.codec == Codec::Raw { 0x55 } else { 0x70 };
            let hash = [&[1, codec, 0x12, 0x20], &cid.digest.0[..]].concat();
            block.extend(bytes(2, &[bytes(1, &hash), bytes(2, b""), number(3, *size)].concat()));
        }
        block.extend(bytes(1, &file));
        (self.put(Codec::DagPb, block), size)
    }

    pub(in crate::code) fn file(&mut self, parts: &[(Cid, u64)]) -> (Cid, u64) {
        self.stated(2, b"", parts, parts.iter().map(|(_, size)| size).sum())
    }

    fn get(&self, root: Cid, size: usize) -> Result<Vec<u8>, DagError> {
        let mut walk = Walk::new(root, size);
        while let Some((cid, limit)) = walk.next() {
            let block = &self.0[&cid.to_string()];
            assert!(block.len() <= limit, "an honest block fits");
            assert_eq!(walk.take(b"something else"), Ok(Taken::No));
            assert_eq!(walk.take(block)?, Taken::Yes);
        }
        Ok(walk.into_file())
    }
}

#[test]
fn a_file_of_raw_leaves_is_read() {
    // Links first, then the file's own fields: the order in which IPFS nodes write them.
    let mut blocks = Blocks::default();
    let parts = [blocks.raw(b"hello"), blocks.raw(b" worl"), blocks.raw(b"d")];
    let (root, _) = blocks.file(&parts);
    let read = node(&blocks.0[&root.to_string()]).unwrap();
    assert_eq!((read.size, read.children.len(), read.data.len()), (11, 3, 0));
    assert_eq!(blocks.get(root, 11).unwrap(), b"hello world");
}

#[test]
fn files_of_several_levels_keep_their_order() {
    let mut blocks = Blocks::default();
    let (a, b, c) = (blocks.raw(b"aa"), blocks.raw(b"bbb"), blocks.raw(b"c"));
    let left = blocks.file(&[a, b]);
    // Leaves may also be nodes with their own bytes.
    let leaf = blocks.stated(0, b"dd", &[], 2);
    let right = blocks.stated(2, b"+", &[c, leaf], 4);
    let (root, size) = blocks.file(&[left, right, a]);
    assert_eq!(blocks.get(root, size as usize).unwrap(), b"aabbb+cddaa");
}

#[test]
fn sizes_that_do_not_add_up_are_refused_before_anything_below_is_asked_for() {
    let mut blocks = Blocks::default();
    let (leaf, _) = blocks.raw(b"12345");
    let (huge, _) = blocks.stated(2, b"", &[(leaf, u64::MAX)], u64::MAX);
    assert_eq!(blocks.get(huge, 5), Err(DagError::Size { has: u64::MAX, wanted: 5 }));
    let (overflow, _) = blocks.stated(2, b"", &[(leaf, u64::MAX), (leaf, 6)], 5);
    assert_eq!(blocks.get(overflow, 5), Err(BlockError::Sizes.into()));
    let (lies, _) = blocks.stated(2, b"", &[(leaf, 4)], 4);
    assert_eq!(blocks.get(lies, 4), Err(DagError::Size { has: 5, wanted: 4 }));
    let (short, _) = blocks.stated(2, b"", &[(leaf, 5)], 6);
    assert_eq!(blocks.get(short, 6), Err(BlockError::Sizes.into()));
    assert_eq!(blocks.get(leaf, 4), Err(DagError::Size { has: 5, wanted: 4 }));
}

#[test]
fn depth_and_number_of_blocks_are_bounded() {
    let mut blocks = Blocks::default();
    let mut part = blocks.raw(b"x");
    for _ in 1..MAX_DEPTH {
        part = blocks.file(&[part]);
    }
    assert_eq!(blocks.get(part.0, 1).unwrap(), b"x");
    let (deeper, _) = blocks.file(&[part]);
    assert_eq!(blocks.get(deeper, 1), Err(DagError::TooDeep));

    // One small leaf linked many times, also through nodes that are themselves linked many times.
    let leaf = blocks.raw(b"y");
    let (wide, size) = blocks.file(&[leaf; MAX_BLOCKS - 1]);
    assert_eq!(blocks.get(wide, size as usize).unwrap().len(), MAX_BLOCKS - 1);
    let (wider, size) = blocks.file(&[leaf; MAX_BLOCKS]);
    assert_eq!(blocks.get(wider, size as usize), Err(DagError::TooMany));
    let ten = blocks.file(&[leaf; 10]);
    let (bomb, size) = blocks.file(&[ten; 10]);
    assert_eq!(blocks.get(bomb, size as usize), Err(DagError::TooMany));
}

#[test]
fn what_is_no_file_is_refused() {
    let mut blocks = Blocks::default();
    let leaf = blocks.raw(b"z");
    let (directory, _) = blocks.stated(1, b"", &[leaf], 1);
    assert_eq!(blocks.get(directory, 1), Err(BlockError::NotAFile.into()));
    for block in [&b"\xff\xff"[..], b"\x0a\x05ab", b"\x08\x01", b"\x0a\x02\x08\x02\x0a\x02\x08\x02", b""] {
        assert!(node(block).is_err(), "{block:?}");
    }
    // A link to a block under another hash function, and one of CID version 0.
    for hash in [[&[1, 0x55, 0x13, 0x20], &[7; 32][..]].concat(), [&[0x12, 0x20], &[7; 32][..]].concat()] {
        let file = [number(1, 2), number(3, 1), number(4, 1)].concat();
        let block = [bytes(2, &bytes(1, &hash)), bytes(1, &file)].concat();
        assert_eq!(node(&block), Err(BlockError::Link));
    }
}

proptest! {
    #[test]
    fn arbitrary_blocks_never_panic(block in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = node(&block);
    }

    #[test]
    fn any_file_comes_back_whole(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..20)) {
        let mut blocks = Blocks::default();
        let leaves: Vec<_> = parts.iter().map(|part| blocks.raw(part)).collect();
        let middle: Vec<_> = leaves.chunks(4).map(|some| blocks.file(some)).collect();
        let (root, size) = blocks.file(&middle);
        prop_assert_eq!(blocks.get(root, size as usize).unwrap(), parts.concat());
    }
}
