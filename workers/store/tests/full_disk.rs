//! A full disk. A process of its own, because the limit that simulates the disk applies to the whole process.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use gateway_store::Store;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};

#[tokio::test]
async fn what_is_committed_after_a_full_disk_is_kept() {
    // The system sends this with each refused write. Threads started later inherit that it is blocked.
    let mut refused = SigSet::empty();
    refused.add(Signal::SIGXFSZ);
    refused.thread_block().expect("a signal is blocked");
    let (_, most) = getrlimit(Resource::RLIMIT_FSIZE).expect("a limit");

    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let store = Store::open(&url).await.expect("opens");
    store.bind("fruit", "plum").await.expect("there is a place");
    let journal = std::fs::metadata(folder.path().join("test.db-wal")).expect("a journal").len();
    setrlimit(Resource::RLIMIT_FSIZE, journal, most).expect("a limit");
    for _ in 0..3 {
        let error = store.bind("fruit", "pear").await.expect_err("there is no place");
        assert!(error.is_retryable(), "{error}");
    }
    setrlimit(Resource::RLIMIT_FSIZE, most, most).expect("no limit");
    store.bind("tree", "oak").await.expect("there is a place again");

    let beside = Store::open_existing(&url).await.expect("opens");
    let kept = beside.bindings().await.expect("reads");
    let kept: Vec<_> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(kept, [("fruit", "plum"), ("tree", "oak")], "as another connection sees it");
}
