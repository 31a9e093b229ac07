//! Takes the decimals out of an object at the paths of the rule `median_fields`, and puts others in their place. Works on the
//! text: what stands around the decimals is compared byte for byte, so that nothing else of the object needs to be understood.

use std::ops::Range;

use gateway_api::MedianField;
use thiserror::Error;

use crate::Decimal;

/// A text of which no median can be taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FieldError {
    /// There is nothing at a path.
    #[error("there is no value at {0}")]
    Missing(String),
    /// What is there is not a decimal.
    #[error("the value at {0} is not a decimal of at most 64 bytes in its shortest form")]
    NotADecimal(String),
}

/// An object taken apart: the decimals at the paths, and the text around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValues {
    /// The text before, between and after the decimals: one piece more than there are decimals. Quotes belong to it.
    around: Vec<String>,
    /// The decimals in the order in which they stand, each with the position of its field in the rule.
    decimals: Vec<(usize, Decimal)>,
}

impl FieldValues {
    /// Takes a canonical JSON text apart. A text that is not canonical is read as far as the paths need, or refused.
    ///
    /// # Errors
    /// [`FieldError`] for the first path, in the rule's order, where no decimal stands.
    pub fn of(text: &str, fields: &[MedianField]) -> Result<Self, FieldError> {
        let mut spans = Vec::with_capacity(fields.len());
        for (at, MedianField { path, .. }) in fields.iter().enumerate() {
            let span = find(text, path).ok_or_else(|| FieldError::Missing(path.clone()))?;
            let value = text.get(span.clone()).unwrap_or_default();
            // A number, or a text for more digits than a number keeps.
            let quoted = value.len() > 1 && value.starts_with('"');
            let span = if quoted { span.start + 1..span.end - 1 } else { span };
            let decimal = text.get(span.clone()).and_then(|text| text.parse().ok());
            spans.push((span, at, decimal.ok_or_else(|| FieldError::NotADecimal(path.clone()))?));
        }
        spans.sort_by_key(|(span, ..)| span.start);
        let (mut around, mut decimals, mut end) = (Vec::new(), Vec::new(), 0);
        for (span, at, decimal) in spans {
            // Two paths may lead to one place only in a rule that no policy can have.
            let before = text.get(end..span.start);
            let path = || fields.get(at).map_or_else(String::new, |field| field.path.clone());
            around.push(before.ok_or_else(|| FieldError::NotADecimal(path()))?.to_owned());
            decimals.push((at, decimal));
            end = span.end;
        }
        around.push(text.get(end..).unwrap_or_default().to_owned());
        Ok(Self { around, decimals })
    }

    /// Returns the text around the decimals: objects with equal ones differ in the decimals alone.
    #[must_use]
    pub fn around(&self) -> &[String] {
        &self.around
    }

    /// Returns the decimals in the order in which they stand.
    pub fn decimals(&self) -> impl Iterator<Item = &Decimal> {
        self.decimals.iter().map(|(_, decimal)| decimal)
    }

    /// Whether each decimal is within its field's tolerance of the median in its place, and all else is equal.
    pub(crate) fn agrees_with(&self, fields: &[MedianField], medians: &Self) -> bool {
        let near = |((at, value), median): (&(usize, Decimal), &Decimal)| {
            value.agrees_with(median, fields.get(*at).map_or(0, |field| field.tolerance_bps))
        };
        self.around == medians.around && self.decimals.iter().zip(medians.decimals()).all(near)
    }

    /// Returns the object with other decimals in the place of its own, in the order in which they stand.
    #[must_use]
    pub fn with(&self, decimals: Vec<Decimal>) -> Self {
        let decimals = self.decimals.iter().zip(decimals).map(|((at, _), decimal)| (*at, decimal)).collect();
        Self { around: self.around.clone(), decimals }
    }

    /// Returns the text of the object.
    #[must_use]
    pub fn text(&self) -> String {
        let mut pieces = self.around.iter();
        let mut text = pieces.next().cloned().unwrap_or_default();
        for (decimal, piece) in self.decimals().zip(pieces) {
            text.push_str(decimal.as_str());
            text.push_str(piece);
        }
        text
    }
}

/// Where the value at a path stands.
fn find(text: &str, path: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut value = 0..bytes.len();
    for key in path.split('/').skip(1) {
        value = member(bytes, value.start, key.as_bytes())?;
    }
    Some(value)
}

/// Where the member of a name stands in the object that begins at a position, or that of an index in an array.
fn member(bytes: &[u8], start: usize, key: &[u8]) -> Option<Range<usize>> {
    let object = match bytes.get(start)? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    let mut at = start + 1;
    let mut index = 0u32;
    loop {
        let found = if object {
            let end = end_of_text(bytes, at)?;
            let name = bytes.get(at + 1..end - 1)?;
            at = end + 1;
            bytes.get(end).filter(|byte| **byte == b':')?;
            name == key
        } else {
            index.to_string().as_bytes() == key
        };
        let end = end_of_value(bytes, at)?;
        if found {
            return Some(at..end);
        }
        bytes.get(end).filter(|byte| **byte == b',')?;
        (at, index) = (end + 1, index + 1);
    }
}

/// Where a value ends that begins at a position.
fn end_of_value(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => end_of_text(bytes, start),
        b'{' | b'[' => {
            let (mut at, mut depth) = (start, 0u32);
            loop {
                at = match bytes.get(at)? {
                    b'"' => end_of_text(bytes, at)?,
                    b'{' | b'[' => {
                        depth += 1;
                        at + 1
                    }
                    b'}' | b']' => {
                        depth -= 1;
                        at + 1
                    }
                    _ => at + 1,
                };
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => {
            let rest = bytes.get(start..)?;
            let length = rest.iter().position(|byte| b",}]".contains(byte)).unwrap_or(rest.len());
            (length > 0).then_some(start + length)
        }
    }
}

/// Where a text ends, behind its closing quote.
fn end_of_text(bytes: &[u8], start: usize) -> Option<usize> {
    bytes.get(start).filter(|byte| **byte == b'"')?;
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn fields(paths: &[&str]) -> Vec<MedianField> {
        paths.iter().map(|path| MedianField { path: (*path).to_owned(), tolerance_bps: 0 }).collect()
    }

    fn taken(text: &str, paths: &[&str]) -> Result<Vec<String>, FieldError> {
        FieldValues::of(text, &fields(paths)).map(|of| of.decimals().map(Decimal::to_string).collect())
    }

    #[test]
    fn decimals_are_found_at_their_paths_in_the_order_in_which_they_stand() {
        let text = r#"{"a":{"b":[10,{"c":-1.5},"x,]}"]},"d":"2.25","e":3,"f\"":"{","z":7}"#;
        let found = taken(text, &["/z", "/a/b/1/c", "/d", "/a/b/0", "/e"]).unwrap();
        assert_eq!(found, ["10", "-1.5", "2.25", "3", "7"]);
        let apart = FieldValues::of(text, &fields(&["/e", "/d"])).unwrap();
        assert_eq!(apart.around().len(), 3);
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let other = apart.with(vec![decimal("9"), decimal("-8.5")]).text();
        assert_eq!(other, text.replace("2.25", "9").replace("\"e\":3", "\"e\":-8.5"));
    }

    #[test]
    fn what_is_missing_or_no_decimal_is_named() {
        let text = r#"{"a":"x","b":1e+21,"c":null,"d":{"e":1},"f":[],"g":true}"#;
        for path in ["/h", "/a/b", "/d/f", "/f/0", "/d/e/f", "/b/0"] {
            assert_eq!(taken(text, &[path]), Err(FieldError::Missing(path.to_owned())), "{path}");
        }
        for path in ["/a", "/b", "/c", "/d", "/f", "/g"] {
            assert_eq!(taken(text, &[path]), Err(FieldError::NotADecimal(path.to_owned())), "{path}");
        }
        for text in
            ["", "7", "{", "{}", "[", "\"", "{\"h\"", "{\"h\":", "{\"h\"}", "{ \"h\":1}", "{\"h\":\"", "}"]
        {
            assert!(taken(text, &["/h"]).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_to_one_place_are_refused() {
        assert!(taken("{\"a\":1}", &["/a", "/a"]).is_err());
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-1000i32..1000).prop_map(Value::from),
            "[ -~]{0,6}".prop_map(Value::from),
            (0u32..1000, 1u32..9).prop_map(|(whole, part)| Value::from(format!("{whole}.{part}"))),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-d]|\"|\\\\", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// As the pointers of a JSON library find values, and what is taken out goes back in.
        #[test]
        fn like_json_pointers(value in json(), path in "(/[a-d0-2]){1,3}") {
            let text = value.to_string();
            let found = taken(&text, &[&path]);
            let there = value.pointer(&path);
            match (&found, there) {
                (Err(FieldError::Missing(_)), None) => {}
                (Err(FieldError::NotADecimal(_)), Some(_)) => {}
                (Ok(decimals), Some(there)) => {
                    let shown = there.as_str().map_or_else(|| there.to_string(), str::to_owned);
                    prop_assert_eq!(&decimals[0], &shown);
                    let apart = FieldValues::of(&text, &fields(&[&path])).unwrap();
                    let own: Vec<Decimal> = apart.decimals().cloned().collect();
                    prop_assert_eq!(apart.with(own).text(), text);
                }
                _ => prop_assert!(false, "{text} {path}: {found:?}"),
            }
            if let (Err(FieldError::NotADecimal(_)), Some(there)) = (&found, there) {
                let shown = there.as_str().map_or_else(|| there.to_string(), str::to_owned);
                prop_assert!(shown.parse::<Decimal>().is_err());
            }
        }

        /// No text makes the reader panic.
        #[test]
        fn any_text_is_read_or_refused(text in "[{}\\[\\]\",:0-9a\\\\.-]{0,24}|\\PC{0,12}") {
            let _ = taken(&text, &["/a/0", "/a", "/0"]);
            let _ = taken(&text, &["/a"]);
        }
    }
}
