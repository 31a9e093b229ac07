//! The contract's code references in the loader's words.

use gateway_api::CodeRef;
use gateway_engine::CodeSource;

/// Where the loader may look for a project's code.
pub(crate) fn sources(code: &CodeRef) -> Vec<CodeSource> {
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
