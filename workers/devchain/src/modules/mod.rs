//! The modules besides contracts: accounts and bank, and the context of every message handler.

pub(crate) mod auth;
pub(crate) mod bank;
pub(crate) mod begin_block;
pub(crate) mod coins;
pub(crate) mod context;

pub(crate) use context::{BlockEnv, Chain, Ctx};
