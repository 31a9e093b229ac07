//! What ends a node.

use gateway_api::{NodeId, NodeKey, RequestId};
use gateway_chain::ChainError;
use gateway_daemon_runtime::http::HttpError;
use gateway_daemon_runtime::remote_signer::RemoteError;
use gateway_daemon_runtime::secret::SecretError;
use gateway_daemon_runtime::task_group::GroupError;
use gateway_daemon_runtime::{OutOfBounds, Retryable};
use gateway_engine::{CodeError, EngineError};
use gateway_http::ServerError;
use gateway_protocol::KeyError;
use gateway_store::StoreError;

/// Why a node could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Config(#[from] OutOfBounds),
    /// The VRF key cannot be read.
    #[error("VRF key: {0}")]
    Secret(#[from] SecretError),
    /// The VRF key is not 64 hexadecimal digits.
    #[error("VRF key: {from} does not hold 64 hexadecimal digits")]
    KeyFormat {
        /// Where it is kept.
        from: String,
    },
    /// The VRF key is unusable.
    #[error("VRF key: {0}")]
    Key(#[from] KeyError),
    /// The signer that holds the VRF key does not answer, or refuses.
    #[error("VRF key: {0}")]
    Signer(#[from] RemoteError),
    /// The key belongs to a different node than configured.
    #[error("the key is node {found}'s, the configuration says {expected}")]
    WrongNode {
        /// Configured id.
        expected: NodeId,
        /// The key's id.
        found: NodeId,
    },
    /// Another process on this machine attests with the key.
    #[error(
        "another process of this machine attests with the key {key}: a second one could get the node slashed, stop one ({source})"
    )]
    KeyHeld {
        /// The key.
        key: NodeKey,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The contract has a result attested with this key, but not by this process.
    #[error(
        "node {node} agreed to the result of request {request} and never attested it here: another process holds its key and can get it \
         slashed; stop that one, or give this one a key of its own"
    )]
    KeyInUse {
        /// The node.
        node: NodeId,
        /// The request.
        request: RequestId,
    },
    /// A fatal error of the chain client.
    #[error("chain: {0}")]
    Chain(#[from] ChainError),
    /// The database.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// The VM could not be started.
    #[error("VM: {0}")]
    Engine(#[from] EngineError),
    /// The code loader could not be set up.
    #[error("code loader: {0}")]
    Code(#[from] CodeError),
    /// The HTTP client could not be set up.
    #[error("HTTP client: {0}")]
    Http(#[from] HttpError),
    /// `/health`, `/ready` and `/metrics` cannot be served.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A message to the contract cannot be written.
    #[error("a message to the contract: {0}")]
    Message(#[from] serde_json::Error),
    /// One of the node's tasks failed.
    #[error("{0}")]
    Tasks(#[from] GroupError),
}

impl Retryable for NodeError {
    fn is_retryable(&self) -> bool {
        match self {
            // A lagging node refuses what another would answer.
            Self::Chain(ChainError::Query { .. }) => true,
            Self::Chain(error) => error.is_retryable(),
            Self::Store(error) => error.is_retryable(),
            Self::Signer(error) => error.is_retryable(),
            Self::Engine(EngineError::Spawn(_)) | Self::Tasks(_) => true,
            Self::Config(_)
            | Self::Secret(_)
            | Self::KeyFormat { .. }
            | Self::Key(_)
            | Self::WrongNode { .. }
            | Self::KeyHeld { .. }
            | Self::KeyInUse { .. }
            | Self::Engine(_)
            | Self::Code(_)
            | Self::Http(_)
            | Self::Message(_)
            | Self::Server(_) => false,
        }
    }
}
