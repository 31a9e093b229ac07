//! The query language of `subscribe` and `tx_search`: conditions joined by AND over event attributes.

use std::collections::BTreeMap;

use tendermint::abci;
use thiserror::Error;

/// Attribute values by composite key, such as `wasm._contract_address`.
pub(crate) type Attributes = BTreeMap<String, Vec<String>>;

/// Why a query could not be parsed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("failed to parse query: {0}")]
pub(crate) struct QueryError(String);

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Lt,
    Lte,
    Gt,
    Gte,
    Contains,
    Exists,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) key: String,
    pub(crate) op: Op,
    /// Without quotes. Empty for `EXISTS`.
    pub(crate) value: String,
    quoted: bool,
}

/// A query: all conditions must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) conditions: Vec<Condition>,
}

impl Query {
    /// Parses a query.
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        let mut rest = text.trim();
        let mut conditions = Vec::new();
        while !rest.is_empty() {
            let (condition, after) = condition(rest)?;
            conditions.push(condition);
            rest = after.trim_start();
            if rest.is_empty() {
                return Ok(Self { conditions });
            }
            rest = rest
                .strip_prefix("AND ")
                .ok_or_else(|| QueryError(format!("expected AND before '{rest}'")))?
                .trim_start();
        }
        Err(QueryError("a condition is missing".to_owned()))
    }

    /// Returns whether the attributes meet every condition.
    pub(crate) fn matches(&self, attributes: &Attributes) -> bool {
        self.conditions.iter().all(|condition| {
            attributes
                .get(&condition.key)
                .is_some_and(|values| values.iter().any(|value| condition.holds(value)))
        })
    }
}

impl Condition {
    fn holds(&self, value: &str) -> bool {
        match self.op {
            Op::Exists => true,
            Op::Contains => value.contains(&self.value),
            Op::Eq if self.quoted => value == self.value,
            op => {
                let (Some(have), Some(want)) = (leading_number(value), leading_number(&self.value)) else {
                    return false;
                };
                match op {
                    Op::Lt => have < want,
                    Op::Lte => have <= want,
                    Op::Gt => have > want,
                    Op::Gte => have >= want,
                    _ => have == want,
                }
            }
        }
    }
}

/// Returns the integer that a text starts with, as in `25aarch`.
fn leading_number(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number: i128 = digits.get(..end)?.parse().ok()?;
    Some(if digits.len() == text.len() { number } else { -number })
}

fn condition(text: &str) -> Result<(Condition, &str), QueryError> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || "._-/:".contains(c)))
        .ok_or_else(|| QueryError(format!("'{text}' compares nothing")))?;
    let (key, rest) = text.split_at(end);
    if key.is_empty() {
        return Err(QueryError(format!("a key was expected before '{text}'")));
    }
    let rest = rest.trim_start();
    let operators = [
        ("<=", Op::Lte),
        (">=", Op::Gte),
        ("<", Op::Lt),
        (">", Op::Gt),
        ("=", Op::Eq),
        ("CONTAINS ", Op::Contains),
        ("EXISTS", Op::Exists),
    ];
    let (op, rest) = operators
        .iter()
        .find_map(|(sign, op)| rest.strip_prefix(sign).map(|rest| (*op, rest.trim_start())))
        .ok_or_else(|| QueryError(format!("an operator was expected at '{rest}'")))?;
    let key = key.to_owned();
    if op == Op::Exists {
        return Ok((Condition { key, op, value: String::new(), quoted: false }, rest));
    }
    if let Some(inside) = rest.strip_prefix('\'') {
        let (value, rest) =
            inside.split_once('\'').ok_or_else(|| QueryError("a quote is not closed".to_owned()))?;
        return Ok((Condition { key, op, value: value.to_owned(), quoted: true }, rest));
    }
    let end = rest.find(' ').unwrap_or(rest.len());
    let (value, rest) = rest.split_at(end);
    if leading_number(value).is_none() || op == Op::Contains {
        return Err(QueryError(format!("'{value}' is neither quoted nor a number")));
    }
    Ok((Condition { key, op, value: value.to_owned(), quoted: false }, rest))
}

/// Adds the attributes of events to a map that may already hold others.
pub(crate) fn collect(events: &[abci::Event], into: &mut Attributes) {
    for event in events {
        for attribute in &event.attributes {
            if let (Ok(key), Ok(value)) = (attribute.key_str(), attribute.value_str()) {
                into.entry(format!("{}.{key}", event.kind)).or_default().push(value.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes() -> Attributes {
        let mut map = Attributes::new();
        map.insert("tx.height".into(), vec!["12".into()]);
        map.insert("transfer.amount".into(), vec!["5aarch".into(), "70aarch".into()]);
        map.insert("wasm-gateway/v1._contract_address".into(), vec!["archway1x".into()]);
        map
    }

    #[test]
    fn every_condition_must_hold_for_some_value() {
        for (query, expected) in [
            ("tx.height=12", true),
            ("tx.height = 12 AND tx.height > 11 AND tx.height<=12", true),
            ("tx.height > 12", false),
            ("transfer.amount >= 70", true),
            ("transfer.amount = '5aarch'", true),
            ("transfer.amount = '5'", false),
            ("transfer.amount CONTAINS 'arch'", true),
            ("wasm-gateway/v1._contract_address='archway1x'", true),
            ("tx.height = 12 AND missing EXISTS", false),
            ("transfer.amount EXISTS AND tx.height = 12", true),
        ] {
            assert_eq!(Query::parse(query).unwrap().matches(&attributes()), expected, "{query}");
        }
    }

    #[test]
    fn what_is_not_a_query_is_refused() {
        for query in ["", "tx.height", "tx.height = abc", "a = 'b", "a = 'b' OR c = 1", "a = 1 AND", "= 1"] {
            assert!(Query::parse(query).is_err(), "{query}");
        }
    }
}
