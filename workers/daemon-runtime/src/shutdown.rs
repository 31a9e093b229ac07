//! SIGINT and SIGTERM turned into a token that everything watches.
//!
//! The first signal requests an orderly stop; the second ends the process at once.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Returns a token that the first SIGINT or SIGTERM cancels. Call it inside a runtime, once, before work starts.
///
/// # Errors
/// [`io::Error`] when the handlers cannot be installed.
pub fn on_signal() -> io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let child = token.clone();
    tokio::spawn(async move {
        let name = next(&mut interrupt, &mut terminate).await;
        tracing::info!(signal = name, "stopping");
        child.cancel();
        let name = next(&mut interrupt, &mut terminate).await;
        tracing::warn!(signal = name, "second signal: leaving at once");
        std::process::exit(130);
    });
    Ok(token)
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_termination_signal_cancels_the_token() {
        let token = on_signal().expect("handlers");
        assert!(!token.is_cancelled());
        let own = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &own]).status().expect("kill");
        assert!(sent.success());
        tokio::time::timeout(std::time::Duration::from_secs(30), token.cancelled()).await.expect("cancelled");
    }
}
