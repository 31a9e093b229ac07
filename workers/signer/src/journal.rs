//! The journal of commitments: one for each request and key, on disk before anyone has its proof.
//!
//! An append-only text file: one line per commitment. A line truncated by a crash was never answered and is dropped. Only the
//! newest commitments are kept; a request below them is refused, whatever it commits to.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use gateway_api::{Commit, NodeKey};

/// Commitments kept per key: at 10 requests per second those of eleven hours.
const KEPT: usize = 400_000;

/// Why a commitment is not recorded, or the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another signer has it open.
    #[error("{} is another signer's", path.display())]
    Held {
        /// The file.
        path: PathBuf,
    },
    /// It belongs to another chain or contract, or a line is malformed.
    #[error("{}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key has committed to another outcome for the request.
    #[error("request {request} has another commitment of this key: two of them would get the node slashed")]
    Contradiction {
        /// The request.
        request: u64,
    },
    /// The request is older than the kept ones.
    #[error("request {request} is older than what the journal keeps, which begins at {floor}")]
    TooOld {
        /// The request.
        request: u64,
        /// The oldest that may be attested.
        floor: u64,
    },
}

/// The commitments of one key.
#[derive(Debug, Default)]
struct Commitments {
    by_request: BTreeMap<u64, Commit>,
    /// Requests below this are refused.
    floor: u64,
}

/// The journal.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    head: String,
    file: File,
    keys: BTreeMap<NodeKey, Commitments>,
    kept: usize,
}

impl Journal {
    /// Opens the journal of a chain and a contract; creates it if missing.
    ///
    /// # Errors
    /// [`JournalError`]: it cannot be used, or it is another's.
    pub(crate) fn open(path: &Path, chain_id: &str, contract: &str) -> Result<Self, JournalError> {
        Self::keeping(path, chain_id, contract, KEPT)
    }

    fn keeping(path: &Path, chain_id: &str, contract: &str, kept: usize) -> Result<Self, JournalError> {
        let fault = |source| JournalError::File { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(fault)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => JournalError::Held { path: path.to_owned() },
            TryLockError::Error(error) => fault(error),
        })?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(fault)?;
        let head = format!("gateway-signer 1 {chain_id} {contract}");
        let mut journal = Self { path: path.to_owned(), head, file, keys: BTreeMap::new(), kept };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text.get(..whole).unwrap_or_default().lines();
        match lines.next() {
            None => journal.append(&format!("{}\n", journal.head), 0)?,
            Some(head) if head == journal.head => {
                for line in lines {
                    journal.take_in(line)?;
                }
                journal.cut(whole as u64)?;
            }
            Some(head) => return Err(journal.wrong(format!("it is of {head:?}, not of {:?}", journal.head))),
        }
        Ok(journal)
    }

    /// Records a commitment; does nothing if it is already recorded.
    ///
    /// # Errors
    /// [`JournalError::Contradiction`] and [`JournalError::TooOld`], which refuse the commitment; [`JournalError::File`].
    pub(crate) fn note(&mut self, key: NodeKey, request: u64, commit: Commit) -> Result<(), JournalError> {
        let of_key = self.keys.entry(key).or_default();
        match of_key.by_request.get(&request) {
            Some(known) if *known == commit => return Ok(()),
            Some(_) => return Err(JournalError::Contradiction { request }),
            None if request < of_key.floor => {
                return Err(JournalError::TooOld { request, floor: of_key.floor });
            }
            None => {}
        }
        let end = self.file.seek(SeekFrom::End(0)).map_err(|source| self.fault(source))?;
        self.append(&format!("{key} {request} {commit}\n"), end)?;
        let of_key = self.keys.entry(key).or_default();
        of_key.by_request.insert(request, commit);
        if of_key.by_request.len() > self.kept.saturating_mul(2) { self.compact() } else { Ok(()) }
    }

    /// Writes at a position and waits until it is on disk; a partial write is cut off.
    fn append(&mut self, text: &str, end: u64) -> Result<(), JournalError> {
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|source| {
            // The next start drops an unterminated line anyway.
            let _ = self.file.set_len(end);
            self.fault(source)
        })
    }

    fn cut(&mut self, end: u64) -> Result<(), JournalError> {
        self.file.set_len(end).map_err(|source| self.fault(source))
    }

    fn take_in(&mut self, line: &str) -> Result<(), JournalError> {
        let parts: Vec<&str> = line.split(' ').collect();
        let read = match parts.as_slice() {
            ["floor", key, request] => key.parse().ok().zip(request.parse().ok()).map(|(key, floor)| {
                self.keys.entry(key).or_default().floor = floor;
            }),
            [key, request, commit] => {
                let read = key.parse().ok().zip(request.parse().ok()).zip(commit.parse().ok());
                read.map(|((key, request), commit)| {
                    self.keys.entry(key).or_default().by_request.insert(request, commit);
                })
            }
            _ => None,
        };
        read.ok_or_else(|| self.wrong(format!("the line {line:?} is none of a journal")))
    }

    /// Drops the oldest commitments by replacing the file with a new one.
    fn compact(&mut self) -> Result<(), JournalError> {
        let mut text = format!("{}\n", self.head);
        for (key, of_key) in &mut self.keys {
            while of_key.by_request.len() > self.kept {
                of_key.by_request.pop_first();
            }
            of_key.floor = of_key.by_request.keys().next().copied().unwrap_or(of_key.floor).max(of_key.floor);
            text.push_str(&format!("floor {key} {}\n", of_key.floor));
            for (request, commit) in &of_key.by_request {
                text.push_str(&format!("{key} {request} {commit}\n"));
            }
        }
        let beside = self.path.with_extension("new");
        let write = || {
            let mut options = OpenOptions::new();
            let mut file =
                options.read(true).write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.lock()?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &self.path)?;
            Ok(file)
        };
        self.file = write().map_err(|source| self.fault(source))?;
        Ok(())
    }

    fn fault(&self, source: std::io::Error) -> JournalError {
        JournalError::File { path: self.path.clone(), source }
    }

    fn wrong(&self, reason: String) -> JournalError {
        JournalError::Content { path: self.path.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: NodeKey = NodeKey([1; 32]);

    fn commit(n: u8) -> Commit {
        Commit([n; 32])
    }

    #[test]
    fn one_commitment_for_each_request_over_restarts_and_a_torn_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let open = || Journal::open(&path, "chain", "contract");
        let mut journal = open().unwrap();
        assert!(matches!(open().unwrap_err(), JournalError::Held { .. }));
        journal.note(KEY, 7, commit(1)).unwrap();
        journal.note(KEY, 7, commit(1)).unwrap();
        journal.note(NodeKey([2; 32]), 7, commit(2)).unwrap();
        drop(journal);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(format!("{KEY} 8 {}", commit(3)).as_bytes()).unwrap();
        drop(file);
        let mut journal = open().unwrap();
        assert!(matches!(journal.note(KEY, 7, commit(2)), Err(JournalError::Contradiction { request: 7 })));
        journal.note(KEY, 8, commit(4)).unwrap();
        drop(journal);
        assert!(matches!(open().unwrap().note(KEY, 8, commit(3)), Err(JournalError::Contradiction { .. })));
        let other = Journal::open(&path, "chain", "another").unwrap_err();
        assert!(matches!(other, JournalError::Content { .. }), "{other}");
    }

    #[test]
    fn what_is_older_than_the_kept_is_refused_over_restarts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let open = || Journal::keeping(&path, "chain", "contract", 10).unwrap();
        let mut journal = open();
        for request in 1..=21 {
            journal.note(KEY, request, commit(1)).unwrap();
        }
        for again in [false, true] {
            if again {
                drop(journal);
                journal = open();
            }
            assert!(matches!(journal.note(KEY, 11, commit(1)), Err(JournalError::TooOld { floor: 12, .. })));
            journal.note(KEY, 12, commit(1)).unwrap();
            assert!(matches!(journal.note(KEY, 12, commit(2)), Err(JournalError::Contradiction { .. })));
        }
    }
}
