//! The contract's code references in the terms of the loader.

use gateway_api::CodeRef;
use gateway_engine::{CodeSource, Manifest};

/// Where the loader may look for a project's code.
pub fn sources(code: &CodeRef) -> Vec<CodeSource> {
    code.sources.iter().cloned().map(source).collect()
}

fn source(source: gateway_api::CodeSource) -> CodeSource {
    match source {
        gateway_api::CodeSource::Github { owner, repo, commit, path } => {
            CodeSource::GitHub { owner, repo, commit, path }
        }
        gateway_api::CodeSource::Ipfs { cid } => CodeSource::Ipfs(cid),
        gateway_api::CodeSource::Https { url } => CodeSource::Https(url),
        gateway_api::CodeSource::Store {} => CodeSource::Store,
    }
}

/// Whether code asks for hosts. Such code cannot be deterministic, whatever its owner declares: an honest node's word
/// could then be held against it, so it gives none. What is no code fetches nothing.
pub(crate) fn may_fetch(code: &[u8]) -> bool {
    let manifest = std::str::from_utf8(code).ok().and_then(|code| Manifest::of(code).ok());
    manifest.is_some_and(|manifest| !manifest.hosts.is_empty())
}
