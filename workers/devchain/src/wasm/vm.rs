//! The compiled-code cache of the CosmWasm VM. The only module with `unsafe`: opening the cache requires a guarantee about its
//! directory.
#![allow(unsafe_code)]

use std::path::Path;
use std::sync::Arc;

use cosmwasm_std::Checksum;
use cosmwasm_vm::{
    Backend, Cache, CacheOptions, Instance, InstanceOptions, Size, VmResult, capabilities_from_csv,
};
use tempfile::TempDir;

use super::api::ContractApi;
use super::querier::ContractQuerier;
use super::storage::ContractStorage;
use crate::address::AddressCodec;
use crate::error::DevchainError;

/// Capabilities that the chain offers to contracts; code that requires more is refused at upload.
const CAPABILITIES: &str = "iterator,staking,stargate,cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,cosmwasm_1_4";
const MODULE_CACHE: Size = Size::mebi(256);
/// Memory limit of one instance, as on the chain.
const INSTANCE_MEMORY: Size = Size::mebi(32);

/// An instance ready to be called.
pub(super) type ContractInstance = Instance<ContractApi, ContractStorage, ContractQuerier>;

/// The VM: stored code and instances of it.
pub(crate) struct Vm {
    cache: Cache<ContractApi, ContractStorage, ContractQuerier>,
    api: ContractApi,
    /// Keeps a temporary directory alive until the VM is dropped.
    _scratch: Option<TempDir>,
}

impl Vm {
    /// Opens the code store in `home`, or a temporary one that is removed with the VM.
    pub(crate) fn open(home: Option<&Path>, codec: AddressCodec) -> Result<Self, DevchainError> {
        let (dir, scratch) = match home {
            Some(home) => (home.join("wasm"), None),
            None => {
                let scratch = TempDir::new()
                    .map_err(|source| DevchainError::Io { context: "making a directory for code", source })?;
                (scratch.path().to_owned(), Some(scratch))
            }
        };
        std::fs::create_dir_all(&dir)
            .map_err(|source| DevchainError::Io { context: "making the code directory", source })?;
        let options =
            CacheOptions::new(dir, capabilities_from_csv(CAPABILITIES), MODULE_CACHE, INSTANCE_MEMORY);
        // SAFETY: the cache trusts the compiled modules in its directory. That directory belongs to this devchain alone: it is
        // either fresh and private or inside the home its owner named, and only the cache writes there.
        let cache = unsafe { Cache::new(options) }.map_err(|e| DevchainError::Vm(e.to_string()))?;
        Ok(Self { cache, api: ContractApi::new(Arc::new(codec)), _scratch: scratch })
    }

    /// Checks, compiles and stores code. Storing the same code again changes nothing.
    pub(super) fn store(&self, code: &[u8]) -> VmResult<Checksum> {
        self.cache.store_code(code, true, true)
    }

    /// Loads the code with this checksum.
    pub(crate) fn load(&self, checksum: &Checksum) -> VmResult<Vec<u8>> {
        self.cache.load_wasm(checksum)
    }

    /// Creates a fresh instance with its own memory; `gas_limit` is in VM gas.
    pub(super) fn instance(
        &self,
        checksum: &Checksum,
        storage: ContractStorage,
        querier: ContractQuerier,
        gas_limit: u64,
    ) -> VmResult<ContractInstance> {
        let backend = Backend { api: self.api.clone(), storage, querier };
        self.cache.get_instance(checksum, backend, InstanceOptions { gas_limit })
    }
}
