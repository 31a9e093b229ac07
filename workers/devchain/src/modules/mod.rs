//! The modules besides contracts: accounts and bank, and what every message handler is given.

pub(crate) mod auth;
pub(crate) mod bank;
pub(crate) mod begin_block;
pub(crate) mod coins;
pub(crate) mod context;

pub(crate) use context::{BlockEnv, Chain, Ctx};
