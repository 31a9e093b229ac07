//! Private code: encrypted under a key of its own, which is sealed to each node that may run it. Code stores keep it and nodes ask them
//! for it; the contract never sees one, it pins the hash of the plain code as for any other.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Binary;

use crate::{CodeHash, NodeId, ProjectId, SealedValue, limits};

/// Bytes that encryption adds to code: the tag of ChaCha20-Poly1305.
pub const CODE_TAG_BYTES: usize = 16;

/// The kind of problem document (RFC 9457) by which a store says that code is not sealed to the node that asks for it.
pub const NOT_SEALED: &str = "not-sealed";

/// A project's code, encrypted, with its key sealed to nodes.
#[cw_serde]
pub struct SealedCode {
    /// The project that may have it run.
    pub project: ProjectId,
    /// SHA-256 of the plain code, as the project's version pins it.
    pub sha256: CodeHash,
    /// Bytes of the plain code, 1 to 1,048,576.
    pub size: u32,
    /// The ciphertext and its tag: 16 bytes more than the code.
    pub ciphertext: Binary,
    /// The code's key, sealed to 1 to 128 nodes in ascending order; each ciphertext has 112 bytes.
    pub keys: Vec<SealedValue>,
}

impl SealedCode {
    /// Says what is wrong with the form, if anything.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        if !(1..=limits::MAX_CODE_BYTES).contains(&self.size) {
            return Some("size takes 1 to 1048576 bytes");
        }
        if self.ciphertext.len()
            != CODE_TAG_BYTES.saturating_add(usize::try_from(self.size).unwrap_or(usize::MAX))
        {
            return Some("ciphertext takes 16 bytes more than size");
        }
        if !(1..=limits::MAX_SEALED_NODES).contains(&self.keys.len()) {
            return Some("keys takes 1 to 128 nodes");
        }
        if !self.keys.is_sorted_by(|a, b| a.node < b.node) {
            return Some("keys takes nodes in ascending order, each once");
        }
        if self.keys.iter().any(|key| key.ciphertext.len() != limits::MIN_SEALED_BYTES) {
            return Some("keys takes ciphertexts of 112 bytes");
        }
        None
    }

    /// Returns what one node is given; `None` where the code is not sealed to it.
    #[must_use]
    pub fn for_node(self, node: NodeId) -> Option<CodeForNode> {
        let Self { project, sha256, size, ciphertext, keys } = self;
        let key = keys.into_iter().find(|key| key.node == node)?;
        Some(CodeForNode { project, sha256, size, ciphertext, key })
    }
}

/// Private code as one node is given it.
#[cw_serde]
pub struct CodeForNode {
    /// The project that may have it run.
    pub project: ProjectId,
    /// SHA-256 of the plain code.
    pub sha256: CodeHash,
    /// Bytes of the plain code.
    pub size: u32,
    /// The ciphertext and its tag.
    pub ciphertext: Binary,
    /// The code's key, sealed to the node.
    pub key: SealedValue,
}

/// A node's request for private code, signed by the key that it draws with.
#[cw_serde]
pub struct SignedCodeRequest {
    /// The node.
    pub node: NodeId,
    /// The project.
    pub project: ProjectId,
    /// SHA-256 of the plain code.
    pub sha256: CodeHash,
    /// The chain's height when it was signed: a store takes it while few blocks have come since, whatever the machines' clocks say.
    pub height: u64,
    /// A schnorrkel signature by the node's key over chain, contract, node, project, hash and height: 64 bytes.
    pub signature: Binary,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EncryptionKey;

    fn sealed(size: u32, nodes: &[u32]) -> SealedCode {
        let key = |node: &u32| SealedValue {
            node: NodeId(*node),
            key: EncryptionKey([1; 32]),
            ciphertext: vec![7; limits::MIN_SEALED_BYTES].into(),
        };
        SealedCode {
            project: ProjectId(7),
            sha256: CodeHash([2; 32]),
            size,
            ciphertext: vec![3; size as usize + CODE_TAG_BYTES].into(),
            keys: nodes.iter().map(key).collect(),
        }
    }

    #[test]
    fn the_form_is_bounded() {
        assert_eq!(sealed(9, &[1, 2]).fault(), None);
        assert_eq!(sealed(limits::MAX_CODE_BYTES, &[1]).fault(), None);
        assert_eq!(sealed(0, &[1]).fault(), Some("size takes 1 to 1048576 bytes"));
        assert_eq!(sealed(limits::MAX_CODE_BYTES + 1, &[1]).fault(), Some("size takes 1 to 1048576 bytes"));
        assert_eq!(sealed(9, &[]).fault(), Some("keys takes 1 to 128 nodes"));
        let all: Vec<u32> = (1..=129).collect();
        assert_eq!(sealed(9, &all[..128]).fault(), None);
        assert_eq!(sealed(9, &all).fault(), Some("keys takes 1 to 128 nodes"));
        for nodes in [[2, 1], [1, 1]] {
            assert_eq!(sealed(9, &nodes).fault(), Some("keys takes nodes in ascending order, each once"));
        }
        let mut short = sealed(9, &[1]);
        short.size = 8;
        assert_eq!(short.fault(), Some("ciphertext takes 16 bytes more than size"));
        let mut long = sealed(9, &[1]);
        long.keys[0].ciphertext = vec![7; 113].into();
        assert_eq!(long.fault(), Some("keys takes ciphertexts of 112 bytes"));
    }

    #[test]
    fn a_node_is_given_its_own_key_and_no_other() {
        let code = sealed(9, &[1, 4]);
        assert_eq!(code.clone().for_node(NodeId(4)).unwrap().key.node, NodeId(4));
        assert_eq!(code.for_node(NodeId(2)), None);
    }
}
