//! The frames between a daemon and its VM worker process.
