//! What is read by way of a tree is what is read without it, for every message and for every mistake in one.

use std::fmt::Debug;

use cosmwasm_std::from_json;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Read;
use crate::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg};

/// The pinned examples of a type.
fn examples(of: &str) -> Vec<Value> {
    let text = include_str!("../../../../tests/vectors/shapes.json");
    let shapes: Value = serde_json::from_str(text).unwrap();
    let found: Vec<_> = shapes[of].as_object().unwrap().values().cloned().collect();
    assert!(!found.is_empty(), "{of}");
    found
}

fn both<T: DeserializeOwned + PartialEq + Debug>(text: &str) -> Result<(), TestCaseError> {
    match (from_json::<T>(text), from_json::<Read<T>>(text)) {
        (Ok(direct), Ok(Read(read))) => prop_assert_eq!(direct, read, "{}", text),
        (Err(_), Err(_)) => {}
        (direct, read) => prop_assert!(false, "{text}: {direct:?} without a tree, {read:?} with one"),
    }
    Ok(())
}

fn message(kind: usize, text: &str) -> Result<(), TestCaseError> {
    match kind {
        0 => both::<ExecuteMsg>(text),
        1 => both::<QueryMsg>(text),
        2 => both::<InstantiateMsg>(text),
        _ => both::<MigrateMsg>(text),
    }
}

/// Whether a message is read, and the words where it is not.
fn read(kind: usize, text: &str) -> Result<(), String> {
    match kind {
        0 => from_json::<Read<ExecuteMsg>>(text).map(|_| ()),
        1 => from_json::<Read<QueryMsg>>(text).map(|_| ()),
        2 => from_json::<Read<InstantiateMsg>>(text).map(|_| ()),
        _ => from_json::<Read<MigrateMsg>>(text).map(|_| ()),
    }
    .map_err(|error| error.to_string())
}

const MESSAGES: [&str; 4] = ["ExecuteMsg", "QueryMsg", "InstantiateMsg", "MigrateMsg"];

#[test]
fn every_message_reads_alike() {
    for (kind, name) in MESSAGES.into_iter().enumerate() {
        for example in examples(name) {
            let text = example.to_string();
            message(kind, &text).unwrap();
            read(kind, &text).unwrap();
        }
    }
}

/// Counts the values in a value, itself among them.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum::<usize>(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// The value of a number in the order of a walk.
fn nth<'a>(value: &'a mut Value, n: &mut usize) -> Option<&'a mut Value> {
    if *n == 0 {
        return Some(value);
    }
    *n -= 1;
    match value {
        Value::Array(list) => list.iter_mut().find_map(|inner| nth(inner, n)),
        Value::Object(fields) => fields.values_mut().find_map(|inner| nth(inner, n)),
        _ => None,
    }
}

/// Makes one mistake, or one change that is none.
fn change(value: &mut Value, how: usize) {
    match (how, value) {
        (0, Value::Object(fields)) => {
            let first = fields.keys().next().cloned();
            first.map(|name| fields.remove(&name));
        }
        (1, Value::Object(fields)) => {
            let last = fields.keys().next_back().cloned();
            last.map(|name| fields.remove(&name));
        }
        (2, value) => *value = json!(1.5),
        (3, value) => *value = Value::Null,
        (4, value) => *value = json!(-1),
        (5, value) => *value = json!(u64::MAX),
        (6, value) => *value = json!("text"),
        (7, value) => *value = json!({}),
        (8, value) => *value = json!([]),
        (9, value) => *value = json!(true),
        (10, Value::String(text)) => text.push_str("\"\\\n\u{e9}"),
        (11, value) => *value = json!([value.clone(), value.clone()]),
        (_, value) => *value = json!(300),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn mistakes_read_alike(
        kind in 0..MESSAGES.len(),
        example in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..13), 1..3),
    ) {
        let examples = examples(MESSAGES[kind]);
        let mut value = example.get(&examples).clone();
        for (at, how) in changes {
            let mut n = at.index(count(&value));
            if let Some(place) = nth(&mut value, &mut n) {
                change(place, how);
            }
        }
        message(kind, &value.to_string())?;
    }
}

/// The schema allows no field that it does not name, anywhere.
#[test]
fn a_field_that_no_type_names_is_refused_wherever_it_stands() {
    for (kind, name) in MESSAGES.into_iter().enumerate() {
        for example in examples(name) {
            for at in 0..count(&example) {
                let mut value = example.clone();
                let Some(Value::Object(fields)) = nth(&mut value, &mut at.clone()) else { continue };
                fields.insert("stranger".to_owned(), json!(1));
                assert!(read(kind, &value.to_string()).is_err(), "{value}");
            }
        }
    }
}

fn refused(text: &str) -> String {
    from_json::<Read<ExecuteMsg>>(text).unwrap_err().to_string()
}

#[test]
fn a_mistake_is_named_with_its_field() {
    for (text, words) in [
        (r#"{"request":{"project":1}}"#, "missing field `input`"),
        (r#"{"request":{"project":1,"input":"1","project":2}}"#, "duplicate field `project`"),
        (r#"{"request":{"project":1,"input":"1","colour":2}}"#, "unknown field `colour`"),
        (r#"{"request":{"project":"1","input":"1"}}"#, "project: takes a whole number"),
        (r#"{"unbond":{"node":4294967296}}"#, "node: a value outside its range"),
        (r#"{"publish":{"publications":[{"request":1}]}}"#, "publications: missing field `attempt`"),
        (r#"{"tock":{}}"#, "unknown variant `tock`"),
        (r#""tick""#, "takes the variant's value"),
        (r#"{"tick":{},"claim":{}}"#, "takes a text or an object of one field"),
        (r#"{"rotate_key":{"node":1,"key":"00","possession":""}}"#, "key: NodeKey: expected 64"),
    ] {
        let error = refused(text);
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_default_takes_the_place_of_what_is_not_there_and_of_nothing_else() {
    let settings = |text: &str| from_json::<Read<crate::Settings>>(text).map(|Read(settings)| settings);
    assert_eq!(settings("{}").unwrap(), crate::Settings::default());
    let some = settings(r#"{"epoch_blocks":7,"denom":"coin"}"#).unwrap();
    assert_eq!((some.epoch_blocks, some.denom.as_str()), (7, "coin"));
    assert_eq!(some.ttl_blocks, crate::Settings::default().ttl_blocks);
    // A rule that lacks its value is a mistake, and not the default rule.
    for policy in [r#"{"rule":"median"}"#, r#"{"rule":{"median":{}}}"#, r#"{"committee":null}"#] {
        assert!(from_json::<Read<crate::Policy>>(policy).is_err(), "{policy}");
    }
}
