//! Sends questions to a signer over its socket. Every question is idempotent: asked again, it has the same answer.

use std::fmt;
use std::io::{BufRead as _, BufReader as BlockingReader, Read as _, Write as _};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{Answer, Ask, Bytes, KeyKind, MAX_LINE, Operation, RemoteSource};

/// Longest wait for an answer. A signer computes for a millisecond and writes its journal.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a signer did not sign.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum RemoteError {
    /// It does not answer.
    #[error("the signer at {} does not answer: {reason}", socket.display())]
    Away {
        /// Its socket.
        socket: PathBuf,
        /// Why.
        reason: String,
    },
    /// It refuses.
    #[error("the signer refuses: {reason}")]
    Refused {
        /// Its reason.
        reason: String,
    },
    /// Its answer is invalid.
    #[error("the signer at {} answers what was not asked: {reason}", socket.display())]
    Answer {
        /// Its socket.
        socket: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl crate::Retryable for RemoteError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Away { .. })
    }
}

/// A key that a signer holds.
pub struct RemoteKey {
    source: RemoteSource,
    connection: Mutex<Option<BufReader<UnixStream>>>,
}

impl RemoteKey {
    /// Creates a handle to the key; nothing is asked yet.
    #[must_use]
    pub fn new(source: RemoteSource) -> Self {
        Self { source, connection: Mutex::new(None) }
    }

    /// Returns the public half of the key after checking that it is of the expected kind. Blocks the calling thread, for at
    /// most a few seconds: for a daemon's start.
    ///
    /// # Errors
    /// [`RemoteError`]: no signer answers there, it has no such key, or one of another kind.
    pub fn public(&self, expected: KeyKind) -> Result<Vec<u8>, RemoteError> {
        let line = self.line(Operation::Public {});
        let answered = BlockingStream::connect(&self.source.socket).and_then(|mut stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            stream.write_all(line.as_bytes())?;
            let mut text = String::new();
            BlockingReader::new(stream.take(MAX_LINE as u64)).read_line(&mut text)?;
            Ok(text)
        });
        match self.read(&answered.map_err(|e| self.away(e))?)? {
            Answer::Public { kind, key: Bytes(key) } if kind == expected => Ok(key),
            Answer::Public { kind, .. } => {
                let name = &self.source.name;
                Err(self.wrong(format!("the key {name} is of the kind {kind:?}, not {expected:?}")))
            }
            other => Err(self.wrong(format!("{other:?}"))),
        }
    }

    /// Asks the signer for a signature.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn sign(&self, what: Operation) -> Result<Vec<u8>, RemoteError> {
        match self.ask(what).await? {
            Answer::Signed(Bytes(bytes)) => Ok(bytes),
            other => Err(self.wrong(format!("{other:?}"))),
        }
    }

    /// Asks the signer to open what is sealed to the key. The question is [`Operation::Open`].
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn open(&self, what: Operation) -> Result<Vec<u8>, RemoteError> {
        match self.ask(what).await? {
            Answer::Opened(Bytes(bytes)) => Ok(bytes),
            other => Err(self.wrong(format!("{other:?}"))),
        }
    }

    async fn ask(&self, what: Operation) -> Result<Answer, RemoteError> {
        let line = self.line(what);
        let mut connection = self.connection.lock().await;
        // A kept connection may have been closed in the meantime: one new connection is tried.
        let kept = match connection.take() {
            Some(mut open) => exchange(&mut open, &line).await.ok().map(|text| (open, text)),
            None => None,
        };
        let (open, text) = match kept {
            Some(kept) => kept,
            None => {
                let connected = timeout(PATIENCE, UnixStream::connect(&self.source.socket)).await;
                let stream = connected.map_err(|e| self.away(e))?.map_err(|e| self.away(e))?;
                let mut open = BufReader::new(stream);
                let text = exchange(&mut open, &line).await.map_err(|e| self.away(e))?;
                (open, text)
            }
        };
        *connection = Some(open);
        drop(connection);
        self.read(&text)
    }

    /// Returns an error for an unusable answer.
    #[must_use]
    pub fn wrong(&self, reason: impl ToString) -> RemoteError {
        RemoteError::Answer { socket: self.source.socket.clone(), reason: reason.to_string() }
    }

    fn away(&self, reason: impl ToString) -> RemoteError {
        RemoteError::Away { socket: self.source.socket.clone(), reason: reason.to_string() }
    }

    fn line(&self, what: Operation) -> String {
        let ask = Ask { key: self.source.name.clone(), what };
        // Texts and numbers only, which always serialise to JSON.
        serde_json::to_string(&ask).unwrap_or_default() + "\n"
    }

    fn read(&self, text: &str) -> Result<Answer, RemoteError> {
        if text.is_empty() {
            return Err(self.away("it closed the connection"));
        }
        match serde_json::from_str(text) {
            Ok(Answer::Refused(reason)) => Err(RemoteError::Refused { reason }),
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.wrong(error)),
        }
    }
}

/// Sends a line and reads one; the end of the connection is an error.
async fn exchange(open: &mut BufReader<UnixStream>, line: &str) -> std::io::Result<String> {
    let exchanged = timeout(PATIENCE, async {
        open.write_all(line.as_bytes()).await?;
        let mut text = String::new();
        let read = open.take(MAX_LINE as u64).read_line(&mut text).await?;
        if read == 0 { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(text) }
    });
    exchanged.await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
}

impl fmt::Debug for RemoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteKey({} at {})", self.source.name, self.source.socket.display())
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::UnixListener;

    use super::*;

    /// Starts a signer that answers each question with the next of `answers`, closing the connection after each.
    fn signer(socket: PathBuf, answers: Vec<Answer>) -> tokio::task::JoinHandle<Vec<Ask>> {
        let listener = UnixListener::bind(socket).expect("binds");
        tokio::spawn(async move {
            let mut asked = Vec::new();
            for answer in answers {
                let (stream, _) = listener.accept().await.expect("accepts");
                let mut stream = BufReader::new(stream);
                let mut line = String::new();
                stream.read_line(&mut line).await.expect("reads");
                asked.push(serde_json::from_str(&line).expect("a question"));
                let text = serde_json::to_string(&answer).expect("text") + "\n";
                stream.write_all(text.as_bytes()).await.expect("writes");
            }
            asked
        })
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_signer_that_hung_up_is_asked_again_and_its_refusal_is_an_error() {
        let dir = tempfile::tempdir().expect("dir");
        let source = RemoteSource { socket: dir.path().join("signer"), name: "node".into() };
        let key = RemoteKey::new(source.clone());
        let away = key.sign(Operation::Public {}).await.expect_err("nobody is there");
        assert!(matches!(away, RemoteError::Away { .. }) && crate::Retryable::is_retryable(&away), "{away}");
        let public = Answer::Public { kind: KeyKind::Node, key: [7; 32].into() };
        let answers = vec![
            public,
            Answer::Signed([1; 3].into()),
            Answer::Signed([2; 3].into()),
            Answer::Refused("another chain".into()),
        ];
        let signer = signer(source.socket, answers);
        let public = tokio::task::block_in_place(|| key.public(KeyKind::Node));
        assert_eq!(public, Ok(vec![7; 32]));
        let ticket =
            || Operation::Ticket { chain_id: "c".into(), contract: "k".into(), seed: [9; 32].into() };
        assert_eq!(key.sign(ticket()).await, Ok(vec![1; 3]));
        assert_eq!(key.sign(ticket()).await, Ok(vec![2; 3]), "over a new connection");
        let refused = key.sign(ticket()).await.expect_err("refused");
        assert_eq!(refused.to_string(), "the signer refuses: another chain");
        let asked = signer.await.expect("no panic");
        assert_eq!(asked[2], Ask { key: "node".into(), what: ticket() });
    }
}
