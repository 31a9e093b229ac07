//! The on-disk cache of code: one file per hash, rehashed on every read, bounded in bytes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

/// A directory of code, named by hash.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    dir: PathBuf,
    max_bytes: u64,
}

impl Cache {
    pub(crate) fn new(dir: PathBuf, max_bytes: u64) -> Cache {
        Cache { dir, max_bytes }
    }

    fn path(&self, sha256: &[u8; 32]) -> PathBuf {
        self.dir.join(hex::encode(sha256))
    }

    /// Returns the code of this hash, if it is here and intact. A file that does not match its name is removed.
    pub(crate) fn get(&self, sha256: &[u8; 32]) -> Option<Vec<u8>> {
        let path = self.path(sha256);
        let bytes = std::fs::read(&path).ok()?;
        if <[u8; 32]>::from(Sha256::digest(&bytes)) == *sha256 {
            // Eviction is by time of last use; a read-only cache directory keeps its order.
            if let Ok(file) = std::fs::File::options().append(true).open(&path) {
                let _ = file.set_modified(SystemTime::now());
            }
            return Some(bytes);
        }
        tracing::warn!(path = %path.display(), "cached code is damaged and was removed");
        let _ = std::fs::remove_file(&path);
        None
    }

    /// Stores code. Written aside and renamed, so that a reader never sees half of it.
    pub(crate) fn put(&self, sha256: &[u8; 32], bytes: &[u8]) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.dir)?;
        let unique = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_nanos());
        let aside = self.dir.join(format!("{}.{}.{unique}.part", hex::encode(sha256), std::process::id()));
        let written = (|| {
            let mut file = std::fs::File::create_new(&aside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&aside, self.path(sha256))
        })();
        if written.is_err() {
            let _ = std::fs::remove_file(&aside);
        }
        written?;
        self.shrink(&self.path(sha256))
    }

    /// Removes the least recently used files until the rest fits; never the file just written.
    fn shrink(&self, newest: &Path) -> std::io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = std::fs::read_dir(&self.dir)?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
                Some((meta.modified().ok()?, meta.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut total: u64 = files.iter().map(|(_, len, _)| len).sum();
        for (_, len, path) in files {
            if total <= self.max_bytes {
                break;
            }
            if path != newest && std::fs::remove_file(&path).is_ok() {
                total = total.saturating_sub(len);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    #[test]
    fn damaged_code_is_not_served() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().join("code"), 1_000);
        let sha256 = hash(b"good");
        assert_eq!(cache.get(&sha256), None);
        cache.put(&sha256, b"good").unwrap();
        assert_eq!(cache.get(&sha256).unwrap(), b"good");
        std::fs::write(cache.path(&sha256), b"evil").unwrap();
        assert_eq!(cache.get(&sha256), None);
        assert!(!cache.path(&sha256).exists());
    }

    #[test]
    fn the_least_used_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().to_owned(), 250);
        let codes: Vec<Vec<u8>> = (0u8..3).map(|i| vec![i; 100]).collect();
        let age = |code: &[u8], seconds: u64| {
            let file = std::fs::File::options().append(true).open(cache.path(&hash(code))).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).unwrap();
        };
        cache.put(&hash(&codes[0]), &codes[0]).unwrap();
        cache.put(&hash(&codes[1]), &codes[1]).unwrap();
        age(&codes[0], 1);
        age(&codes[1], 2);
        assert!(cache.get(&hash(&codes[0])).is_some(), "reading it makes it the most recently used");
        cache.put(&hash(&codes[2]), &codes[2]).unwrap();
        let kept: Vec<bool> = codes.iter().map(|code| cache.get(&hash(code)).is_some()).collect();
        assert_eq!(kept, [true, false, true]);
    }
}
