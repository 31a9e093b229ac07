//! The chain itself: genesis, mempool, blocks, and the engine that answers clients' requests.

pub(crate) mod block;
pub(crate) mod engine;
pub(crate) mod genesis;
pub(crate) mod mempool;
pub(crate) mod producer;
pub(crate) mod search;
pub(crate) mod validator;
pub(crate) mod wire;

pub(crate) use block::NewBlock;
pub(crate) use engine::Engine;
