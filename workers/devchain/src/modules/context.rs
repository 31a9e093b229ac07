//! A handler's context: the chain's constants, the block, and the state it may read and write.

use std::sync::{Arc, MutexGuard};

use tendermint::Time;

use crate::address::AddressCodec;
use crate::config::DevchainConfig;
use crate::error::{ExecError, code};
use crate::gas::Meter;
use crate::state::{Layers, Session, SharedSession, Tip, lock};
use crate::wasm::vm::Vm;

/// What never changes while a devchain runs.
pub(crate) struct Chain {
    pub(crate) config: DevchainConfig,
    pub(crate) codec: AddressCodec,
    pub(crate) vm: Vm,
}

impl Chain {
    /// Returns the bytes of an address, or the SDK's error for an invalid one.
    pub(crate) fn decode(&self, address: &str) -> Result<Vec<u8>, ExecError> {
        self.codec.decode(address).map_err(|e| ExecError::sdk(code::INVALID_ADDRESS, e))
    }

    /// Returns the text of an address.
    pub(crate) fn encode(&self, address: &[u8]) -> Result<String, ExecError> {
        self.codec.encode(address).map_err(|e| ExecError::sdk(code::INVALID_ADDRESS, e))
    }
}

/// The block a message is executed in.
#[derive(Clone, Debug)]
pub(crate) struct BlockEnv {
    pub(crate) height: u64,
    /// Nanoseconds since 1970.
    pub(crate) time_ns: u64,
}

impl BlockEnv {
    /// Returns the last block, for checks and queries.
    pub(crate) fn of(tip: &Tip) -> Self {
        Self::at(tip.height, tip.time)
    }

    /// Returns a block at a height and time.
    pub(crate) fn at(height: u64, time: Time) -> Self {
        Self { height, time_ns: u64::try_from(time.unix_timestamp_nanos()).unwrap_or_default() }
    }
}

/// The context of one message or query. Cheap to clone; clones share the state.
#[derive(Clone)]
pub(crate) struct Ctx {
    pub(crate) chain: Arc<Chain>,
    pub(crate) session: SharedSession,
    pub(crate) block: BlockEnv,
    /// Position of the transaction in its block; `None` in queries.
    pub(crate) tx_index: Option<u32>,
    /// How many contract calls are above this one.
    pub(crate) call_depth: u32,
    /// How many contract queries are above this one.
    pub(crate) query_depth: u32,
}

impl Ctx {
    /// Creates a context on top of `layers`, charged to `meter`.
    pub(crate) fn new(chain: Arc<Chain>, layers: Layers, meter: Meter, block: BlockEnv) -> Self {
        let session = Session::shared(layers, meter);
        Self { chain, session, block, tx_index: None, call_depth: 0, query_depth: 0 }
    }

    /// Locks the state for one access.
    pub(crate) fn state(&self) -> MutexGuard<'_, Session> {
        lock(&self.session)
    }

    /// Runs `work` in its own layer, which is kept on success and dropped otherwise.
    pub(crate) fn atomically<T>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, ExecError>,
    ) -> Result<T, ExecError> {
        self.state().layers().push();
        let result = work(self);
        let mut state = self.state();
        if result.is_ok() {
            state.layers().merge();
        } else {
            state.layers().drop_top();
        }
        result
    }
}
