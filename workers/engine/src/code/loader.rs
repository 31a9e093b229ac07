//! Finds code: the cache first, then one source after another until one sends the right bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gateway_api::{Cid, CodeSource};
use sha2::{Digest, Sha256};

use super::cache::Cache;
use super::dag::{Taken, Walk};
use super::misses::Misses;
use super::source::{block_urls, dag, describe, urls};
use crate::net::{Guard, GuardError, guarded_client, read_bounded, send};

/// Redirects followed for code; each hop is checked like the first URL.
const MAX_HOPS: usize = 3;

/// Time limit for all blocks of a file together, as a multiple of one attempt's time-out.
const DAG_TIMEOUTS: u32 = 3;

/// Configuration of a code loader.
#[derive(Clone, Debug)]
pub struct CodeLoaderConfig {
    /// Directory of the cache.
    pub cache_dir: PathBuf,
    /// Bytes the cache may take.
    pub cache_bytes: u64,
    /// Largest code in bytes; the size that a project declares is checked against it before anything is fetched.
    pub max_bytes: u32,
    /// Base URLs of code stores, tried in order.
    pub stores: Vec<String>,
    /// Base URLs of trustless IPFS gateways, tried in order.
    pub ipfs_gateways: Vec<String>,
    /// Base URL of GitHub's raw files.
    pub github_base: String,
    /// Time-out of one attempt at one mirror.
    pub timeout: Duration,
    /// Time for which sources are not asked again for code that none of them had.
    pub miss: Duration,
    /// Allow plain HTTP to this machine: for development only.
    pub allow_http_loopback: bool,
}

impl CodeLoaderConfig {
    /// Returns the defaults with this cache directory.
    pub fn new(cache_dir: impl Into<PathBuf>) -> CodeLoaderConfig {
        CodeLoaderConfig {
            cache_dir: cache_dir.into(),
            cache_bytes: 256 << 20,
            max_bytes: 1 << 20,
            stores: Vec::new(),
            ipfs_gateways: vec![
                "https://trustless-gateway.link".to_owned(),
                "https://ipfs.io".to_owned(),
                "https://dweb.link".to_owned(),
            ],
            github_base: "https://raw.githubusercontent.com".to_owned(),
            timeout: Duration::from_secs(10),
            miss: Duration::from_secs(10),
            allow_http_loopback: false,
        }
    }
}

/// Why code could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The project declares more bytes than this node loads.
    #[error("the code has {size} bytes; the limit is {limit}")]
    TooLarge {
        /// Bytes that the project declares.
        size: u32,
        /// The limit.
        limit: u32,
    },
    /// The right bytes are not text.
    #[error("the code is not UTF-8 at byte {at}")]
    NotUtf8 {
        /// Offset of the first invalid byte.
        at: usize,
    },
    /// No source had the right bytes.
    #[error("no source has the code {sha256}: {}", attempts.join("; "))]
    Unavailable {
        /// The hash, in hexadecimal.
        sha256: String,
        /// What each source answered.
        attempts: Vec<String>,
    },
    /// The loader could not be set up.
    #[error("HTTP client: {0}")]
    Client(String),
}

impl CodeError {
    /// Returns whether a later attempt may succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, CodeError::Unavailable { .. })
    }
}

/// Loads code by hash.
#[derive(Clone, Debug)]
pub struct CodeLoader {
    config: Arc<CodeLoaderConfig>,
    cache: Cache,
    client: reqwest::Client,
    guard: Guard,
    misses: Arc<Misses>,
}

impl CodeLoader {
    /// Creates a loader with this configuration.
    ///
    /// # Errors
    /// [`CodeError::Client`] when no HTTP client can be created.
    pub fn new(config: CodeLoaderConfig) -> Result<CodeLoader, CodeError> {
        let guard = Guard { allow_http_loopback: config.allow_http_loopback };
        let client = guarded_client(guard, BTreeMap::new())
            .timeout(config.timeout)
            .build()
            .map_err(|e| CodeError::Client(e.to_string()))?;
        let cache = Cache::new(config.cache_dir.clone(), config.cache_bytes);
        let misses = Arc::new(Misses::new(config.miss));
        Ok(CodeLoader { config: Arc::new(config), cache, client, guard, misses })
    }

    /// Loads the code with this hash and size.
    ///
    /// # Errors
    /// [`CodeError::Unavailable`] lists every source's answer.
    pub async fn load(
        &self,
        sha256: [u8; 32],
        size: u32,
        sources: &[CodeSource],
    ) -> Result<Arc<[u8]>, CodeError> {
        if size > self.config.max_bytes {
            return Err(CodeError::TooLarge { size, limit: self.config.max_bytes });
        }
        let cache = self.cache.clone();
        let cached = tokio::task::spawn_blocking(move || cache.get(&sha256)).await.ok().flatten();
        if let Some(bytes) = cached {
            return text(bytes);
        }
        let asked = asked(&sha256, size, sources);
        if let Some(attempts) = self.misses.recent(&asked) {
            return Err(CodeError::Unavailable { sha256: hex::encode(sha256), attempts });
        }
        let mut attempts = Vec::new();
        for source in sources {
            let urls = urls(source, &sha256, &self.config);
            if urls.is_empty() {
                attempts.push(format!("{}: not a valid source, or none is configured", describe(source)));
            }
            if let Some(root) = dag(source) {
                match self.download_dag(root, size as usize).await {
                    Ok(bytes) if <[u8; 32]>::from(Sha256::digest(&bytes)) == sha256 => {
                        self.keep(sha256, &bytes).await;
                        return text(bytes);
                    }
                    Ok(_) => attempts.push(format!("{}: another file", describe(source))),
                    Err(error) => attempts.push(format!("{}: {error}", describe(source))),
                }
                continue;
            }
            for url in urls {
                match self.download(&url, size as usize).await {
                    Ok(bytes) if <[u8; 32]>::from(Sha256::digest(&bytes)) == sha256 => {
                        self.keep(sha256, &bytes).await;
                        return text(bytes);
                    }
                    Ok(bytes) => attempts.push(format!(
                        "{}: {} other bytes (sha256 {})",
                        describe(source),
                        bytes.len(),
                        hex::encode(Sha256::digest(&bytes))
                    )),
                    Err(error) => attempts.push(format!("{}: {error}", describe(source))),
                }
            }
        }
        self.misses.add(asked, attempts.clone());
        Err(CodeError::Unavailable { sha256: hex::encode(sha256), attempts })
    }

    /// Caches code that did not come from a mirror, such as a developer's own file.
    ///
    /// # Errors
    /// [`CodeError::TooLarge`], [`CodeError::NotUtf8`].
    pub async fn insert(&self, bytes: &[u8]) -> Result<[u8; 32], CodeError> {
        let limit = self.config.max_bytes;
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if size > limit {
            return Err(CodeError::TooLarge { size, limit });
        }
        let sha256 = Sha256::digest(bytes).into();
        text(bytes.to_vec())?;
        self.keep(sha256, bytes).await;
        Ok(sha256)
    }

    async fn keep(&self, sha256: [u8; 32], bytes: &[u8]) {
        let cache = self.cache.clone();
        let bytes = bytes.to_vec();
        match tokio::task::spawn_blocking(move || cache.put(&sha256, &bytes)).await {
            Ok(Ok(())) => {}
            // The code is usable regardless; it will be downloaded again.
            Ok(Err(error)) => tracing::warn!(%error, "code could not be cached"),
            Err(error) => tracing::warn!(%error, "code could not be cached"),
        }
    }

    /// Downloads a file of several blocks, each from the first gateway that has it. A gateway that fails is tried last from
    /// then on.
    async fn download_dag(&self, root: Cid, size: usize) -> Result<Vec<u8>, String> {
        let mut walk = Walk::new(root, size);
        let mut order: Vec<usize> = (0..self.config.ipfs_gateways.len()).collect();
        let deadline = tokio::time::Instant::now() + self.config.timeout.saturating_mul(DAG_TIMEOUTS);
        while let Some((cid, limit)) = walk.next() {
            let urls = block_urls(&cid, &self.config);
            let mut failures = Vec::new();
            let mut found = false;
            for gateway in order.clone() {
                let Some(url) = urls.get(gateway) else { continue };
                let block = match tokio::time::timeout_at(deadline, self.download(url, limit)).await {
                    Ok(block) => block.map_err(|e| e.to_string()),
                    Err(_) => return Err("its blocks took too long".to_owned()),
                };
                let failure = match block {
                    Ok(block) => match walk.take(&block).map_err(|e| e.to_string())? {
                        Taken::Yes => {
                            found = true;
                            break;
                        }
                        Taken::No => "other bytes".to_owned(),
                    },
                    Err(error) => error,
                };
                failures.push(failure);
                order.retain(|other| *other != gateway);
                order.push(gateway);
            }
            if !found {
                return Err(format!("no gateway has the block {cid} ({})", failures.join(", ")));
            }
        }
        Ok(walk.into_file())
    }

    async fn download(&self, url: &str, size: usize) -> Result<Vec<u8>, GuardError> {
        let mut url = self.guard.check(url)?;
        for _ in 0..=MAX_HOPS {
            let request = self
                .client
                .get(url.clone())
                .header(reqwest::header::ACCEPT, "application/vnd.ipld.raw, */*;q=0.5");
            let response = send(self.guard, request).await?;
            let status = response.status();
            if status.is_redirection() {
                let location = response.headers().get(reqwest::header::LOCATION);
                let next = location.and_then(|l| l.to_str().ok()).and_then(|l| url.join(l).ok());
                let Some(next) = next else {
                    return Err(GuardError::Failed("a redirect without a location".to_owned()));
                };
                url = self.guard.check(next.as_str())?;
                continue;
            }
            if !status.is_success() {
                return Err(GuardError::Failed(format!("status {}", status.as_u16())));
            }
            return read_bounded(response, size).await;
        }
        Err(GuardError::Failed(format!("more than {MAX_HOPS} redirects")))
    }
}

/// Identifies a request by code and sources: one source's lack of the code says nothing about another.
fn asked(sha256: &[u8; 32], size: u32, sources: &[CodeSource]) -> [u8; 32] {
    Sha256::new().chain_update(sha256).chain_update(format!("{size} {sources:?}")).finalize().into()
}

fn text(bytes: Vec<u8>) -> Result<Arc<[u8]>, CodeError> {
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(bytes.into()),
        Err(e) => Err(CodeError::NotUtf8 { at: e.valid_up_to() }),
    }
}

#[cfg(test)]
mod tests;
