//! Code by its hash. Where it is stored does not matter: what a mirror sends counts only if its SHA-256 is the pinned one.

mod cache;
mod dag;
mod loader;
mod misses;
mod source;
mod unixfs;

pub use loader::{CodeError, CodeLoader, CodeLoaderConfig};
