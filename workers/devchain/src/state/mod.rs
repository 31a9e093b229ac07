//! State: committed snapshots on disk or in memory, layered writes on top of them, and the metered view that modules use.
//!
//! Keys start with one byte that names their module (see [`keys`]); that byte costs no gas, because on a real chain each module
//! has its own store.

pub(crate) mod history;
pub(crate) mod keys;
pub(crate) mod layers;
pub(crate) mod session;
pub(crate) mod snapshot;
pub(crate) mod store;

pub(crate) use layers::{Layers, WriteSet};
pub(crate) use session::{Session, SharedSession, lock};
pub(crate) use snapshot::Snapshot;
pub(crate) use store::{ChainStore, CommittedBlock, Tip};
