//! Starts the devchain in this process.

use gateway_devchain::{Devchain, DevchainConfig};

use super::{CHAIN_ID, DENOM, LocalChain, OTHER_DENOM, Process};
use crate::account::PREFIX;
use crate::{LocalnetConfig, LocalnetError, ports};

/// Starts a devchain whose genesis gives the accounts their coins. A restartable one keeps its state and its address.
pub(super) async fn start(
    net: &LocalnetConfig,
    accounts: Vec<(String, u128)>,
) -> Result<LocalChain, LocalnetError> {
    let mut config = DevchainConfig {
        chain_id: CHAIN_ID.to_owned(),
        bech32_prefix: PREFIX.to_owned(),
        denom: DENOM.to_owned(),
        block_time: net.block_time,
        genesis_accounts: accounts,
        other_denoms: vec![OTHER_DENOM.to_owned()],
        ..DevchainConfig::default()
    };
    if net.restartable_chain {
        config.home = Some(net.home.join("devchain"));
        if let Some(address) = ports::free(1)?.first() {
            config.listen = *address;
        }
    }
    let chain = Devchain::start(config.clone()).await?;
    Ok(LocalChain::new(chain.rpc_url(), CHAIN_ID, Process::Devchain(chain, Box::new(config))))
}
