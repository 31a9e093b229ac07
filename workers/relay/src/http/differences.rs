//! Where the attested values differ, field by field and by node: the reason for missing agreement. Pure.

use std::collections::BTreeMap;

use gateway_api::{BodyHash, OutcomeClass};
use gateway_daemon_runtime::{Side, json_differences};
use gateway_store::AttestationRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most values compared, those attested by most nodes first: a longer list helps nobody.
const VALUES: usize = 8;
/// Bytes of all values compared: showing a request must stay cheap.
const BYTES: usize = 256 << 10;
/// Characters shown per value.
const SHOWN: usize = 200;

/// A place where attested values differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DifferenceView {
    /// JSON Pointer (RFC 6901) of the place; empty for the whole value.
    pub pointer: String,
    /// A value found there, and the nodes that attested it.
    pub sides: Vec<SideView>,
}

/// What stands at a place for some of the nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SideView {
    /// JSON text, cut after 200 characters; absent where the value has nothing at that place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The nodes that attest it.
    pub nodes: Vec<u32>,
}

/// Returns the differences between the attested values; none if there are fewer than two.
pub(super) fn differences(votes: &[AttestationRow]) -> Vec<DifferenceView> {
    let mut values: BTreeMap<BodyHash, (&str, Vec<u32>)> = BTreeMap::new();
    // Errors differ by their class, which is shown with each node; a body not kept in the row is too large to show.
    for vote in votes.iter().filter(|vote| vote.class == OutcomeClass::Ok && !vote.body.is_empty()) {
        values.entry(vote.digest).or_insert((&vote.body, Vec::new())).1.push(vote.node.get());
    }
    let mut values: Vec<_> = values.into_values().collect();
    values.sort_by_key(|(_, nodes)| std::cmp::Reverse(nodes.len()));
    let mut left = BYTES;
    let documents: Vec<(Vec<u32>, Value)> = values
        .into_iter()
        .take(VALUES)
        .map_while(|(text, nodes)| {
            left = left.checked_sub(text.len())?;
            Some((nodes, serde_json::from_str(text).ok()?))
        })
        .collect();
    json_differences(&documents)
        .into_iter()
        .map(|difference| DifferenceView {
            pointer: difference.pointer,
            sides: difference.sides.into_iter().map(side).collect(),
        })
        .collect()
}

fn side(Side { value, holders }: Side<Vec<u32>>) -> SideView {
    let mut nodes: Vec<u32> = holders.into_iter().flatten().collect();
    nodes.sort_unstable();
    SideView { text: value.map(|value| cut(&value.to_string())), nodes }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{EngineId, NodeId, RequestId};
    use gateway_protocol::body_digest;

    use super::*;

    fn vote(node: u32, class: OutcomeClass, body: &str) -> AttestationRow {
        let digest = body_digest(body);
        AttestationRow {
            request: RequestId(1),
            node: NodeId(node),
            operator: format!("op{node}"),
            engine: EngineId([1; 32]),
            class,
            outcome: format!("{class}:{body}"),
            digest: digest.sha256,
            size: digest.size,
            body: body.to_owned(),
            value: None,
            proof: vec![0; 160],
            seats: [1; 3],
        }
    }

    fn ok(node: u32, body: &str) -> AttestationRow {
        vote(node, OutcomeClass::Ok, body)
    }

    fn view(pointer: &str, sides: &[(Option<&str>, &[u32])]) -> DifferenceView {
        let sides = sides
            .iter()
            .map(|(text, nodes)| SideView { text: text.map(str::to_owned), nodes: nodes.to_vec() });
        DifferenceView { pointer: pointer.to_owned(), sides: sides.collect() }
    }

    #[test]
    fn each_field_that_differs_is_shown_with_its_nodes() {
        let votes = [
            ok(1, r#"{"price":{"eur":5},"time":7}"#),
            ok(2, r#"{"price":{"eur":6},"time":7}"#),
            ok(3, r#"{"price":{"eur":5},"time":7}"#),
            ok(4, r#"{"price":{"eur":5}}"#),
            vote(5, OutcomeClass::JsThrow, r#"{"message":"no"}"#),
        ];
        let expected = [
            view("/price/eur", &[(Some("5"), &[1, 3, 4]), (Some("6"), &[2])]),
            view("/time", &[(Some("7"), &[1, 2, 3]), (None, &[4])]),
        ];
        let mut found = differences(&votes);
        // Sides are ordered by value, not by node: values with equally many nodes keep the order in which they were seen.
        for difference in &mut found {
            difference.sides.sort_by_key(|side| std::cmp::Reverse(side.nodes.len()));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn one_value_or_none_differs_from_nothing() {
        assert_eq!(differences(&[]), []);
        assert_eq!(differences(&[ok(1, "5"), ok(2, "5"), vote(3, OutcomeClass::JsThrow, "{}")]), []);
        // Bodies that the row does not hold.
        assert_eq!(differences(&[ok(1, ""), ok(2, "5")]), []);
    }

    #[test]
    fn the_comparison_is_bounded() {
        let long = |letter: &str| format!("\"{}\"", letter.repeat(1000));
        let found = differences(&[ok(1, &long("a")), ok(2, &long("ä"))]);
        let shown: Vec<usize> = found[0]
            .sides
            .iter()
            .filter_map(|side| side.text.as_ref())
            .map(|text| text.chars().count())
            .collect();
        assert_eq!(shown, [SHOWN + 1; 2]);
        let many: Vec<_> = (0..50).map(|node| ok(node, &node.to_string())).collect();
        assert_eq!(differences(&many)[0].sides.len(), VALUES);
        let large: Vec<_> =
            (0..5u32).map(|node| ok(node, &format!("\"{}{node}\"", "x".repeat(60_000)))).collect();
        assert_eq!(differences(&large)[0].sides.len(), 4);
    }
}
