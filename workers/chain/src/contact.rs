//! A daemon's first contact with its chain, which may itself still be starting.

use std::sync::Arc;

use gateway_daemon_runtime::{Backoff, CancellationToken, retry};

use crate::config::ChainConfig;
use crate::endpoints::Endpoints;
use crate::error::{ChainError, Result};

/// Connects to a chain, retrying as `backoff` says. Returns `None` when `cancel` fires first.
///
/// # Errors
/// [`ChainError::WrongChain`], [`ChainError::Invalid`], or the endpoint's last error once `backoff` is exhausted.
pub async fn connect(
    config: &ChainConfig,
    backoff: Backoff,
    cancel: &CancellationToken,
) -> Result<Option<Arc<Endpoints>>> {
    match retry(backoff, cancel, ChainError::is_retryable, || Endpoints::connect(config)).await {
        Ok(chain) => Ok(Some(Arc::new(chain))),
        Err(_) if cancel.is_cancelled() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

    #[tokio::test]
    async fn an_unreachable_chain_is_an_error_and_a_cancelled_start_is_none() {
        let config = ChainConfig::new("http://127.0.0.1:1", "dev-1", CONTRACT);
        let twice = Backoff::new(Duration::from_millis(1), Duration::from_millis(1)).limit(2);
        let cancel = CancellationToken::new();
        assert!(connect(&config, twice, &cancel).await.is_err_and(|error| error.is_retryable()));
        cancel.cancel();
        assert!(matches!(connect(&config, twice, &cancel).await, Ok(None)));
    }
}
