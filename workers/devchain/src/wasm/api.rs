//! Address functions for contracts. Needs no state.

use std::sync::Arc;

use cosmwasm_vm::{BackendApi, BackendError, BackendResult, GasInfo};

use super::gas;
use crate::address::AddressCodec;

/// The VM's view of the address codec.
#[derive(Clone)]
pub(crate) struct ContractApi {
    codec: Arc<AddressCodec>,
}

impl ContractApi {
    pub(super) fn new(codec: Arc<AddressCodec>) -> Self {
        Self { codec }
    }

    fn decode(&self, text: &str) -> Result<Vec<u8>, BackendError> {
        self.codec.decode(text).map_err(|e| BackendError::user_err(e.to_string()))
    }
}

impl BackendApi for ContractApi {
    fn addr_validate(&self, input: &str) -> BackendResult<()> {
        let cost = GasInfo::with_cost(gas::to_vm(gas::HUMANIZE + gas::CANONICALIZE));
        (self.decode(input).map(drop), cost)
    }

    fn addr_canonicalize(&self, human: &str) -> BackendResult<Vec<u8>> {
        (self.decode(human), GasInfo::with_cost(gas::to_vm(gas::CANONICALIZE)))
    }

    fn addr_humanize(&self, canonical: &[u8]) -> BackendResult<String> {
        let text = self.codec.encode(canonical).map_err(|e| BackendError::user_err(e.to_string()));
        (text, GasInfo::with_cost(gas::to_vm(gas::HUMANIZE)))
    }
}
