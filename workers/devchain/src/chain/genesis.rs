//! The state before the first block.

use cosmwasm_std::Coin;
use sha2::{Digest, Sha256};
use tendermint::Time;

use crate::address::{AddressCodec, module_address};
use crate::config::DevchainConfig;
use crate::error::{DevchainError, ExecError};
use crate::gas::Meter;
use crate::modules::{auth, bank};
use crate::state::{ChainStore, Layers, Session, Tip, WriteSet};
use crate::tx::ante::FEE_COLLECTOR;

/// Writes genesis into an empty store; leaves an existing chain alone, if it is the configured one.
pub(crate) fn ensure(
    store: &ChainStore,
    config: &DevchainConfig,
    codec: &AddressCodec,
) -> Result<(), DevchainError> {
    if let Some(snapshot) = store.snapshot()? {
        if snapshot.tip.chain_id != config.chain_id {
            let (found, wanted) = (&snapshot.tip.chain_id, &config.chain_id);
            return Err(DevchainError::Config(format!("the home holds chain {found}, not {wanted}")));
        }
        return Ok(());
    }
    let tip = Tip { chain_id: config.chain_id.clone(), time: Time::now(), ..Tip::default() };
    store.write_genesis(WriteSet::new(), &tip)?;
    let empty = store.snapshot()?.ok_or(DevchainError::Stopped)?;
    let mut session = Session::new(Layers::new(empty), Meter::unlimited());
    fill(&mut session, config, codec).map_err(|e| DevchainError::Config(e.to_string()))?;
    let writes = session.layers().take_writes();
    let app_hash = next_app_hash(&tip.app_hash, &writes);
    store.write_genesis(writes, &Tip { app_hash, ..tip })
}

fn fill(session: &mut Session, config: &DevchainConfig, codec: &AddressCodec) -> Result<(), ExecError> {
    auth::ensure(session, codec, &module_address(FEE_COLLECTOR))?;
    for (address, amount) in &config.genesis_accounts {
        let address = codec
            .decode(address)
            .map_err(|e| ExecError::sdk(crate::error::code::INVALID_ADDRESS, format!("{address}: {e}")))?;
        auth::ensure(session, codec, &address)?;
        if *amount > 0 {
            for denom in std::iter::once(&config.denom).chain(&config.other_denoms) {
                bank::mint(session, &address, &Coin::new(*amount, denom.clone()))?;
            }
        }
    }
    Ok(())
}

/// Returns the hash of the state after `writes`: a hash chain over all writes, as good as a tree as long as nothing has to be
/// proven against it.
pub(crate) fn next_app_hash(before: &[u8; 32], writes: &WriteSet) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    for (key, value) in writes {
        hash.update((key.len() as u64).to_be_bytes());
        hash.update(key);
        match value {
            Some(value) => {
                hash.update((value.len() as u64).to_be_bytes());
                hash.update(value);
            }
            None => hash.update(u64::MAX.to_be_bytes()),
        }
    }
    hash.finalize().into()
}
