//! Where a project's code is, and what pins it. The hash is the authority; every place is only a mirror.

use cosmwasm_schema::cw_serde;
use thiserror::Error;

use crate::{Cid, CodeHash, Codec, limits};

/// A project's code: pinned by its hash and size, found at any of its sources.
#[cw_serde]
pub struct CodeRef {
    /// SHA-256 of the bytes.
    pub sha256: CodeHash,
    /// Number of bytes, 1 to 1,048,576.
    pub size: u32,
    /// Mirrors in order of preference, 1 to 8.
    pub sources: Vec<CodeSource>,
}

/// What is wrong with a code reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CodeFault {
    /// A field is outside its bounds.
    #[error("{0}")]
    Field(&'static str),
    /// A CID of one raw block names other bytes than are pinned.
    #[error("the CID's block hashes to {block}, the pin is {pin}")]
    OtherBlock {
        /// What the CID says.
        block: CodeHash,
        /// What is pinned.
        pin: CodeHash,
    },
}

/// One place the code may be fetched from.
#[cw_serde]
pub enum CodeSource {
    /// A file of a GitHub repository at a commit.
    Github {
        /// Account or organisation.
        owner: String,
        /// Repository.
        repo: String,
        /// Commit, 40 lower-case hexadecimal digits; branches and tags are refused because they move.
        commit: String,
        /// Path inside the repository.
        path: String,
    },
    /// An IPFS CID. Of a raw block it must say the pinned hash.
    Ipfs {
        /// The CID in its text form: version 1, base32, sha2-256.
        cid: String,
    },
    /// An https address.
    Https {
        /// The address.
        url: String,
    },
    /// Global's code store: code that is known by its hash only, in plain or sealed to nodes.
    Store {},
}

impl CodeSource {
    /// Says what is wrong with the source, if anything.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let long =
            |s: &str| s.is_empty() || s.len() > limits::MAX_SOURCE_BYTES || s.chars().any(|c| c.is_control());
        let plain =
            |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        match self {
            Self::Github { owner, repo, commit, path } => {
                if !plain(owner) || !plain(repo) || owner.len() > 64 || repo.len() > 128 {
                    return Some("github: owner and repo take letters, digits, '-', '_' and '.'");
                }
                let hexadecimal = commit.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                if commit.len() != 40 || !hexadecimal {
                    return Some(
                        "github: commit takes 40 lower-case hexadecimal digits, not a branch or tag",
                    );
                }
                if long(path)
                    || path.starts_with('/')
                    || path.split('/').any(|part| part == ".." || part.is_empty())
                {
                    return Some("github: path takes a relative path of 1 to 512 bytes without '..'");
                }
                None
            }
            Self::Ipfs { cid } => Cid::parse(cid)
                .is_none()
                .then_some("ipfs: cid takes a CID of version 1 in base32 with sha2-256"),
            Self::Https { url } => {
                let host = url.strip_prefix("https://").is_some_and(|rest| {
                    rest.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
                });
                (long(url) || !host || url.contains(' '))
                    .then_some("https: url takes an https address of at most 512 bytes")
            }
            Self::Store {} => None,
        }
    }
}

impl CodeRef {
    /// Says what is wrong with the reference, if anything.
    #[must_use]
    pub fn fault(&self) -> Option<CodeFault> {
        if self.size == 0 || self.size > limits::MAX_CODE_BYTES {
            return Some(CodeFault::Field("size takes 1 to 1048576 bytes"));
        }
        if self.sources.is_empty() || self.sources.len() > limits::MAX_SOURCES {
            return Some(CodeFault::Field("sources takes 1 to 8 places"));
        }
        self.sources.iter().find_map(|source| match source {
            CodeSource::Ipfs { cid } => match Cid::parse(cid) {
                Some(Cid { codec: Codec::Raw, digest }) if digest != self.sha256 => {
                    Some(CodeFault::OtherBlock { block: digest, pin: self.sha256 })
                }
                _ => source.fault().map(CodeFault::Field),
            },
            _ => source.fault().map(CodeFault::Field),
        })
    }
}
