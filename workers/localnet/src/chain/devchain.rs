//! Starts the devchain in this process.

use std::time::Duration;

use gateway_devchain::{Devchain, DevchainConfig};

use super::{CHAIN_ID, DENOM, LocalChain, OTHER_DENOM, Process};
use crate::LocalnetError;
use crate::account::PREFIX;

/// Starts one whose genesis gives the accounts their coins.
pub(super) async fn start(
    block_time: Duration,
    accounts: Vec<(String, u128)>,
) -> Result<LocalChain, LocalnetError> {
    let chain = Devchain::start(DevchainConfig {
        chain_id: CHAIN_ID.to_owned(),
        bech32_prefix: PREFIX.to_owned(),
        denom: DENOM.to_owned(),
        block_time,
        genesis_accounts: accounts,
        other_denoms: vec![OTHER_DENOM.to_owned()],
        ..DevchainConfig::default()
    })
    .await?;
    Ok(LocalChain::new(chain.rpc_url(), CHAIN_ID, Process::Devchain(chain)))
}
