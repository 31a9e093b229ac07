//! The examples of docs/contract.md are carried out: every message is accepted in a world made for it and emits the
//! events that stand below it, every query is answered as it stands there, and who may send what is what the contract
//! asks. `REGENERATE_VECTORS=1 cargo test -p gateway-contract --test contract docs` writes events and answers anew.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Event;
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::permissions::{needed, Funds, Pause, Sender};
use serde::Serialize;
use serde_json::{json, Value};

use crate::docs_world::{filled_in, sender_of, with_names, world_for, world_for_queries};

fn path() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract.md")
}

fn document() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// The parts of the document: what stands between fences, with the fence's language, and all else.
fn parts(document: &str) -> Vec<(Option<String>, String)> {
    let mut parts = vec![(None, String::new())];
    for line in document.lines() {
        let (fence, text) = parts.last_mut().unwrap();
        match (line.strip_prefix("```json "), fence.is_some()) {
            (Some(kind), _) => parts.push((Some(kind.to_owned()), String::new())),
            (None, true) if line == "```" => parts.push((None, String::new())),
            (None, _) => text.push_str(&format!("{line}\n")),
        }
    }
    parts
}

/// The fenced examples of a kind.
fn examples(kind: &str) -> Vec<String> {
    let fenced = parts(&document()).into_iter().filter(|(fence, _)| fence.as_deref() == Some(kind));
    fenced.map(|(_, text)| text).collect()
}

/// The names of an enum's variants, from its schema.
fn variants<T: cosmwasm_schema::schemars::JsonSchema>() -> BTreeSet<String> {
    let schema = serde_json::to_value(cosmwasm_schema::schema_for!(T)).unwrap();
    let names = schema["oneOf"].as_array().unwrap().iter();
    names.map(|variant| variant["required"][0].as_str().unwrap().to_owned()).collect()
}

fn name(example: &str) -> String {
    let value: Value = serde_json::from_str(example).unwrap();
    value.as_object().unwrap().keys().next().unwrap().clone()
}

#[test]
fn every_message_and_query_has_an_example() {
    let named = |kind| examples(kind).iter().map(|example| name(example)).collect::<BTreeSet<_>>();
    assert_eq!(named("execute"), variants::<ExecuteMsg>());
    assert_eq!(named("query"), variants::<QueryMsg>());
}

/// The event's table: attributes by type, in order.
fn table() -> BTreeMap<String, Vec<String>> {
    let document = document();
    let rows = document.lines().filter(|line| line.starts_with("| `gateway-"));
    rows.map(|row| {
        let mut names = row.split('`').skip(1).step_by(2).map(str::to_owned);
        (names.next().unwrap(), names.collect())
    })
    .collect()
}

/// What a message does in its world.
fn carried_out(example: &str) -> Value {
    let message = name(example);
    let (mut world, funds) = world_for(&message);
    let anybody = world.alice.clone();
    let msg: ExecuteMsg = serde_json::from_str(&filled_in(&world, &anybody, example)).unwrap();
    let sender = sender_of(&world, &message, needed(&msg).0);
    let msg: ExecuteMsg = serde_json::from_str(&filled_in(&world, &sender, example)).unwrap();
    let sent = world.send(&sender, &msg, funds);
    let response = sent.unwrap_or_else(|error| panic!("{message}: {error} (its world is in docs_world.rs)"));
    let table = table();
    let own = |event: &&Event| event.ty.starts_with("wasm-gateway-");
    let events: Vec<_> = response
        .events
        .iter()
        .filter(own)
        .map(|event| {
            let ty = event.ty.trim_start_matches("wasm-");
            let attributes = event.attributes.iter().filter(|a| a.key != "_contract_address");
            let keys: Vec<_> = attributes.clone().map(|a| a.key.clone()).collect();
            assert_eq!(Some(&keys), table.get(ty), "the table's attributes of {ty}");
            let attributes: BTreeMap<_, _> =
                attributes.map(|a| (a.key.as_str(), shortened(&a.value))).collect();
            json!({"type": ty, "attributes": attributes})
        })
        .collect();
    with_names(&world, &events.into())
}

/// A failing contract's error text is long.
fn shortened(text: &str) -> String {
    if text.len() > 70 {
        text.chars().take(20).chain("…".chars()).collect()
    } else {
        text.to_owned()
    }
}

/// The document with what the contract really does in it.
fn rewritten() -> String {
    let world = world_for_queries();
    let mut text = String::new();
    let mut parts = parts(&document()).into_iter().peekable();
    while let Some((kind, part)) = parts.next() {
        let Some(kind) = kind else {
            text.push_str(&part);
            continue;
        };
        text.push_str(&format!("```json {kind}\n{part}```\n"));
        let (result, value) = match kind.as_str() {
            "execute" => ("events", carried_out(&part)),
            "query" => {
                let query: QueryMsg = serde_json::from_str(&filled_in(&world, &world.alice, &part)).unwrap();
                ("answer", with_names(&world, &world.ask::<Value>(&query)))
            }
            // Written below what they belong to.
            _ => continue,
        };
        // Takes the old one away.
        if parts.peek().is_some_and(|(_, between)| between.trim().is_empty()) {
            let between = parts.next();
            match parts.peek() {
                Some((Some(old), _)) if old == result => drop(parts.next()),
                _ => text.push_str(&between.unwrap().1),
            }
        }
        text.push_str(&format!("\n```json {result}\n{}\n```\n", pretty(&value)));
    }
    text
}

fn pretty(value: &Value) -> String {
    let mut bytes = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b" ");
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, format)).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Hashes, seeds and keys are compared by their form: they are made of everything.
fn same(documented: &Value, found: &Value) -> bool {
    let hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (documented, found) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::String(a), Value::String(b)) if hash(a) && hash(b) => true,
        (a, b) => a == b,
    }
}

#[test]
fn every_example_does_what_stands_there() {
    let mut fresh = rewritten();
    if std::env::var_os("REGENERATE_VECTORS").is_some() {
        std::fs::write(path(), &fresh).unwrap();
        fresh = document();
    }
    let (old, new) = (parts(&document()), parts(&fresh));
    let mut executed = 0;
    for ((kind, old), (found, new)) in old.iter().zip(&new) {
        assert_eq!(kind, found, "something is missing near {old}");
        if kind.as_deref().is_some_and(|kind| ["events", "answer"].contains(&kind)) {
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            assert!(same(&read(old), &read(new)), "documented:\n{old}found:\n{new}");
            executed += 1;
        }
    }
    assert_eq!(old.len(), new.len());
    assert_eq!(executed, variants::<ExecuteMsg>().len() + variants::<QueryMsg>().len());
}

/// Every event is in the table, is one, and stands below a message that emits it.
#[test]
fn every_event_is_listed_and_shown() {
    let mut shown = BTreeSet::new();
    for events in examples("events") {
        let events: Value = serde_json::from_str(&events).unwrap();
        shown.extend(
            events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()),
        );
    }
    let table = table();
    // No example shows them: the simulated bank refuses no transfer (refund.rs does it by hand), a change of engine waits
    // where nobody is ready (engines.rs), and a tick is reserved by
    // the chain's own module (keepers.rs).
    shown.extend(
        ["gateway-refund-credited", "gateway-tick-reserved", "gateway-engine-postponed"].map(str::to_owned),
    );
    assert_eq!(shown, table.keys().cloned().collect());
    for ty in table.keys() {
        // A known type without its attributes is an error; an unknown one is none.
        let attributes = [("_contract_address", "c")];
        let decoded = GatewayEvent::decode("c", &format!("wasm-{ty}"), &attributes);
        assert!(decoded.is_err(), "{ty} is no event");
    }
    assert_eq!(table.len(), GatewayEvent::TYPES.len());
}

/// The sentence above each message says who may send it, whether it takes funds and whether a pause stops it.
#[test]
fn who_may_send_it_is_what_the_contract_asks() {
    let world = world_for_queries();
    let parts = parts(&document());
    for (before, (kind, example)) in parts.iter().zip(&parts[1..]) {
        if kind.as_deref() != Some("execute") {
            continue;
        }
        let msg: ExecuteMsg =
            serde_json::from_str(&filled_in(&world, &world.alice, &drawn(example))).unwrap();
        let (sender, funds, pause) = needed(&msg);
        let who = match sender {
            Sender::Any => "Anybody",
            Sender::Admin => "The admin",
            Sender::Guardian => "The guardian or the admin",
            Sender::Requester(_) => "The requester",
            Sender::SubscriptionOwner(_) => "The subscription's owner",
            Sender::ScheduleOwner(_) => "The schedule's owner",
            Sender::ProjectOwner(_) => "The project's owner",
            Sender::NodeOperator(_) => "The node's operator",
            Sender::NodeDaemon(_) => "The node's operator or its daemon",
            Sender::NextOperator(_) => "Whom the node was offered to",
            Sender::NextAdmin => "Whom the office was offered to",
            Sender::NextOwner(_) => "Whom the project was offered to",
        };
        let funds = if funds == Funds::Taken { "funds" } else { "no funds" };
        let pause = match pause {
            Pause::Stops => ", and is refused while the contract is paused.",
            Pause::Halts => ", and is refused while results are halted.",
            Pause::Passes => ".",
        };
        let sentence = format!("{who} may send it. It takes {funds}{pause}");
        assert!(before.1.contains(&sentence), "{example}: {sentence}");
    }
}

/// Proofs need not be made where nobody looks at them.
fn drawn(example: &str) -> String {
    let mut text = example.to_owned();
    for (name, value) in
        [("<PROOF", "AAAA"), ("<ROUND TICKET", "AAAA"), ("<TICKET", "AAAA"), ("<COMMIT", &"0".repeat(64))]
    {
        while let Some(start) = text.find(name) {
            let end = start + text[start..].find('>').unwrap();
            text.replace_range(start..=end, value);
        }
    }
    text
}
