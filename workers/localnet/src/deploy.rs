//! The two contracts, uploaded and instantiated with ordinary transactions.

use crate::{DevAccount, LocalnetConfig, LocalnetError};
use gateway_api::InstantiateMsg;
use gateway_chain::{ChainConfig, Endpoints};
use std::sync::Arc;

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
    let message = serde_json::to_vec(&InstantiateMsg { admin: None, settings: config.settings() })
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
