//! Requests share a message; everything else keeps its own; refused requests are traced to their items.

use gateway_api::ProjectId;

use super::*;
use crate::outbox::store::NewItem;
use crate::types::RawEvent;

const CONTRACT: &str = "gw";

fn item(msg: &ExecuteMsg, funds: u128, attempts: u32) -> OutboxItem {
    let funds = if funds == 0 { Vec::new() } else { vec![Coin::new(funds, "aarch")] };
    let new = NewItem { key: "k".into(), msg: serde_json::to_vec(msg).unwrap(), funds, reserved_gas: 0 };
    OutboxItem { attempts, ..OutboxItem::queued(1, new) }
}

fn request(project: u64, funds: u128) -> OutboxItem {
    item(&ExecuteMsg::Request(NewRequest::new(ProjectId(project), "1")), funds, 0)
}

fn tick() -> OutboxItem {
    item(&ExecuteMsg::Tick {}, 0, 0)
}

fn refusal(message: &str, index: u32) -> RawEvent {
    let attributes = [
        ("_contract_address", CONTRACT),
        ("index", &index.to_string()),
        ("project", "1"),
        ("reason", "no such project"),
        ("msg_index", message),
    ];
    let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    RawEvent { ty: "wasm-gateway-request-refused".to_owned(), attributes }
}

fn executed(events: Vec<RawEvent>) -> TxEvents {
    TxEvents { hash: String::new(), code: 0, gas_used: 1, gas_wanted: 1, height: 1, index: 0, events }
}

#[test]
fn requests_share_the_message_of_the_first_with_their_coins_together() {
    let items = [tick(), request(1, 5), tick(), request(2, 7), request(3, 0)];
    let layout = Layout::of(&items);
    assert_eq!(
        (layout.items_of(0), layout.items_of(1), layout.items_of(2)),
        (vec![0], vec![1, 3, 4], vec![2])
    );
    assert!(layout.items_of(3).is_empty());
    let requests = [1, 2, 3].map(|id| NewRequest::new(ProjectId(id), "1")).to_vec();
    let shared = serde_json::to_vec(&ExecuteMsg::Requests { requests }).unwrap();
    let expected = [
        Msg::execute("me", CONTRACT, items[0].msg.clone(), &[]),
        Msg::execute("me", CONTRACT, shared, &[Coin::new(12, "aarch")]),
        Msg::execute("me", CONTRACT, items[2].msg.clone(), &[]),
    ];
    assert_eq!(layout.messages(&items, "me", CONTRACT).unwrap(), expected);
}

#[test]
fn a_request_that_is_alone_or_has_failed_before_keeps_its_own_message() {
    let failed = OutboxItem { attempts: 1, ..request(2, 7) };
    let items = [request(1, 5), failed];
    let messages = Layout::of(&items).messages(&items, "me", CONTRACT).unwrap();
    let alone = |at: usize| Msg::execute("me", CONTRACT, items[at].msg.clone(), &items[at].funds);
    assert_eq!(messages, [alone(0), alone(1)]);
}

#[test]
fn more_requests_than_a_message_takes_fill_another() {
    let items = vec![request(1, 1); MAX_REQUESTS + 2];
    let layout = Layout::of(&items);
    assert_eq!((layout.items_of(0).len(), layout.items_of(1).len()), (MAX_REQUESTS, 2));
}

#[test]
fn a_refusal_is_that_of_its_own_message_only() {
    let layout = Layout::of(&[tick(), request(1, 5), request(2, 5)]);
    let refused = |message, index| layout.refused(CONTRACT, &executed(vec![refusal(message, index)]));
    assert_eq!(refused("1", 1), BTreeMap::from([(2, "no such project".to_owned())]));
    assert!(refused("0", 1).is_empty(), "from a callback");
    assert!(refused("1", 9).is_empty());
}
