//! The chain's heights as a node's tasks see them.

use gateway_daemon_runtime::CancellationToken;
use tokio::sync::watch;

use crate::context::{Context, News};

/// Heights in ascending order, each at most once; of several that arrive while a task is busy, only the newest.
pub(crate) struct NewHeights {
    news: watch::Receiver<News>,
    cancel: CancellationToken,
    looked: u64,
}

impl NewHeights {
    /// Starts with the height that is already known.
    pub(crate) fn of(context: &Context, cancel: CancellationToken) -> Self {
        let mut news = context.news.subscribe();
        news.mark_changed();
        Self { news, cancel, looked: 0 }
    }

    /// Waits for the next height. Returns `None` once the task is cancelled.
    pub(crate) async fn next(&mut self) -> Option<News> {
        loop {
            tokio::select! {
                () = self.cancel.cancelled() => return None,
                change = self.news.changed() => change.ok()?,
            }
            let news = *self.news.borrow_and_update();
            if news.height > self.looked {
                self.looked = news.height;
                return Some(news);
            }
        }
    }
}
