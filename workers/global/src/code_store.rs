//! Code by its hash: one file each, written whole or not at all, rehashed on every read.
//!
//! A name is a hash, so nothing is ever overwritten with different content, and no caller chooses a path.

use std::io::Write;
use std::path::{Path, PathBuf};

use gateway_api::{CodeHash, limits};
use sha2::{Digest, Sha256};

/// Why code could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum CodeStoreError {
    /// There is no code with this hash.
    #[error("there is no code {0}")]
    Unknown(CodeHash),
    /// Empty or too large.
    #[error("code takes 1 to {max} bytes, not {0}", max = limits::MAX_CODE_BYTES)]
    Size(usize),
    /// Not text.
    #[error("code takes UTF-8 text; the byte at {0} is not")]
    NotText(usize),
    /// The file no longer matches its hash.
    #[error("the file of code {0} is damaged")]
    Damaged(CodeHash),
    /// The disk failed.
    #[error("code store, {what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
}

pub(crate) fn io(what: &'static str) -> impl Fn(std::io::Error) -> CodeStoreError {
    move |source| CodeStoreError::Io { what, source }
}

/// Writes a file into a folder whole or not at all, replacing any file of that name; it is on disk when this returns. Blocks.
///
/// # Errors
/// [`CodeStoreError::Io`].
pub(crate) fn write_durably(dir: &Path, path: &Path, bytes: &[u8]) -> Result<(), CodeStoreError> {
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(io("making a file"))?;
    file.write_all(bytes).map_err(io("writing"))?;
    file.as_file().sync_all().map_err(io("writing to disk"))?;
    file.persist(path).map_err(|error| io("naming a file")(error.error))?;
    // The name is durable once the folder is synced.
    std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(io("writing to disk"))
}

/// Reads the file of a code. Blocks.
///
/// # Errors
/// [`CodeStoreError::Unknown`] if there is none, [`CodeStoreError::Io`].
pub(crate) fn read(path: &Path, hash: &CodeHash) -> Result<Vec<u8>, CodeStoreError> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CodeStoreError::Unknown(*hash),
        _ => io("reading")(error),
    })
}

/// A folder of code.
#[derive(Clone, Debug)]
pub struct CodeStore {
    dir: PathBuf,
}

impl CodeStore {
    /// Opens the folder, creating it if missing.
    ///
    /// # Errors
    /// [`CodeStoreError::Io`] if the folder cannot be created.
    pub fn open(dir: &Path) -> Result<Self, CodeStoreError> {
        std::fs::create_dir_all(dir).map_err(io("making its folder"))?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// Returns the hash of code.
    #[must_use]
    pub fn hash(code: &[u8]) -> CodeHash {
        CodeHash(Sha256::digest(code).into())
    }

    fn path(&self, hash: &CodeHash) -> PathBuf {
        self.dir.join(hash.to_string())
    }

    /// Stores code; it is on disk when this returns. Blocks.
    ///
    /// # Errors
    /// [`CodeStoreError::Size`], [`CodeStoreError::NotText`], [`CodeStoreError::Io`].
    pub fn put(&self, code: &[u8]) -> Result<CodeHash, CodeStoreError> {
        if code.is_empty() || code.len() > limits::MAX_CODE_BYTES as usize {
            return Err(CodeStoreError::Size(code.len()));
        }
        std::str::from_utf8(code).map_err(|error| CodeStoreError::NotText(error.valid_up_to()))?;
        let hash = Self::hash(code);
        match self.get(&hash) {
            Ok(_) => return Ok(hash),
            // Written anew: the rename below replaces the damaged file.
            Err(CodeStoreError::Unknown(_) | CodeStoreError::Damaged(_)) => {}
            Err(error) => return Err(error),
        }
        write_durably(&self.dir, &self.path(&hash), code)?;
        Ok(hash)
    }

    /// Reads code and checks its hash. Blocks.
    ///
    /// # Errors
    /// [`CodeStoreError::Unknown`], [`CodeStoreError::Damaged`], [`CodeStoreError::Io`].
    pub fn get(&self, hash: &CodeHash) -> Result<Vec<u8>, CodeStoreError> {
        let code = read(&self.path(hash), hash)?;
        if Self::hash(&code) == *hash { Ok(code) } else { Err(CodeStoreError::Damaged(*hash)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_by_its_hash() {
        let dir = tempfile::tempdir().unwrap();
        let store = CodeStore::open(&dir.path().join("code")).unwrap();
        let hash = store.put(b"export default 1").unwrap();
        assert_eq!(store.put(b"export default 1").unwrap(), hash);
        assert_eq!(store.get(&hash).unwrap(), b"export default 1");
        assert!(matches!(store.get(&CodeHash([0; 32])), Err(CodeStoreError::Unknown(_))));
        let files = std::fs::read_dir(dir.path().join("code")).unwrap().count();
        assert_eq!(files, 1, "no temporary file stays behind");
    }

    #[test]
    fn bounds_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let store = CodeStore::open(dir.path()).unwrap();
        let most = limits::MAX_CODE_BYTES as usize;
        assert!(store.put(&vec![b'x'; most]).is_ok());
        assert!(matches!(store.put(&vec![b'x'; most + 1]), Err(CodeStoreError::Size(_))));
        assert!(matches!(store.put(b""), Err(CodeStoreError::Size(0))));
        assert!(matches!(store.put(b"ab\xff"), Err(CodeStoreError::NotText(2))));
    }

    #[test]
    fn a_damaged_file_is_never_served_and_is_healed_by_storing_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = CodeStore::open(dir.path()).unwrap();
        let hash = store.put(b"good").unwrap();
        std::fs::write(dir.path().join(hash.to_string()), b"evil").unwrap();
        assert!(matches!(store.get(&hash), Err(CodeStoreError::Damaged(_))));
        store.put(b"good").unwrap();
        assert_eq!(store.get(&hash).unwrap(), b"good");
    }
}
