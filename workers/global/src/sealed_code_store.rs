//! Private code in sealed form: one file per project and hash, replaced whole when it is sealed anew. Nothing here can open it.

use std::path::{Path, PathBuf};

use gateway_api::{CodeHash, ProjectId, SealedCode};

use crate::code_store::{CodeStoreError, io, read, write_durably};

/// A folder of sealed code.
#[derive(Clone, Debug)]
pub(crate) struct SealedCodeStore {
    dir: PathBuf,
}

impl SealedCodeStore {
    /// Opens the folder next to plain code, creating it if missing.
    ///
    /// # Errors
    /// [`CodeStoreError::Io`] if the folder cannot be created.
    pub(crate) fn open(code_dir: &Path) -> Result<Self, CodeStoreError> {
        let dir = code_dir.join("sealed");
        std::fs::create_dir_all(&dir).map_err(io("making its folder"))?;
        Ok(Self { dir })
    }

    fn path(&self, project: ProjectId, hash: &CodeHash) -> PathBuf {
        self.dir.join(format!("{project}-{hash}"))
    }

    /// Stores sealed code, replacing an earlier version; it is on disk when this returns. Blocks.
    ///
    /// # Errors
    /// [`CodeStoreError::Io`].
    pub(crate) fn put(&self, code: &SealedCode) -> Result<(), CodeStoreError> {
        let text = serde_json::to_vec(code).map_err(std::io::Error::from).map_err(io("writing"))?;
        write_durably(&self.dir, &self.path(code.project, &code.sha256), &text)
    }

    /// Returns whether there is sealed code for a project and a hash. Blocks.
    pub(crate) fn has(&self, project: ProjectId, hash: &CodeHash) -> bool {
        self.path(project, hash).is_file()
    }

    /// Reads sealed code. Blocks.
    ///
    /// # Errors
    /// [`CodeStoreError::Unknown`]; [`CodeStoreError::Damaged`] if the file is not what was written; [`CodeStoreError::Io`].
    pub(crate) fn get(&self, project: ProjectId, hash: &CodeHash) -> Result<SealedCode, CodeStoreError> {
        let text = read(&self.path(project, hash), hash)?;
        let code: SealedCode = serde_json::from_slice(&text).map_err(|_| CodeStoreError::Damaged(*hash))?;
        let whole = code.project == project && code.sha256 == *hash && code.fault().is_none();
        if whole { Ok(code) } else { Err(CodeStoreError::Damaged(*hash)) }
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{CODE_TAG_BYTES, EncryptionKey, NodeId, SealedValue};

    use super::*;

    fn sealed(byte: u8) -> SealedCode {
        let ciphertext = vec![byte; 112].into();
        SealedCode {
            project: ProjectId(7),
            sha256: CodeHash([1; 32]),
            size: 4,
            ciphertext: vec![byte; 4 + CODE_TAG_BYTES].into(),
            keys: vec![SealedValue { node: NodeId(1), key: EncryptionKey([2; 32]), ciphertext }],
        }
    }

    #[test]
    fn a_newly_sealed_value_replaces_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = SealedCodeStore::open(dir.path()).unwrap();
        let (project, hash) = (ProjectId(7), CodeHash([1; 32]));
        assert!(!store.has(project, &hash));
        assert!(matches!(store.get(project, &hash), Err(CodeStoreError::Unknown(_))));
        for byte in [3, 4] {
            store.put(&sealed(byte)).unwrap();
            assert_eq!(store.get(project, &hash).unwrap(), sealed(byte));
        }
        assert!(store.has(project, &hash));
        assert!(
            matches!(store.get(ProjectId(8), &hash), Err(CodeStoreError::Unknown(_))),
            "another project's"
        );
        assert_eq!(std::fs::read_dir(dir.path().join("sealed")).unwrap().count(), 1, "no file stays behind");
        std::fs::write(store.path(project, &hash), b"{}").unwrap();
        assert!(matches!(store.get(project, &hash), Err(CodeStoreError::Damaged(_))));
    }
}
