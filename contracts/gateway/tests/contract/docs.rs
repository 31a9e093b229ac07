//! The examples of docs/contract.md: complete, read by the contract, and the queries answered.

use crate::world::{policy, World};
use gateway_api::*;
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../../../docs/contract.md");

/// The fenced examples of a kind.
fn examples(kind: &str) -> Vec<String> {
    let fence = format!("```json {kind}\n");
    DOCUMENT.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

/// The names of an enum's variants, from its schema.
fn variants<T: cosmwasm_schema::schemars::JsonSchema>() -> BTreeSet<String> {
    let schema = serde_json::to_value(cosmwasm_schema::schema_for!(T)).unwrap();
    let names = schema["oneOf"].as_array().unwrap().iter();
    names.map(|variant| variant["required"][0].as_str().unwrap().to_owned()).collect()
}

fn name(example: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(example).unwrap();
    value.as_object().unwrap().keys().next().unwrap().clone()
}

#[test]
fn every_message_and_query_has_an_example() {
    let named = |kind| examples(kind).iter().map(|example| name(example)).collect::<BTreeSet<_>>();
    assert_eq!(named("execute"), variants::<ExecuteMsg>());
    assert_eq!(named("query"), variants::<QueryMsg>());
}

#[test]
fn every_message_reads_as_one() {
    for example in examples("execute") {
        let read = serde_json::from_str::<ExecuteMsg>(&example);
        assert!(read.is_ok(), "{example}: {read:?}");
    }
}

#[test]
fn every_query_is_answered() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    let key = world.ask::<NodeResponse>(&QueryMsg::Node { node: NodeId(1) }).key.to_string();
    for example in examples("query") {
        let example = example.replace("<KEY>", &key).replace("<ADDRESS>", world.alice.as_str());
        let msg: QueryMsg = serde_json::from_str(&example).unwrap_or_else(|e| panic!("{example}: {e}"));
        let answer: serde_json::Value = world.ask(&msg);
        assert!(answer.is_object(), "{example}");
    }
}

#[test]
fn every_event_is_listed() {
    let mut found = 0;
    for line in DOCUMENT.lines().filter(|line| line.starts_with("| `gateway-")) {
        let ty = line.split('`').nth(1).unwrap();
        // A known type without its attributes is an error; an unknown one is none.
        let attributes = [("_contract_address", "c")];
        let decoded = gateway_api::events::GatewayEvent::decode("c", &format!("wasm-{ty}"), &attributes);
        assert!(decoded.is_err(), "{ty} is no event");
        found += 1;
    }
    let declared = include_str!("../../../../packages/api/src/events.rs").matches(" = \"gateway-").count();
    assert_eq!(found, declared);
}
