//! `gateway devchain`: a development chain on its own.

use gateway_devchain::{Devchain, DevchainConfig};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use crate::arguments::Devchain as Options;

pub(crate) async fn run(options: Options, cancel: CancellationToken) -> Result<(), CommandError> {
    let chain = Devchain::start(DevchainConfig {
        chain_id: options.chain_id,
        block_time: options.block_time,
        listen: options.listen,
        home: options.home,
        genesis_accounts: options.accounts,
        ..DevchainConfig::default()
    })
    .await?;
    println!("Tendermint RPC at {}", chain.rpc_url());
    cancel.cancelled().await;
    chain.shutdown().await?;
    Ok(())
}
