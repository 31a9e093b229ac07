//! Reassembles a file from several IPFS blocks: it says which block is needed next and accepts it if its hash is right. It
//! fetches nothing; the loader does.

use gateway_api::{Cid, Codec};

use super::unixfs::{self, BlockError};

/// Most blocks per file. At the usual size of 256 KiB, four make up the largest permitted code.
const MAX_BLOCKS: usize = 64;

/// Most nodes between the root and a leaf, both included.
const MAX_DEPTH: usize = 4;

/// Size limit in bytes of a node's own fields besides file bytes.
const NODE_BYTES: usize = 64 << 10;

/// Why a file cannot be reassembled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DagError {
    #[error(transparent)]
    Block(#[from] BlockError),
    #[error("the file takes more than {MAX_BLOCKS} blocks")]
    TooMany,
    #[error("the file's blocks are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    #[error("a part has {has} bytes where {wanted} are wanted")]
    Size {
        /// Bytes it has or declares.
        has: u64,
        /// Bytes declared by its parent, or pinned.
        wanted: u64,
    },
}

/// The result of checking a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The right block.
    Yes,
    /// Not the requested block; another gateway may have it.
    No,
}

struct Wanted {
    cid: Cid,
    size: u64,
    depth: usize,
}

/// A file being reassembled.
pub(super) struct Walk {
    /// Missing parts, the next one last.
    wanted: Vec<Wanted>,
    blocks: usize,
    file: Vec<u8>,
}

impl Walk {
    /// Starts a file with this CID, which must have this many bytes.
    pub(super) fn new(root: Cid, size: usize) -> Walk {
        let root = Wanted { cid: root, size: size as u64, depth: 1 };
        Walk { wanted: vec![root], blocks: 0, file: Vec::new() }
    }

    /// Returns the block to fetch next, and its size limit in bytes; `None` when the file is complete.
    pub(super) fn next(&self) -> Option<(Cid, usize)> {
        let wanted = self.wanted.last()?;
        Some((wanted.cid, usize::try_from(wanted.size).unwrap_or(usize::MAX).saturating_add(NODE_BYTES)))
    }

    /// Takes a block for the one that is needed.
    pub(super) fn take(&mut self, block: &[u8]) -> Result<Taken, DagError> {
        if !self.wanted.last().is_some_and(|wanted| wanted.cid.matches(block)) {
            return Ok(Taken::No);
        }
        let Some(Wanted { cid, size, depth }) = self.wanted.pop() else { return Ok(Taken::No) };
        self.blocks = self.blocks.saturating_add(1);
        let fits = |has: u64| if has == size { Ok(()) } else { Err(DagError::Size { has, wanted: size }) };
        if cid.codec == Codec::Raw {
            fits(block.len() as u64)?;
            self.file.extend_from_slice(block);
            return Ok(Taken::Yes);
        }
        // Sizes are checked from the root down, so that all parts together never exceed what is pinned.
        let node = unixfs::node(block)?;
        fits(node.size)?;
        if !node.children.is_empty() && depth >= MAX_DEPTH {
            return Err(DagError::TooDeep);
        }
        let known = self.blocks.saturating_add(self.wanted.len());
        if known.saturating_add(node.children.len()) > MAX_BLOCKS {
            return Err(DagError::TooMany);
        }
        self.file.extend_from_slice(&node.data);
        let children = node.children.into_iter().rev();
        self.wanted.extend(children.map(|(cid, size)| Wanted { cid, size, depth: depth + 1 }));
        Ok(Taken::Yes)
    }

    /// Returns the file, once it is complete.
    pub(super) fn into_file(self) -> Vec<u8> {
        self.file
    }
}

#[cfg(test)]
pub(super) mod tests;
