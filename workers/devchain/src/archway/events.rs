//! Events of x/callback. They are typed: each value is the JSON of a protobuf field, quoted if it is text or 64 bits wide.

use serde_json::json;

use super::messages::{Callback, FeeSplit};
use crate::event::Event;

fn text(value: impl ToString) -> String {
    json!(value.to_string()).to_string()
}

fn typed(name: &str, mut attributes: Vec<(&str, String)>) -> Event {
    attributes.sort();
    attributes
        .into_iter()
        .fold(Event::new(format!("archway.callback.v1.{name}")), |event, (key, value)| event.with(key, value))
}

/// Returns the event of a reserved callback.
pub(super) fn registered(callback: &Callback) -> Event {
    typed(
        "CallbackRegisteredEvent",
        vec![
            ("contract_address", text(&callback.contract_address)),
            ("job_id", text(callback.job_id)),
            ("callback_height", text(callback.callback_height)),
            ("fee_split", split_json(&callback.fee_split.clone().unwrap_or_default()).to_string()),
            ("reserved_by", text(&callback.reserved_by)),
        ],
    )
}

/// Returns the event of an executed callback.
pub(super) fn succeeded(callback: &Callback, msg: &str, used: u64) -> Event {
    typed("CallbackExecutedSuccessEvent", execution(callback, msg, used))
}

/// Returns the event of a callback that was executed and failed.
pub(super) fn failed(callback: &Callback, msg: &str, used: u64, error: &str) -> Event {
    let mut attributes = execution(callback, msg, used);
    attributes.push(("error", text(error)));
    typed("CallbackExecutedFailedEvent", attributes)
}

fn execution(callback: &Callback, msg: &str, used: u64) -> Vec<(&'static str, String)> {
    vec![
        ("contract_address", text(&callback.contract_address)),
        ("job_id", text(callback.job_id)),
        ("sudo_msg", text(msg)),
        ("gas_used", text(used)),
    ]
}

/// Returns the parts of a fee in protobuf's JSON form.
pub(super) fn split_json(split: &FeeSplit) -> serde_json::Value {
    let coin = |coin: &Option<cosmrs::proto::cosmos::base::v1beta1::Coin>| {
        coin.as_ref().map(|coin| json!({ "denom": coin.denom, "amount": coin.amount }))
    };
    json!({
        "transaction_fees": coin(&split.transaction_fees),
        "block_reservation_fees": coin(&split.block_reservation_fees),
        "future_reservation_fees": coin(&split.future_reservation_fees),
        "surplus_fees": coin(&split.surplus_fees),
    })
}
