//! The chain's price of a gas unit, from whichever query the chain has for it.

use cosmrs::proto::cosmos::base::v1beta1::{Coin as ProtoCoin, DecCoin};

use super::RpcChain;
use crate::error::{ChainError, Result};
use crate::node_wording;
use crate::tx::GasPrice;
use crate::types::{Answer, Coin, MinimumPrice};

/// Gas used in the estimate from which the flat fee is derived.
const SAMPLE_GAS: u64 = 1_000_000;

/// `archway.rewards.v1.QueryEstimateTxFeesRequest`.
#[derive(Clone, PartialEq, prost::Message)]
struct EstimateTxFeesRequest {
    #[prost(uint64, tag = "1")]
    gas_limit: u64,
    #[prost(string, tag = "2")]
    contract_address: String,
}

/// `archway.rewards.v1.QueryEstimateTxFeesResponse`.
#[derive(Clone, PartialEq, prost::Message)]
struct EstimateTxFeesResponse {
    #[prost(message, optional, tag = "1")]
    gas_unit_price: Option<DecCoin>,
    #[prost(message, repeated, tag = "2")]
    estimated_fee: Vec<ProtoCoin>,
}

/// `cosmos.base.node.v1beta1.ConfigRequest`.
#[derive(Clone, PartialEq, prost::Message)]
struct ConfigRequest {}

/// `cosmos.base.node.v1beta1.ConfigResponse`.
#[derive(Clone, PartialEq, prost::Message)]
struct ConfigResponse {
    #[prost(string, tag = "1")]
    minimum_gas_price: String,
}

/// Returns the chain's minimum price, and the flat fee of `contract`; `None` if the chain has no query for it.
pub(super) async fn minimum(chain: &RpcChain, denom: &str, contract: &str) -> Result<Option<MinimumPrice>> {
    match archway(chain, denom, contract).await {
        Err(error) if node_wording::unknown_query(&error) => {}
        answer => return answer.map(Some),
    }
    match node(chain, denom).await {
        Err(error) if node_wording::unknown_query(&error) => Ok(None),
        answer => answer,
    }
}

/// Queries Archway's x/rewards. The estimate for a contract with a flat fee includes that fee.
async fn archway(chain: &RpcChain, denom: &str, contract: &str) -> Result<MinimumPrice> {
    let ask = EstimateTxFeesRequest { gas_limit: SAMPLE_GAS, contract_address: contract.to_owned() };
    let answer: Answer<EstimateTxFeesResponse> =
        chain.query("/archway.rewards.v1.Query/EstimateTxFees", &ask, 0).await?;
    let bad = |reason: String| ChainError::decode("EstimateTxFees", reason);
    let unit = answer.value.gas_unit_price.filter(|coin| coin.denom == denom);
    // Protobuf encodes a decimal as its digits without the point, the last 18 being the fraction.
    let price = match &unit {
        Some(coin) => GasPrice::from_atto(coin.amount.parse().map_err(|e| bad(format!("{e}")))?),
        None => return Err(bad(format!("no price in {denom}"))),
    };
    let mut flat = Vec::new();
    for coin in answer.value.estimated_fee {
        let amount: u128 = coin.amount.parse().map_err(|e| bad(format!("{e}")))?;
        let for_gas = if coin.denom == denom { price.fee(SAMPLE_GAS) } else { 0 };
        if amount > for_gas {
            flat.push(Coin::new(amount - for_gas, coin.denom));
        }
    }
    Ok(MinimumPrice { price, flat })
}

/// Queries the node's own minimum, which its operator sets.
async fn node(chain: &RpcChain, denom: &str) -> Result<Option<MinimumPrice>> {
    let path = "/cosmos.base.node.v1beta1.Service/Config";
    let answer: Answer<ConfigResponse> = chain.query(path, &ConfigRequest {}, 0).await?;
    let text = answer.value.minimum_gas_price;
    let price =
        text.split(',').find_map(|coin| coin.trim().strip_suffix(denom)).map(str::parse).transpose()?;
    Ok(price.map(|price| MinimumPrice { price, flat: Vec::new() }))
}
