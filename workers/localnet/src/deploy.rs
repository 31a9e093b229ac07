//! The two contracts, uploaded and instantiated with ordinary transactions.

use crate::chain::{ChainKind, DENOM};
use crate::{DevAccount, LocalnetConfig, LocalnetError};
use gateway_api::{ArchwaySettings, InstantiateMsg, KeeperSettings, Settings};
use gateway_chain::{ChainConfig, ChainReader, Endpoints};
use std::sync::Arc;

/// A hundredth of an ARCH.
const CENT: u128 = 10_000_000_000_000_000;

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
        ChainKind::Rpc { .. } if is_archway(reader).await? => on_archway(config.settings()),
        ChainKind::Rpc { .. } | ChainKind::Devchain | ChainKind::Wasmd { .. } => config.settings(),
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

/// Whether the chain has Archway's own modules: it answers what their fees are.
async fn is_archway(reader: &Endpoints) -> Result<bool, LocalnetError> {
    let price = reader.minimum_price(DENOM, "").await;
    Ok(price.map_err(LocalnetError::chain("asking for the chain's least fee"))?.is_some())
}

/// Has the chain itself open rounds and sweep, and requests pay for it: an empty execute costs as much there as a reservation.
fn on_archway(settings: Settings) -> Settings {
    Settings {
        archway: Some(ArchwaySettings {
            sweep_blocks: 1_000,
            sweep_requests: 1,
            reservation_fee: (10 * CENT).into(),
            tick_fee: Some((10 * CENT).into()),
        }),
        keepers: Some(KeeperSettings {
            price: (5 * CENT).into(),
            tick: CENT.into(),
            expire: CENT.into(),
            callback: CENT.into(),
            rewards_bps: 5_000,
        }),
        ..settings
    }
}
