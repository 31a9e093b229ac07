//! Fakes for tests: a chain in memory that misbehaves on command, and an outbox store in memory.
//!
//! Compiled for this crate's tests and for crates that ask for the feature `testing`; never part of a daemon.

mod chain;
mod store;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pub use chain::{Contract, Execution, FakeChain, Fault, RefusedMessage};
pub use store::MemoryStore;

/// Pending once: makes every call of a fake a point at which its caller may be dropped.
struct YieldOnce(bool);

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

async fn yield_once() {
    YieldOnce(false).await;
}
