//! Where JSON documents of several holders differ, and who holds what: for people who wonder why there is no agreement.
//!
//! It only compares; which documents belong together is up to the caller.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

/// Most places reported: beyond it the documents have little in common and a list helps nobody.
pub const MAX_DIFFERENCES: usize = 64;

/// A place where the documents differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference<K> {
    /// JSON Pointer (RFC 6901) of the place; empty for the whole document.
    pub pointer: String,
    /// The values there, the one with the most holders first.
    pub sides: Vec<Side<K>>,
}

/// A value and who holds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side<K> {
    /// The value; `None` if the document has nothing at that place.
    pub value: Option<Value>,
    /// Who holds it, in the order given.
    pub holders: Vec<K>,
}

/// Returns the deepest places that explain how the documents differ, in document order, at most [`MAX_DIFFERENCES`].
///
/// Objects are compared by key, arrays of equal length by index; everything else as a whole.
#[must_use]
pub fn json_differences<K: Clone>(documents: &[(K, Value)]) -> Vec<Difference<K>> {
    let mut found = Vec::new();
    let all: Vec<_> = documents.iter().map(|(holder, value)| (holder, Some(value))).collect();
    compare(String::new(), &all, &mut found);
    found
}

fn compare<K: Clone>(pointer: String, values: &[(&K, Option<&Value>)], found: &mut Vec<Difference<K>>) {
    let Some((_, first)) = values.first() else { return };
    if found.len() >= MAX_DIFFERENCES || values.iter().all(|(_, value)| value == first) {
        return;
    }
    let inner = |step: &dyn Fn(&Value) -> Option<&Value>| -> Vec<(&K, Option<&Value>)> {
        values.iter().map(|(holder, value)| (*holder, value.and_then(step))).collect()
    };
    if values.iter().all(|(_, value)| value.is_some_and(Value::is_object)) {
        let keys: BTreeSet<&String> = values
            .iter()
            .filter_map(|(_, value)| value.and_then(Value::as_object))
            .flat_map(serde_json::Map::keys)
            .collect();
        for key in keys {
            let step = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            compare(step, &inner(&|value| value.get(key)), found);
        }
        return;
    }
    let length = |value: &Option<&Value>| value.and_then(Value::as_array).map(Vec::len);
    if let Some(length) = length(first).filter(|n| values.iter().all(|(_, v)| length(v) == Some(*n))) {
        for i in 0..length {
            compare(format!("{pointer}/{i}"), &inner(&|value| value.get(i)), found);
        }
        return;
    }
    found.push(Difference { pointer, sides: sides(values) });
}

fn sides<K: Clone>(values: &[(&K, Option<&Value>)]) -> Vec<Side<K>> {
    let mut sides: Vec<Side<K>> = Vec::new();
    for (holder, value) in values {
        match sides.iter_mut().find(|side| side.value.as_ref() == *value) {
            Some(side) => side.holders.push((*holder).clone()),
            None => sides.push(Side { value: value.cloned(), holders: vec![(*holder).clone()] }),
        }
    }
    // Stable: among equals, the one seen first stays first.
    sides.sort_by_key(|side| std::cmp::Reverse(side.holders.len()));
    sides
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn side<K>(value: Option<Value>, holders: Vec<K>) -> Side<K> {
        Side { value, holders }
    }

    #[test]
    fn differences_are_shown_where_they_are_with_who_holds_what() {
        let found = json_differences(&[
            ("a", json!({"list": [1, {"b/c~d": 5}], "same": 3})),
            ("b", json!({"list": [1, {"b/c~d": 2}], "same": 3})),
            ("c", json!({"list": [1, {"b/c~d": 2}], "same": 3, "more": null})),
        ]);
        assert_eq!(
            found,
            [
                Difference {
                    pointer: "/list/1/b~1c~0d".into(),
                    sides: vec![side(Some(json!(2)), vec!["b", "c"]), side(Some(json!(5)), vec!["a"])],
                },
                Difference {
                    pointer: "/more".into(),
                    sides: vec![side(None, vec!["a", "b"]), side(Some(Value::Null), vec!["c"])],
                },
            ]
        );
        // The pointer resolves to the value.
        assert_eq!(json!({"list": [1, {"b/c~d": 2}]}).pointer(&found[0].pointer), Some(&json!(2)));
    }

    #[test]
    fn what_has_no_common_form_differs_as_a_whole() {
        for (a, b) in [(json!([1]), json!([1, 2])), (json!({"a": 1}), json!([1])), (json!(1), json!("1"))] {
            let found = json_differences(&[(0, a.clone()), (1, b.clone())]);
            let whole = vec![side(Some(a), vec![0]), side(Some(b), vec![1])];
            assert_eq!(found, [Difference { pointer: String::new(), sides: whole }]);
        }
        assert!(json_differences(&[(0, json!(1)), (4, json!(1))]).is_empty());
        assert!(json_differences::<u8>(&[]).is_empty());
    }

    #[test]
    fn the_list_is_bounded() {
        let document = |n: usize| json!((0..1000).map(|i| i * n).collect::<Vec<_>>());
        assert_eq!(json_differences(&[(1, document(1)), (2, document(2))]).len(), MAX_DIFFERENCES);
    }
}
