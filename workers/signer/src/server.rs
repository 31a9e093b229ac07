//! Serves the socket: questions of one connection in sequence, connections concurrently.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use gateway_daemon_runtime::CancellationToken;
use gateway_daemon_runtime::remote_signer::{Answer, MAX_LINE};
use nix::sys::stat::{Mode, umask};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::config::SignerConfig;
use crate::error::SignerError;
use crate::journal::Journal;
use crate::keys;
use crate::rules::Rules;

/// Most connections at once; more wait.
const CONNECTIONS: usize = 128;

/// Signs until cancelled. Once it returns, the journal and the keys are released: another signer may be started.
///
/// # Errors
/// [`SignerError::Config`] when a setting is out of bounds; [`SignerError::Chain`] when the contract's address or an account's
/// key is wrong; [`SignerError::Secret`] or [`SignerError::KeyFormat`] when a node's key is; [`SignerError::Journal`] when the
/// journal cannot be used; [`SignerError::Taken`] when another signer answers at the socket, [`SignerError::Socket`] when it
/// cannot be served.
pub async fn run(config: SignerConfig, cancel: CancellationToken) -> Result<(), SignerError> {
    config.validate()?;
    let journal = Journal::open(&config.journal, &config.chain_id, &config.contract)?;
    let rules = Arc::new(Rules::new(&config, keys::load(&config)?, journal));
    let listener = listen(&config).await?;
    tracing::info!(
        socket = %config.socket.display(), chain_id = config.chain_id, contract = config.contract, "signer listening"
    );
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let (stream, place) = accepted.map_err(|source| fault(&config.socket, source))?;
        let (rules, cancel) = (rules.clone(), cancel.clone());
        connections.spawn(async move {
            tokio::select! {
                () = cancel.cancelled() => {}
                end = serve(stream, &rules) => if let Err(error) = end {
                    tracing::debug!(%error, "a connection ended");
                }
            }
            drop(place);
        });
    }
    connections.close();
    connections.wait().await;
    // A leftover socket would only mislead whoever looks at the folder.
    let _ = std::fs::remove_file(&config.socket);
    Ok(())
}

async fn accept(
    listener: &UnixListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(UnixStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// Binds the socket, which only its owner can open until its permissions are as configured.
async fn listen(config: &SignerConfig) -> Result<UnixListener, SignerError> {
    let socket = &config.socket;
    if UnixStream::connect(socket).await.is_ok() {
        return Err(SignerError::Taken { socket: socket.clone() });
    }
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fault(socket, error)),
        _ => {}
    }
    let before = umask(Mode::from_bits_truncate(0o177));
    let bound = UnixListener::bind(socket);
    umask(before);
    let listener = bound.map_err(|source| fault(socket, source))?;
    let mode = std::fs::Permissions::from_mode(config.mode().unwrap_or(0o600));
    std::fs::set_permissions(socket, mode).map_err(|source| fault(socket, source))?;
    Ok(listener)
}

fn fault(socket: &Path, source: std::io::Error) -> SignerError {
    SignerError::Socket { socket: socket.to_owned(), source }
}

async fn serve(stream: UnixStream, rules: &Rules) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if (&mut stream).take(MAX_LINE as u64).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer = match serde_json::from_str(&line) {
            Ok(ask) => rules.answer(ask).await,
            Err(error) => Answer::Refused(format!("no question that this signer knows: {error}")),
        };
        let text = serde_json::to_string(&answer).map_err(std::io::Error::other)? + "\n";
        stream.write_all(text.as_bytes()).await?;
    }
}
