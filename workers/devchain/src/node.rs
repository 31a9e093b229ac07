//! A running devchain: the chain thread and the RPC server, started and stopped together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::chain::Engine;
use crate::chain::engine::CONTRACT_STACK;
use crate::chain::producer::{self, COMMANDS, Command};
use crate::config::DevchainConfig;
use crate::error::DevchainError;
use crate::faults::Faults;
use crate::rpc;

/// Time that clients get to end their requests at shutdown.
const DRAIN: Duration = Duration::from_secs(5);

/// A running devchain. Dropping it also stops it, without waiting.
pub struct Devchain {
    engine: Arc<Engine>,
    address: SocketAddr,
    commands: SyncSender<Command>,
    chain_thread: Option<JoinHandle<()>>,
    stop: CancellationToken,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Devchain {
    /// Opens or creates the chain, makes its first block if it has none, and serves its RPC.
    ///
    /// # Errors
    /// [`DevchainError::Config`] when the options contradict each other, [`DevchainError::Store`] when the home is unusable or
    /// in use, [`DevchainError::Io`] when the address is taken.
    pub async fn start(config: DevchainConfig) -> Result<Self, DevchainError> {
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|source| DevchainError::Io { context: "listening for RPC", source })?;
        let address = listener
            .local_addr()
            .map_err(|source| DevchainError::Io { context: "listening for RPC", source })?;
        let opened = tokio::task::spawn_blocking(move || {
            let engine = Engine::open(config)?;
            if engine.latest().tip.height == 0 {
                engine.produce()?;
            }
            Ok::<_, DevchainError>(Arc::new(engine))
        });
        let engine = opened.await.map_err(|_| DevchainError::Stopped)??;
        let (commands, receiver) = sync_channel(COMMANDS);
        let driven = Arc::clone(&engine);
        let chain_thread = std::thread::Builder::new()
            .name("devchain".to_owned())
            .stack_size(CONTRACT_STACK)
            .spawn(move || producer::run(&driven, &receiver))
            .map_err(|source| DevchainError::Io { context: "starting the chain thread", source })?;
        let stop = CancellationToken::new();
        let router = rpc::router(Arc::clone(&engine), address, stop.clone());
        let server = tokio::spawn(
            axum::serve(listener, router)
                .with_graceful_shutdown(stop.clone().cancelled_owned())
                .into_future(),
        );
        Ok(Self { engine, address, commands, chain_thread: Some(chain_thread), stop, server })
    }

    /// Returns the RPC's listening address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the RPC's URL, such as `http://127.0.0.1:26657`.
    pub fn rpc_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the URL of the RPC's websocket.
    pub fn websocket_url(&self) -> String {
        format!("ws://{}/websocket", self.address)
    }

    /// Returns the height of the last committed block; at least 1.
    pub fn height(&self) -> u64 {
        self.engine.latest().tip.height
    }

    /// Makes a block now, regardless of the clock or a pause, and returns its height.
    ///
    /// # Errors
    /// [`DevchainError::Stopped`], [`DevchainError::Block`] or [`DevchainError::Store`] when the block cannot be stored.
    pub async fn produce_block(&self) -> Result<u64, DevchainError> {
        let (reply, height) = oneshot::channel();
        self.commands.try_send(Command::Produce(reply)).map_err(|_| DevchainError::Stopped)?;
        height.await.map_err(|_| DevchainError::Stopped)?
    }

    /// Returns the faults that tests can inject.
    pub fn faults(&self) -> &Faults {
        &self.engine.faults
    }

    /// Stops making blocks, then serving. Once it returns, the home can be opened again.
    ///
    /// # Errors
    /// [`DevchainError::Io`] or [`DevchainError::Stopped`] when the server or the chain ended with an error. The chain is
    /// stopped in any case.
    pub async fn shutdown(mut self) -> Result<(), DevchainError> {
        // A full queue or a dead thread: dropping the sender below also ends it.
        let _ = self.commands.try_send(Command::Stop);
        if let Some(thread) = self.chain_thread.take() {
            let joined = tokio::task::spawn_blocking(move || thread.join());
            joined.await.map_err(|_| DevchainError::Stopped)?.map_err(|_| DevchainError::Stopped)?;
        }
        self.stop.cancel();
        match tokio::time::timeout(DRAIN, &mut self.server).await {
            Ok(Ok(served)) => served.map_err(|source| DevchainError::Io { context: "serving RPC", source }),
            Ok(Err(_)) => Err(DevchainError::Stopped),
            Err(_) => {
                self.server.abort();
                Ok(())
            }
        }
    }
}

impl Drop for Devchain {
    fn drop(&mut self) {
        let _ = self.commands.try_send(Command::Stop);
        self.stop.cancel();
    }
}
