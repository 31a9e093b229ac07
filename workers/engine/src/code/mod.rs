//! Code by its hash. Where it is kept does not matter: whatever a mirror sends counts only when its SHA-256 is
//! the pinned one.

mod cache;
mod dag;
mod loader;
mod misses;
mod source;
mod unixfs;

pub use loader::{CodeError, CodeLoader, CodeLoaderConfig};
