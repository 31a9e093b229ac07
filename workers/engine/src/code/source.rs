//! The URLs of a code reference's sources.

use gateway_api::{Cid, CodeSource, Codec};

use super::loader::CodeLoaderConfig;

/// Lists the URLs of a source in order of preference. Empty if the source is malformed or none is configured.
pub(super) fn urls(source: &CodeSource, sha256: &[u8; 32], config: &CodeLoaderConfig) -> Vec<String> {
    match source {
        CodeSource::Https { url } => vec![url.clone()],
        CodeSource::Github { owner, repo, commit, path } => {
            let commit_ok = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
            if !commit_ok || !is_name(owner) || !is_name(repo) || !is_path(path) {
                return Vec::new();
            }
            vec![format!("{}/{owner}/{repo}/{commit}/{path}", base(&config.github_base))]
        }
        CodeSource::Ipfs { cid } => {
            file_block(Cid::parse(cid)).map(|cid| block_urls(&cid, config)).unwrap_or_default()
        }
        CodeSource::Store {} => {
            config.stores.iter().map(|s| format!("{}/v1/code/{}", base(s), hex::encode(sha256))).collect()
        }
    }
}

/// Returns the root of a file of several IPFS blocks. `None` for every other source.
pub(super) fn dag(source: &CodeSource) -> Option<Cid> {
    match source {
        CodeSource::Ipfs { cid } => Cid::parse(cid).filter(|cid| cid.codec == Codec::DagPb),
        _ => None,
    }
}

/// Filters out block names that cannot hold a file.
pub(super) fn file_block(cid: Option<Cid>) -> Option<Cid> {
    cid.filter(|cid| matches!(cid.codec, Codec::Raw | Codec::DagPb))
}

/// Describes a source for errors, in at most 200 characters of a URL.
pub(super) fn describe(source: &CodeSource) -> String {
    match source {
        CodeSource::Https { url } => url.chars().take(200).collect(),
        CodeSource::Github { owner, repo, path, .. } => format!("GitHub {owner}/{repo}/{path}"),
        CodeSource::Ipfs { cid } => format!("IPFS {cid}"),
        CodeSource::Store {} => "the code store".to_owned(),
    }
}

/// Lists the URLs of an IPFS block, one per gateway.
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

    fn github_urls(commit: &str, path: &str) -> Vec<String> {
        let [owner, repo, commit, path] = ["acme", "feeds", commit, path].map(str::to_owned);
        let config = CodeLoaderConfig::new("/nowhere");
        urls(&CodeSource::Github { owner, repo, commit, path }, &[0; 32], &config)
    }

    #[test]
    fn github_is_pinned_to_a_commit() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let urls = github_urls(commit, "src/price.js");
        assert_eq!(urls, [format!("https://raw.githubusercontent.com/acme/feeds/{commit}/src/price.js")]);
        for (commit, path) in
            [("main", "a.js"), (&commit[1..], "a.js"), (commit, "../a.js"), (commit, "a?b"), (commit, "")]
        {
            assert!(github_urls(commit, path).is_empty(), "{commit} {path}");
        }
    }

    #[test]
    fn every_store_is_asked_for_the_hash() {
        let mut config = CodeLoaderConfig::new("/nowhere");
        config.stores = vec!["https://a.example/".into(), "https://b.example/x".into()];
        let hash = "ab".repeat(32);
        assert_eq!(
            urls(&CodeSource::Store {}, &[0xab; 32], &config),
            [format!("https://a.example/v1/code/{hash}"), format!("https://b.example/x/v1/code/{hash}")]
        );
    }
}
