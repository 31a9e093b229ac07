//! Where code may be kept, and the URLs that lead there.

use serde::{Deserialize, Serialize};

use super::ipfs::{Cid, Codec};
use super::loader::CodeLoaderConfig;

/// A place where a project says its code is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeSource {
    /// Any URL.
    Https(String),
    /// A file in a GitHub repository at a commit.
    GitHub {
        /// Owner of the repository.
        owner: String,
        /// Name of the repository.
        repo: String,
        /// Commit, 40 hexadecimal digits: branches and tags move.
        commit: String,
        /// Path of the file.
        path: String,
    },
    /// A CID: one raw block of IPFS, or a small file of several.
    Ipfs(String),
    /// The code store of a global service.
    Store,
}

impl CodeSource {
    /// Where to look, in order of preference; empty when the source is not well formed.
    pub(crate) fn urls(&self, sha256: &[u8; 32], config: &CodeLoaderConfig) -> Vec<String> {
        match self {
            CodeSource::Https(url) => vec![url.clone()],
            CodeSource::GitHub { owner, repo, commit, path } => {
                let commit_ok = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
                if !commit_ok || !is_name(owner) || !is_name(repo) || !is_path(path) {
                    return Vec::new();
                }
                vec![format!("{}/{owner}/{repo}/{commit}/{path}", base(&config.github_base))]
            }
            CodeSource::Ipfs(cid) => Cid::parse(cid).map(|cid| block_urls(&cid, config)).unwrap_or_default(),
            CodeSource::Store => {
                config.stores.iter().map(|s| format!("{}/v1/code/{}", base(s), hex::encode(sha256))).collect()
            }
        }
    }

    /// The root of a file that takes several blocks, where the source is one.
    pub(super) fn dag(&self) -> Option<Cid> {
        match self {
            CodeSource::Ipfs(cid) => Cid::parse(cid).filter(|cid| cid.codec == Codec::DagPb),
            _ => None,
        }
    }

    /// The source in words, for errors.
    pub(crate) fn describe(&self) -> String {
        match self {
            CodeSource::Https(url) => url.chars().take(200).collect(),
            CodeSource::GitHub { owner, repo, path, .. } => format!("GitHub {owner}/{repo}/{path}"),
            CodeSource::Ipfs(cid) => format!("IPFS {cid}"),
            CodeSource::Store => "the code store".to_owned(),
        }
    }
}

/// Where a block may be had.
pub(super) fn block_urls(cid: &Cid, config: &CodeLoaderConfig) -> Vec<String> {
    config.ipfs_gateways.iter().map(|g| format!("{}/ipfs/{cid}?format=raw", base(g))).collect()
}

fn base(url: &str) -> &str {
    url.trim_end_matches('/')
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text != "."
        && text != ".."
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn is_path(text: &str) -> bool {
    text.len() <= 500
        && text.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'%' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn github(commit: &str, path: &str) -> CodeSource {
        CodeSource::GitHub {
            owner: "acme".into(),
            repo: "feeds".into(),
            commit: commit.into(),
            path: path.into(),
        }
    }

    #[test]
    fn github_is_pinned_to_a_commit() {
        let config = CodeLoaderConfig::new("/nowhere");
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let urls = github(commit, "src/price.js").urls(&[0; 32], &config);
        assert_eq!(urls, [format!("https://raw.githubusercontent.com/acme/feeds/{commit}/src/price.js")]);
        for (commit, path) in
            [("main", "a.js"), (&commit[1..], "a.js"), (commit, "../a.js"), (commit, "a?b"), (commit, "")]
        {
            assert!(github(commit, path).urls(&[0; 32], &config).is_empty(), "{commit} {path}");
        }
    }

    #[test]
    fn every_store_is_asked_for_the_hash() {
        let mut config = CodeLoaderConfig::new("/nowhere");
        config.stores = vec!["https://a.example/".into(), "https://b.example/x".into()];
        let hash = "ab".repeat(32);
        assert_eq!(
            CodeSource::Store.urls(&[0xab; 32], &config),
            [format!("https://a.example/v1/code/{hash}"), format!("https://b.example/x/v1/code/{hash}")]
        );
    }
}
