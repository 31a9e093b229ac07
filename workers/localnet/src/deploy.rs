//! The two contracts, uploaded and instantiated with ordinary transactions.

use std::sync::Arc;

use gateway_api::{ArchwaySettings, InstantiateMsg, KeeperSettings, Settings};
use gateway_chain::{ChainConfig, ChainReader, Endpoints};
use gateway_devchain::{CALLBACK_GAS, FEE_PER_BLOCK_AHEAD};

use crate::chain::{ChainKind, DENOM};
use crate::{DevAccount, LocalnetConfig, LocalnetError};

/// A hundredth of an ARCH.
const CENT: u128 = 10_000_000_000_000_000;
/// Blocks between two sweeps.
const SWEEP_BLOCKS: u64 = 1_000;

/// Uploads and instantiates both contracts.
pub(crate) async fn deploy(
    config: &LocalnetConfig,
    chain: &ChainConfig,
    reader: &Arc<Endpoints>,
    developer: &DevAccount,
) -> Result<(String, String), LocalnetError> {
    let deployer = developer.deployer(reader.clone(), chain)?;
    let doing = |what: &str| LocalnetError::chain(what.to_owned());
    let upload = async |wasm: &[u8], name: &str| {
        deployer.store_code(wasm.to_vec()).await.map_err(LocalnetError::chain(format!("uploading {name}")))
    };
    let gateway = upload(include_bytes!("../../../artifacts/gateway.wasm"), "the gateway contract").await?;
    let consumer =
        upload(include_bytes!("../../../artifacts/consumer_example.wasm"), "the example consumer").await?;
    let settings = match &config.chain {
        ChainKind::Rpc { .. } => on_a_running_chain(config.settings(), reader).await?,
        ChainKind::Devchain | ChainKind::Wasmd { .. } => config.settings(),
    };
    let message = serde_json::to_vec(&InstantiateMsg { admin: None, settings })
        .map_err(|e| LocalnetError::answer("writing the contract's first message", e))?;
    let address = deployer
        .instantiate(gateway.code_id, "gateway", message, Some(developer.address()), &[])
        .await
        .map_err(doing("instantiating the gateway contract"))?
        .address;
    let message = serde_json::json!({ "gateway": address }).to_string().into_bytes();
    let consumer = deployer
        .instantiate(consumer.code_id, "consumer", message, None, &[])
        .await
        .map_err(doing("instantiating the example consumer"))?
        .address;
    Ok((address, consumer))
}

/// Adapts the settings to a running chain. On Archway, which reports minimum fees, the chain itself opens rounds and sweeps,
/// and requests pay for it: an empty execute costs as much there as a reservation. The exact fee is set, since contracts cannot
/// query it (ADR 0016).
async fn on_a_running_chain(settings: Settings, reader: &Endpoints) -> Result<Settings, LocalnetError> {
    let price = reader.minimum_price(DENOM, "").await;
    let price = price.map_err(LocalnetError::chain("asking for the chain's least fee"))?;
    let Some(price) = price else { return Ok(settings) };
    let fee = |ahead: u64| {
        price.price.fee(CALLBACK_GAS).saturating_add(FEE_PER_BLOCK_AHEAD.saturating_mul(ahead.into())).into()
    };
    Ok(Settings {
        archway: Some(ArchwaySettings {
            sweep_blocks: SWEEP_BLOCKS,
            sweep_requests: 1,
            reservation_fee: fee(SWEEP_BLOCKS),
            tick_fee: Some(fee(1)),
        }),
        keepers: Some(KeeperSettings {
            price: (5 * CENT).into(),
            tick: CENT.into(),
            expire: CENT.into(),
            callback: CENT.into(),
            rewards_bps: 5_000,
        }),
        ..settings
    })
}
