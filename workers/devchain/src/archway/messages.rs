//! The protobuf messages of x/callback and x/rewards that the devchain knows, by their field numbers (`proto/archway` of the
//! archway repository).

use cosmrs::proto::cosmos::base::v1beta1::{Coin, DecCoin};

/// `archway.callback.v1.MsgRequestCallback`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MsgRequestCallback {
    #[prost(string, tag = "1")]
    pub(crate) sender: String,
    #[prost(string, tag = "2")]
    pub(crate) contract_address: String,
    #[prost(uint64, tag = "3")]
    pub(crate) job_id: u64,
    #[prost(int64, tag = "4")]
    pub(crate) callback_height: i64,
    #[prost(message, optional, tag = "5")]
    pub(crate) fees: Option<Coin>,
}

/// `archway.callback.v1.MsgCancelCallback`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MsgCancelCallback {
    #[prost(string, tag = "1")]
    pub(crate) sender: String,
    #[prost(string, tag = "2")]
    pub(crate) contract_address: String,
    #[prost(uint64, tag = "3")]
    pub(crate) job_id: u64,
    #[prost(int64, tag = "4")]
    pub(crate) callback_height: i64,
}

/// `archway.callback.v1.MsgCancelCallbackResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MsgCancelCallbackResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) refund: Option<Coin>,
}

/// `archway.callback.v1.CallbackFeesFeeSplit`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FeeSplit {
    #[prost(message, optional, tag = "1")]
    pub(crate) transaction_fees: Option<Coin>,
    #[prost(message, optional, tag = "2")]
    pub(crate) block_reservation_fees: Option<Coin>,
    #[prost(message, optional, tag = "3")]
    pub(crate) future_reservation_fees: Option<Coin>,
    #[prost(message, optional, tag = "4")]
    pub(crate) surplus_fees: Option<Coin>,
}

/// `archway.callback.v1.Callback`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Callback {
    #[prost(string, tag = "1")]
    pub(crate) contract_address: String,
    #[prost(uint64, tag = "2")]
    pub(crate) job_id: u64,
    #[prost(int64, tag = "3")]
    pub(crate) callback_height: i64,
    #[prost(message, optional, tag = "4")]
    pub(crate) fee_split: Option<FeeSplit>,
    #[prost(string, tag = "5")]
    pub(crate) reserved_by: String,
    #[prost(uint64, tag = "6")]
    pub(crate) max_gas_limit: u64,
}

/// `archway.callback.v1.QueryEstimateCallbackFeesRequest` and `QueryCallbacksRequest`, which have the same field.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AtHeight {
    #[prost(int64, tag = "1")]
    pub(crate) block_height: i64,
}

/// `archway.callback.v1.QueryEstimateCallbackFeesResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EstimateCallbackFeesResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) total_fees: Option<Coin>,
    #[prost(message, optional, tag = "2")]
    pub(crate) fee_split: Option<FeeSplit>,
}

/// `archway.callback.v1.QueryCallbacksResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CallbacksResponse {
    #[prost(message, repeated, tag = "1")]
    pub(crate) callbacks: Vec<Callback>,
}

/// `archway.rewards.v1.QueryEstimateTxFeesRequest`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EstimateTxFeesRequest {
    #[prost(uint64, tag = "1")]
    pub(crate) gas_limit: u64,
    #[prost(string, tag = "2")]
    pub(crate) contract_address: String,
}

/// `archway.rewards.v1.QueryEstimateTxFeesResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EstimateTxFeesResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) gas_unit_price: Option<DecCoin>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) estimated_fee: Vec<Coin>,
}
